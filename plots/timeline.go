package plots

import (
	"fmt"
	"image/color"
	"math"

	"github.com/goparallel/goparallel/parallel"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// crowded is the number of frames in a row from which on they cannot be told
// apart.
const crowded = 80

// Timeline draws what each engine of a call, or each goroutine, did while the call
// ran: a row for each, and in it a bar for each frame, where the function ran and where
// items and results were decoded and encoded. A thin line goes from the sending of a frame to
// its results. Where frames are too many to be told apart, the height of a colour is
// the part of the time that it took just then.
func Timeline(e parallel.Explanation) *Figure {
	d := timeline{lanes: lanes(e), tier: e.Tier, end: e.Elapsed.Seconds()}
	most := 0
	for _, l := range d.lanes {
		most = max(most, len(l.frames))
	}
	if most == 0 {
		return empty("no frame of the call has been answered")
	}
	d.crowded = most > crowded
	d.unit = unitOf(d.end)
	title := fmt.Sprintf("%s: %s in %s", e.Function, counted(e.Done, "item"), counted(e.Frames, "frame"))
	if e.Tier != parallel.Engines {
		title = fmt.Sprintf("%s: %s in %s of this process", e.Function, counted(e.Done, "item"), counted(len(d.lanes), "goroutine"))
	}
	if e.Frames > len(e.Trace) {
		title += fmt.Sprintf(": the first %s", counted(len(e.Trace), "frame"))
	}
	f := &Figure{title: title, x: d.unit.name + " since the call began", build: d.plot}
	f.height = 92 + d.laneHeight()*vg.Length(len(d.lanes))
	f.legend = []entry{{"running", swatch(runColour)}}
	if e.Tier == parallel.Engines {
		way := entry{"on the way, or queued", func(c draw.Canvas, at vg.Point) { flight(c, at.X, at.X+sampleWidth, at.Y) }}
		if d.crowded {
			way.sample = swatch(wayColour)
		}
		f.legend = append(f.legend, entry{"decoding or encoding", swatch(codeColour)}, way)
	}
	return f
}

// timeline draws the data of [Timeline].
type timeline struct {
	lanes   []lane
	tier    parallel.Tier
	end     float64 // seconds
	unit    timeUnit
	crowded bool
}

var (
	runColour  = colourOf("run")
	codeColour = colourOf("decode")
	wayColour  = colourOf("queue")
)

// laneHeight is smaller where there are many.
func (d timeline) laneHeight() vg.Length {
	return max(11, min(34, 260/vg.Length(len(d.lanes))))
}

func (d timeline) plot() *plot.Plot {
	p := newPlot()
	p.X.Tick.Marker = d.unit
	p.X.Min, p.X.Max = 0, d.end*1.015
	setRows(p, len(d.lanes), func(i int) string { return d.lanes[i].name })
	p.Add(grid{vertical: true}, d)
	return p
}

// Plot implements [plot.Plotter].
func (d timeline) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	thickness := d.laneHeight() * 0.62
	for i, l := range d.lanes {
		y := toY(float64(-i))
		c.StrokeLine2(draw.LineStyle{Color: gridInk, Width: 0.7}, toX(0), y, toX(d.end), y)
		if d.crowded {
			d.dense(c, l, toX(0), toX(d.end), y, thickness)
			continue
		}
		for _, s := range l.frames {
			if d.tier == parallel.Engines {
				flight(c, toX(s.sent), toX(s.received), y)
			}
		}
		for _, s := range l.frames {
			bar := func(color color.Color, from, to float64) {
				if to > from {
					fillBar(c, color, toX(from), max(toX(to), toX(from)+0.4), y, thickness)
				}
			}
			bar(codeColour, s.begin, s.run)
			bar(codeColour, s.encode, s.end)
			bar(runColour, s.run, s.encode)
			// A thin gap keeps frames apart that follow at once.
			if x := toX(s.end); x-toX(s.begin) > 2 {
				c.StrokeLine2(draw.LineStyle{Color: panel, Width: 0.6}, x, y-thickness/2, x, y+thickness/2)
			}
		}
	}
}

// flight is the line of a frame that is under way, with ends that can be seen.
func flight(c draw.Canvas, from, to, y vg.Length) {
	line := draw.LineStyle{Color: wayColour, Width: 1.6}
	c.StrokeLine2(line, from, y, to, y)
	c.StrokeLine2(draw.LineStyle{Color: wayColour, Width: 0.8}, from, y-2.5, from, y+2.5)
}

// dense draws a lane as three areas, each in front of the one before, so that of
// those behind what is more can be seen.
func (d timeline) dense(c draw.Canvas, l lane, left, right, y, thickness vg.Length) {
	n := max(40, min(int(right-left)*2/3, 1600/len(d.lanes))) // so that a drawing of many engines stays small
	running, coding, waiting := l.density(d.end, n)
	height := func(layer, i int) vg.Length {
		share := running[i]
		if layer < 2 {
			share += coding[i]
		}
		if layer < 1 {
			share += waiting[i]
		}
		return thickness * vg.Length(math.Round(32*min(1, share))) / 32 // steps, so that many are equal
	}
	bottom := y - thickness/2
	for layer, colour := range []color.Color{wayColour, codeColour, runColour} {
		area := []vg.Point{{X: left, Y: bottom}}
		for i := range n {
			if i > 0 && height(layer, i) == height(layer, i-1) {
				continue
			}
			x := left + (right-left)*vg.Length(i)/vg.Length(n)
			area = append(area, vg.Point{X: x, Y: area[len(area)-1].Y}, vg.Point{X: x, Y: bottom + height(layer, i)})
		}
		area = append(area, vg.Point{X: right, Y: area[len(area)-1].Y}, vg.Point{X: right, Y: bottom})
		c.FillPolygon(colour, area)
	}
}

// timeUnit marks an axis of seconds in a unit that suits it.
type timeUnit struct {
	name string
	steps
}

func unitOf(longest float64) timeUnit {
	switch {
	case longest < 1e-3:
		return timeUnit{"μs", 1e6}
	case longest < 1:
		return timeUnit{"ms", 1e3}
	}
	return timeUnit{"s", 1}
}
