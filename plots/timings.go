package plots

import (
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Timing is what one of several systems took for the same task.
type Timing struct {
	// Name is the system's.
	Name string
	// Time is the median. A timing without one is not drawn.
	Time time.Duration
	// Low and High are the ends of an interval around it, such as that of 95 %; zero
	// where none is known.
	Low, High time.Duration
	// Ours marks the one with which the others are compared.
	Ours bool
}

// Timings draws a bar for each system, in the order given, on a logarithmic axis,
// with its interval, and beside it its time and how many times longer than ours it took.
func Timings(title string, ts []Timing) *Figure {
	var d timingPlot
	for _, t := range ts {
		if t.Time > 0 {
			d = append(d, t)
		}
	}
	if len(d) == 0 {
		return empty("no system has a time")
	}
	return &Figure{title: title, height: 62 + 24*vg.Length(len(d)), build: d.plot}
}

// timingPlot draws the data of [Timings].
type timingPlot []Timing

// text is what stands beside a bar.
func (d timingPlot) text(t Timing) string {
	text := formatTime(t.Time)
	for _, own := range d {
		if own.Ours && !t.Ours {
			return text + " (" + formatRatio(float64(t.Time)/float64(own.Time)) + ")"
		}
	}
	return text
}

func (d timingPlot) plot() *plot.Plot {
	p := newPlot()
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = decades(decadeTime)
	low, names := math.Inf(1), vg.Length(0)
	for _, t := range d {
		names = max(names, labelText.Width(shortened(t.Name)))
		low = min(low, t.Time.Seconds())
		if t.Low > 0 {
			low = min(low, t.Low.Seconds())
		}
	}
	p.X.Min = math.Pow(10, math.Floor(math.Log10(low*0.8)))
	p.X.Max = p.X.Min * 10
	room := max(width-names-2*margin-10, width/3)
	for _, t := range d {
		p.X.Max = max(p.X.Max, endOfAxis(p.X.Min, max(t.Time, t.High).Seconds(), d.text(t), room))
	}
	setRows(p, len(d), func(i int) string { return d[i].Name })
	p.Add(grid{vertical: true}, d)
	return p
}

// Plot implements [plot.Plotter].
func (d timingPlot) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for i, t := range d {
		y, colour := toY(float64(-i)), reference
		if t.Ours {
			colour = measured
		}
		fillBar(c, colour, c.Min.X, toX(t.Time.Seconds()), y, 12)
		if t.Low > 0 && t.High > 0 {
			line := draw.LineStyle{Color: ink, Width: 0.9}
			from, to := toX(t.Low.Seconds()), toX(t.High.Seconds())
			c.StrokeLine2(line, from, y, to, y)
			c.StrokeLine2(line, from, y-3, from, y+3)
			c.StrokeLine2(line, to, y-3, to, y+3)
		}
		write(c, ink, vg.Point{X: toX(max(t.Time, t.High).Seconds()) + labelGap, Y: y}, d.text(t))
	}
}
