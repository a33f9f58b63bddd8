package plots

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ChunkSizes draws time against the number of items in a message, both on
// logarithmic axes: a point for each measurement with a chunk size, a
// horizontal line for the serial loop, one for what the view chose by itself and one
// for rc.Auto(), and the points of the references, each on a stem that rises from the
// serial loop of the machine it was taken on.
func ChunkSizes(ms []Measurement, refs ...Reference) *Figure {
	const title = "Time of one map, by the number of items in a message"
	ms = timed(ms)
	d := chunkPlot{swept: sweep(ms)}
	d.serial, _ = find(ms, Serial)
	d.fallback, _ = find(ms, Default)
	d.auto, _ = find(ms, Auto)
	var names string
	for _, ref := range refs {
		if names != "" {
			names += ", "
		}
		names += ref.Name
		d.refs = append(d.refs, sweep(timed(ref.Measurements))...)
	}
	if len(d.swept)+len(d.refs) == 0 {
		return empty("no measurement has both a chunk of 1 or more and a time")
	}
	f := &Figure{title: title, x: "items in a message", y: "time of one map", height: usualHeight, build: d.plot}
	if len(d.swept) > 0 {
		f.legend = append(f.legend, entry{"measured here", func(c draw.Canvas, at vg.Point) {
			c.StrokeLine2(sweptLine, at.X, at.Y, at.X+sampleWidth, at.Y)
			c.DrawGlyph(sweptDot, vg.Point{X: at.X + sampleWidth/2, Y: at.Y})
		}})
	}
	for _, l := range d.levels() {
		f.legend = append(f.legend, entry{l.Name + " " + formatTime(l.Time), func(c draw.Canvas, at vg.Point) {
			c.StrokeLine2(l.line, at.X, at.Y, at.X+sampleWidth, at.Y)
		}})
	}
	if len(d.refs) > 0 {
		f.legend = append(f.legend, entry{names + ", up from its serial loop", func(c draw.Canvas, at vg.Point) {
			at.X += sampleWidth / 2
			stem(c, vg.Point{X: at.X, Y: at.Y + 2}, at.Y-6)
		}})
	}
	return f
}

// sweep returns the measurements that have a chunk size, in its order.
func sweep(ms []Measurement) []Measurement {
	ms = slices.DeleteFunc(slices.Clone(ms), func(m Measurement) bool { return m.Chunk < 1 })
	slices.SortStableFunc(ms, func(a, b Measurement) int { return a.Chunk - b.Chunk })
	return ms
}

// chunkPlot draws the data of [ChunkSizes].
type chunkPlot struct {
	swept, refs            []Measurement
	serial, fallback, auto Measurement // what the view chose by itself is fallback
}

// level is a measurement that has no chunk size, drawn as a horizontal line.
type level struct {
	Measurement
	line draw.LineStyle
}

// levels are those that were measured.
func (d chunkPlot) levels() (ls []level) {
	for _, l := range []level{{d.serial, serialLine}, {d.fallback, fallbackLine}, {d.auto, autoLine}} {
		if l.Time > 0 {
			ls = append(ls, l)
		}
	}
	return ls
}

var (
	sweptLine    = draw.LineStyle{Color: measured, Width: 1.6}
	sweptDot     = draw.GlyphStyle{Color: measured, Radius: 3, Shape: draw.CircleGlyph{}}
	serialLine   = draw.LineStyle{Color: ink, Width: 1.2, Dashes: []vg.Length{5, 3}}
	fallbackLine = draw.LineStyle{Color: chosen, Width: 1.4, Dashes: []vg.Length{1.5, 2.5}}
	autoLine     = draw.LineStyle{Color: purple, Width: 1.4, Dashes: []vg.Length{7, 2, 1.5, 2}}
	stemLine     = draw.LineStyle{Color: reference, Width: 0.9}
)

// stem draws a reference's point with its stem and the foot on which it stands.
func stem(c draw.Canvas, at vg.Point, foot vg.Length) {
	c.StrokeLine2(stemLine, at.X, foot, at.X, at.Y)
	c.StrokeLine2(stemLine, at.X-3.5, foot, at.X+3.5, foot)
	const r = 4
	diamond := []vg.Point{{X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}, {X: at.X - r, Y: at.Y}}
	c.FillPolygon(reference, diamond)
}

func (d chunkPlot) plot() *plot.Plot {
	p := newPlot()
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = decades(grouped), decades(decadeTime)

	most, low, high := 1, math.Inf(1), 0.0
	for _, m := range slices.Concat(d.swept, d.refs, []Measurement{d.serial, d.fallback, d.auto}) {
		most = max(most, m.Chunk)
		for _, t := range []float64{m.Time.Seconds(), m.Serial.Seconds()} {
			if t > 0 {
				low, high = min(low, t), max(high, t)
			}
		}
	}
	// A little air left of the data, and right of it room for its labels; whole
	// decades below and above.
	const room = width - 2*margin - 70
	p.X.Min, p.X.Max = 0.7, max(10, float64(most)*1.6)
	for _, m := range slices.Concat(d.swept, d.refs) {
		p.X.Max = max(p.X.Max, endOfAxis(p.X.Min, float64(m.Chunk), pointText(m), room))
	}
	p.Y.Min, p.Y.Max = roundEnds(low*0.8, high*1.6) // above it, room for a label
	p.Add(grid{vertical: true, horizontal: true}, d)
	return p
}

// Plot implements [plot.Plotter].
func (d chunkPlot) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	at := func(m Measurement) vg.Point {
		return vg.Point{X: toX(float64(m.Chunk)), Y: toY(m.Time.Seconds())}
	}
	var obstacles []vg.Rectangle
	var labels []label
	named := func(m Measurement, color color.Color, down bool) {
		labels = append(labels, label{pointText(m), color, beside(at(m), pointText(m), down)})
	}

	for _, m := range d.refs {
		foot := at(m).Y
		if m.Serial > 0 {
			foot = toY(m.Serial.Seconds())
		}
		stem(c, at(m), foot)
		obstacles = append(append(obstacles, around(at(m), 4)), under(at(m), vg.Point{X: at(m).X, Y: foot})...)
		named(m, reference, false)
	}
	for _, l := range d.levels() {
		y := toY(l.Time.Seconds())
		c.StrokeLine2(l.line, c.Min.X, y, c.Max.X, y)
		obstacles = append(obstacles, under(vg.Point{X: c.Min.X, Y: y}, vg.Point{X: c.Max.X, Y: y})...)
	}
	var line []vg.Point
	for i, m := range d.swept {
		line = append(line, at(m))
		obstacles = append(obstacles, around(at(m), 3))
		if i > 0 {
			obstacles = append(obstacles, under(line[i-1], line[i])...)
		}
	}
	c.StrokeLines(sweptLine, line)
	for _, pt := range line {
		c.DrawGlyph(sweptDot, pt)
	}
	// The ends of the sweep and its best are what one asks for.
	if n := len(d.swept); n > 0 {
		best := 0
		for i, m := range d.swept {
			if m.Time < d.swept[best].Time {
				best = i
			}
		}
		named(d.swept[0], measured, false)
		if n > 1 {
			named(d.swept[n-1], measured, false)
		}
		if best > 0 && best < n-1 {
			named(d.swept[best], measured, true)
		}
	}
	writeLabels(c, obstacles, labels)
}
