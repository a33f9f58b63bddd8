package plots

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars draws a horizontal bar for each way of calling, in the order given, on
// a logarithmic axis; and below it, where the reference has the same chunk
// size, the reference's bar. Beside each bar stand its time and how many times
// longer it took than the serial loop on the same machine.
func Bars(ms []Measurement, refs ...Reference) *Figure {
	const title = "Time of one map, by way of calling"
	ms = timed(ms)
	if len(ms) == 0 {
		return empty("no measurement has a time")
	}
	d := barPlot{ways: ms}
	f := &Figure{title: title, height: 58 + 48*vg.Length(len(ms))}
	f.legend = append(f.legend, entry{"measured here (× serial)", swatch(measured)})
	for _, ref := range refs {
		d.refs = append(d.refs, timed(ref.Measurements)...)
		f.legend = append(f.legend, entry{ref.Name + " (× its serial)", swatch(reference)})
	}
	f.build = d.plot
	return f
}

// barPlot draws the data of [Bars].
type barPlot struct{ ways, refs []Measurement }

func (d barPlot) plot() *plot.Plot {
	p := newPlot()
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = decades(decadeTime)
	low, high := math.Inf(1), 0.0
	shown := slices.Concat(d.ways, d.refs)
	for _, m := range shown {
		low, high = min(low, m.Time.Seconds()), max(high, m.Time.Seconds())
	}
	p.X.Min = math.Pow(10, math.Floor(math.Log10(low*0.5)))
	p.X.Max = high

	names := vg.Length(0)
	for _, m := range d.ways {
		names = max(names, labelText.Width(shortened(m.Name)))
	}
	// The axis ends where the text beside each bar has its room.
	room := max(width-names-2*margin-10, width/3)
	for _, m := range shown {
		p.X.Max = max(p.X.Max, endOfAxis(p.X.Min, m.Time.Seconds(), pointText(m), room))
	}
	setRows(p, len(d.ways), func(i int) string { return d.ways[i].Name })
	p.Add(grid{vertical: true}, d)
	return p
}

// Plot implements [plot.Plotter].
func (d barPlot) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	row := toY(1) - toY(0)
	bar := func(m Measurement, color color.Color, y, thickness vg.Length) {
		x := toX(m.Time.Seconds())
		fillBar(c, color, c.Min.X, x, y, thickness)
		write(c, color, vg.Point{X: x + labelGap, Y: y}, pointText(m))
	}
	for i, m := range d.ways {
		y := toY(float64(-i))
		if ref, ok := find(d.refs, m.Chunk); ok && m.Chunk != Default {
			bar(m, measured, y+row*0.19, row*0.34)
			bar(ref, reference, y-row*0.19, row*0.34)
		} else {
			bar(m, measured, y, row*0.34)
		}
	}
}
