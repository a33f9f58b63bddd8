package plots

import (
	"image/color"
	"math"
	"slices"
	"time"

	"github.com/goparallel/goparallel/parallel"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// BreakEven draws how many times faster than a loop ways of calling are, against
// what an item takes in a loop, which is on a logarithmic axis. Each measurement is one of a
// function with other work, over the same number of items: [parallel.View.Overhead] takes them.
//
// The ways are the smallest and the largest chunk size that all measurements have
// and one between, what the view chooses by itself, and rc.Auto(). Under the points of a way is
// the curve of the model, in which a call on P processors takes its work divided by P, and a
// time that depends on the chunk size alone: that of the points where they cross the line of the loop. Where the curve crosses the line of the loop, at the
// ring, calls begin to pay; the legend has the work of an item there. Points above the picture stand
// at its upper edge.
func BreakEven(measurements ...*parallel.Overhead) *Figure {
	d := breakEvenPlot{processors: 1}
	for _, o := range measurements {
		d.processors = max(d.processors, o.Processors())
	}
	for _, chunk := range chosenChunks(measurements) {
		d.add(counted(chunk, "item")+" in a frame", measurements, func(o *parallel.Overhead) time.Duration {
			i := slices.IndexFunc(o.Chunks, func(c parallel.Cost) bool { return c.Chunk == chunk })
			return o.Chunks[i].Time
		})
	}
	d.add("the view's choice", measurements, func(o *parallel.Overhead) time.Duration { return o.Planned.Time })
	d.add("rc.Auto()", measurements, func(o *parallel.Overhead) time.Duration { return o.Auto.Time })
	if len(measurements) == 0 || len(d.series[0].points) == 0 {
		return empty("no measurement has a time")
	}
	f := &Figure{title: "How many times faster than a loop, by the work of an item", x: "what an item takes in a loop", y: "times faster", height: usualHeight + 30, build: d.plot}
	for i, s := range d.series {
		name, look := s.name, d.look(i)
		if even := d.even(i); even > 0 {
			name += ", pays from " + formatAbout(even)
		}
		f.legend = append(f.legend, entry{name, func(c draw.Canvas, at vg.Point) {
			c.StrokeLine2(look.line, at.X, at.Y, at.X+sampleWidth, at.Y)
			c.DrawGlyph(look.glyph, vg.Point{X: at.X + sampleWidth/2, Y: at.Y})
		}})
	}
	return f
}

// chosenChunks returns the smallest and the largest chunk size that all measurements
// have, and one between.
func chosenChunks(measurements []*parallel.Overhead) (chosen []int) {
	var common []int
	for i, o := range measurements {
		var own []int
		for _, c := range o.Chunks {
			if i == 0 || slices.Contains(common, c.Chunk) {
				own = append(own, c.Chunk)
			}
		}
		common = own
	}
	for _, i := range []int{0, len(common) / 2, len(common) - 1} {
		if i >= 0 && i < len(common) {
			chosen = append(chosen, common[i])
		}
	}
	return slices.Compact(chosen)
}

// breakEvenPlot draws the data of [BreakEven].
type breakEvenPlot struct {
	processors int
	series     []series
}

// series is one way of calling.
type series struct {
	name   string
	points []speedUp
	// excess is the seconds of an item that the model adds to its share of the work.
	excess float64
}

// speedUp is one measurement of a way: the seconds of an item in a loop, and through
// the way.
type speedUp struct{ loop, way float64 }

func (s speedUp) ratio() float64 { return s.loop / s.way }

// add adds a way, by the time that it took in each measurement.
func (d *breakEvenPlot) add(name string, measurements []*parallel.Overhead, of func(*parallel.Overhead) time.Duration) {
	s := series{name: name}
	for _, o := range measurements {
		if n := float64(o.Items); of(o) > 0 && o.Serial.Time > 0 {
			s.points = append(s.points, speedUp{o.Serial.Time.Seconds() / n, of(o).Seconds() / n})
		}
	}
	slices.SortFunc(s.points, func(a, b speedUp) int { return int(math.Copysign(1, a.loop-b.loop)) })
	s.excess = excess(s.points, d.processors)
	d.series = append(d.series, s)
}

// excess is what the points took beside their share of the work where they cross the loop's line:
// between the last one that a loop beats and the next, as what these two took leads there. Where no
// such pair is, it is the median of those that a loop beats, or else of all; but calls do not pay, by
// the model, where a point is slower than the loop, nor only beyond one from which on all are faster.
// The points are sorted.
func excess(points []speedUp, processors int) float64 {
	gain := 1 - 1/float64(processors)
	beside := func(p speedUp) float64 { return max(0, p.way-p.loop/float64(processors)) }
	last := -1
	var all []float64
	for i, p := range points {
		if p.ratio() < 1 {
			if last < 0 {
				all = nil
			}
			last = i
		}
		if last < 0 || p.ratio() < 1 {
			all = append(all, beside(p))
		}
	}
	switch {
	case len(points) == 0:
		return 0
	case gain > 0 && last >= 0 && last < len(points)-1 && points[last].loop < points[last+1].loop:
		// Both times as powers of the work, which are lines where axes are logarithmic.
		p, q := points[last], points[last+1]
		needs, has := p.loop*gain, beside(p)
		slope := math.Log(max(beside(q), needs/1000)/has) / math.Log(q.loop/p.loop)
		return needs * math.Pow(has/needs, 1/(1-slope))
	}
	slices.Sort(all)
	middle := all[len(all)/2]
	if gain > 0 && last < 0 {
		middle = min(middle, points[0].loop*gain)
	} else if gain > 0 {
		middle = max(middle, points[last].loop*gain)
	}
	return middle
}

// auto reports whether the series with this index is rc.Auto(), which chooses the
// loop where that is faster, so that the model is not its own.
func (d breakEvenPlot) auto(i int) bool { return i == len(d.series)-1 }

// even is the seconds of an item from which on a series is faster than the loop, by
// its model; 0 where that has no answer.
func (d breakEvenPlot) even(i int) float64 {
	if d.auto(i) || d.processors < 2 {
		return 0
	}
	return d.series[i].excess / (1 - 1/float64(d.processors))
}

// look is how the points and the curve of a series are drawn.
type look struct {
	line  draw.LineStyle
	glyph draw.GlyphStyle
}

// look returns how a series is drawn; the last two are always the same.
func (d breakEvenPlot) look(i int) look {
	colour, shape := color.Color(measured), draw.GlyphDrawer(draw.BoxGlyph{})
	switch len(d.series) - 1 - i {
	case 0:
		return look{draw.LineStyle{Color: chosen, Width: 1.2, Dashes: []vg.Length{1.5, 2.5}}, draw.GlyphStyle{Color: chosen, Radius: 3, Shape: draw.PyramidGlyph{}}}
	case 1:
		shape = draw.CircleGlyph{}
	default:
		colour = []color.Color{reference, amber, purple}[i]
	}
	return look{draw.LineStyle{Color: colour, Width: 1.2}, draw.GlyphStyle{Color: colour, Radius: 2.7, Shape: shape}}
}

func (d breakEvenPlot) plot() *plot.Plot {
	p := newPlot()
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = decades(decadeTime), steps(1)
	low, high := math.Inf(1), 0.0
	for _, s := range d.series {
		for _, pt := range s.points {
			low, high = min(low, pt.loop), max(high, pt.loop)
		}
	}
	p.X.Min, p.X.Max = low*0.7, high*1.5
	p.Y.Min, p.Y.Max = 0, 1.2*float64(d.processors)
	p.Add(grid{vertical: true, horizontal: true}, d)
	return p
}

// Plot implements [plot.Plotter].
func (d breakEvenPlot) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	var obstacles []vg.Rectangle
	var labels []label
	level := func(speed float64, text string, style draw.LineStyle) {
		y := toY(speed)
		c.StrokeLine2(style, c.Min.X, y, c.Max.X, y)
		obstacles = append(obstacles, under(vg.Point{X: c.Min.X, Y: y}, vg.Point{X: c.Max.X, Y: y})...)
		spots := along(y, c.Min.X, c.Max.X, text)
		slices.Reverse(spots) // from the left, where there is room
		labels = append(labels, label{text, style.Color, spots})
	}
	if d.processors > 1 {
		level(float64(d.processors), counted(d.processors, "processor"), draw.LineStyle{Color: softInk, Width: 0.8, Dashes: []vg.Length{2, 3}})
	}
	level(1, "the loop", serialLine)

	for i, s := range d.series {
		var line []vg.Point
		if d.auto(i) {
			for _, pt := range s.points {
				line = append(line, vg.Point{X: toX(pt.loop), Y: toY(min(pt.ratio(), p.Y.Max))})
			}
		} else {
			const n = 120
			for i := range n + 1 {
				work := p.X.Min * math.Pow(p.X.Max/p.X.Min, float64(i)/n)
				line = append(line, vg.Point{X: toX(work), Y: toY(work / (work/float64(d.processors) + s.excess))})
			}
		}
		for j := 1; j < len(line); j++ {
			obstacles = append(obstacles, under(line[j-1], line[j])...)
		}
		c.StrokeLines(d.look(i).line, line)
	}
	for i, s := range d.series {
		for _, pt := range s.points {
			at := vg.Point{X: toX(pt.loop), Y: toY(min(pt.ratio(), p.Y.Max))}
			c.DrawGlyph(d.look(i).glyph, at)
			obstacles = append(obstacles, around(at, 3))
		}
	}
	for i := range d.series {
		if even := d.even(i); even > p.X.Min && even < p.X.Max {
			at, colour := vg.Point{X: toX(even), Y: toY(1)}, d.look(i).line.Color
			c.DrawGlyph(draw.GlyphStyle{Color: panel, Radius: 3.5, Shape: draw.CircleGlyph{}}, at)
			c.DrawGlyph(draw.GlyphStyle{Color: colour, Radius: 3.5, Shape: draw.RingGlyph{}}, at)
			obstacles = append(obstacles, around(at, 4))
		}
	}
	writeLabels(c, obstacles, labels)
}
