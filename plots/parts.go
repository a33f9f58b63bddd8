package plots

import (
	"fmt"
	"image/color"
	"strconv"

	"github.com/goparallel/goparallel/parallel"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Call is an explanation under the name that a figure gives it.
type Call struct {
	// Name is how a person would call this way of calling: "one item per message".
	Name string
	// Explanation is what the call has cost.
	Explanation parallel.Explanation
}

// Parts draws a bar for each call, in the order given, which shows where the time
// of its workers went: running the function, encoding and decoding, on the wire, waiting at an
// engine, or idle. Beside each bar stands how long the call took.
func Parts(calls ...Call) *Figure {
	var d partPlot
	for _, c := range calls {
		if total(c.Explanation) > 0 {
			d = append(d, c)
		}
	}
	if len(d) == 0 {
		return empty("no call has run anything")
	}
	f := &Figure{title: "Where the time of the workers went", height: 84 + 30*vg.Length(len(d)), build: d.plot}
	for _, p := range d[0].Explanation.Parts() {
		f.legend = append(f.legend, entry{p.Name, smallSwatch(colourOf(p.Name))})
	}
	return f
}

// total is the time that a call's parts divide.
func total(e parallel.Explanation) (sum float64) {
	for _, p := range e.Parts() {
		sum += p.Time.Seconds()
	}
	return sum
}

// colourOf is the colour of a part of a call.
func colourOf(part string) color.Color {
	colour := parallel.Part{Name: part}.Colour()
	rgb, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		panic(err) // package parallel writes them as "#rrggbb"
	}
	return color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff}
}

// partPlot draws the data of [Parts].
type partPlot []Call

func (d partPlot) plot() *plot.Plot {
	p := newPlot()
	p.X.Tick.Marker = shares{}
	setRows(p, len(d), func(i int) string { return d[i].Name })
	// The axis goes on to the right of 100 %, for the times.
	names, times := vg.Length(0), vg.Length(0)
	for _, c := range d {
		names = max(names, labelText.Width(shortened(c.Name)))
		times = max(times, labelText.Width(formatTime(c.Explanation.Elapsed)))
	}
	room := width - names - 2*margin - 10
	p.X.Min, p.X.Max = 0, float64(room/(room-times-2*labelGap))
	p.Add(d)
	return p
}

// Plot implements [plot.Plotter].
func (d partPlot) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for i, call := range d {
		y := toY(float64(-i))
		sum, left := total(call.Explanation), 0.0
		for _, part := range call.Explanation.Parts() {
			share := part.Time.Seconds() / sum
			from, to := toX(left), toX(left+share)
			left += share
			if to-from < 0.2 {
				continue
			}
			fillBar(c, colourOf(part.Name), from, to, y, 17)
			if text := fmt.Sprintf("%.0f %%", 100*share); to-from > labelText.Width(text)+6 {
				write(c, onColour(part.Name), vg.Point{X: (from + to - labelText.Width(text)) / 2, Y: y}, text)
			}
		}
		write(c, ink, vg.Point{X: toX(1) + labelGap, Y: y}, formatTime(call.Explanation.Elapsed))
	}
}

// onColour is the colour of text on a part's colour.
func onColour(part string) color.Color {
	switch part {
	case "run", "wire", "decode":
		return panel
	}
	return ink
}

// shares are the ticks of an axis from 0 to 100 %.
type shares struct{}

// Ticks implements [plot.Ticker].
func (shares) Ticks(_, _ float64) (ticks []plot.Tick) {
	for i := 0; i <= 100; i += 20 {
		ticks = append(ticks, plot.Tick{Value: float64(i) / 100, Label: fmt.Sprintf("%d %%", i)})
	}
	return ticks
}
