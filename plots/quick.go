package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Number is what can be drawn: all integers and floating-point numbers, and types
// made of them.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// inTurn are the colours of data, in turn.
var inTurn = []color.Color{measured, reference, chosen, purple, amber}

// Line draws lines through the points (xs[i], ys[i]), one for each ys. Points that are not
// finite are left out, and of very many those that make no difference. Like all of these
// functions it returns a plot of gonum's, to which more can be added; as the last
// expression of a cell it shows itself. It panics where xs and ys are of different length.
//
//	plots.Line(xs, ys)
//	plots.Line(plots.Index(a), a, b)
func Line[X, Y Number](xs []X, ys ...[]Y) *plot.Plot {
	p := quickPlot()
	for i, y := range ys {
		line, err := plotter.NewLine(thinned(points("Line", xs, y)))
		if err != nil {
			continue // there is no point
		}
		line.Color, line.Width = inTurn[i%len(inTurn)], 1.4
		p.Add(line)
	}
	return p
}

// Scatter draws a dot at each point (xs[i], ys[i]), in another colour for each ys; see
// Line. Of dots that would cover each other one is drawn.
func Scatter[X, Y Number](xs []X, ys ...[]Y) *plot.Plot {
	p := quickPlot()
	for i, y := range ys {
		dots, err := plotter.NewScatter(apart(points("Scatter", xs, y)))
		if err != nil {
			continue
		}
		c := color.NRGBAModel.Convert(inTurn[i%len(inTurn)]).(color.NRGBA)
		c.A = 0xb0
		dots.GlyphStyle = draw.GlyphStyle{Color: c, Radius: 2.2, Shape: draw.CircleGlyph{}}
		p.Add(dots)
	}
	return p
}

// Index returns 0, 1, 2, …, as many as there are values: the xs of values that have none.
func Index[T any](values []T) []int {
	xs := make([]int, len(values))
	for i := range xs {
		xs[i] = i
	}
	return xs
}

// Histogram draws how many of the values lie in each of so many intervals of one width.
// Without bins, and with bins 0, their number follows from how many values there are, by
// Sturges' rule. Values that are not finite do not count. It panics where more than one
// number of bins is given.
func Histogram[T Number](values []T, bins ...int) *plot.Plot {
	if len(bins) > 1 {
		panic(fmt.Sprintf("plots.Histogram: %d numbers of bins, where one is meant", len(bins)))
	}
	p := quickPlot()
	finite := numbers(values)
	n := 0
	if len(bins) == 1 {
		n = bins[0]
	}
	if n <= 0 {
		n = int(math.Ceil(math.Log2(float64(len(finite)+1)))) + 1
	}
	if len(finite) == 0 {
		return p
	}
	h, err := plotter.NewHist(plotter.Values(finite), n)
	if err != nil {
		panic(fmt.Sprintf("plots.Histogram: %v", err))
	}
	h.FillColor, h.LineStyle = measured, draw.LineStyle{Color: panel, Width: 0.6}
	p.Add(h)
	p.Y.Min = 0
	return p
}

// BarChart draws a bar for each name. It panics where there is not one value for each
// name.
func BarChart[T Number](names []string, values []T) *plot.Plot {
	if len(names) != len(values) {
		panic(fmt.Sprintf("plots.BarChart: %d names and %d values", len(names), len(values)))
	}
	p := quickPlot()
	heights := make(plotter.Values, len(values))
	for i, v := range values {
		heights[i] = float64(v)
	}
	bars, err := plotter.NewBarChart(heights, max(2, width*0.6/vg.Length(max(1, len(values)))))
	if err != nil {
		if len(values) == 0 {
			return p
		}
		panic(fmt.Sprintf("plots.BarChart: %v", err))
	}
	bars.Color, bars.LineStyle.Width = measured, 0
	p.Add(bars)
	p.NominalX(names...)
	return p
}

// Boxes draws a box from the first to the third quartile for each of several samples, with
// the median, whiskers that reach 1.5 times as far as the box is high, and what lies
// outside of these as dots (as plotter.BoxPlot, after Tukey). It panics where there is not one
// sample for each name.
func Boxes[T Number](names []string, samples ...[]T) *plot.Plot {
	if len(names) != len(samples) {
		panic(fmt.Sprintf("plots.Boxes: %d names and %d samples", len(names), len(samples)))
	}
	p := quickPlot()
	for i, sample := range samples {
		finite := numbers(sample)
		if len(finite) == 0 {
			continue
		}
		box, err := plotter.NewBoxPlot(min(40, width*0.5/vg.Length(len(samples))), float64(i), plotter.Values(finite))
		if err != nil {
			panic(fmt.Sprintf("plots.Boxes: %s: %v", names[i], err))
		}
		box.FillColor = color.NRGBA{measured.R, measured.G, measured.B, 0x50}
		box.BoxStyle.Color, box.MedianStyle.Color, box.WhiskerStyle.Color = measured, ink, measured
		box.GlyphStyle = draw.GlyphStyle{Color: measured, Radius: 1.8, Shape: draw.CircleGlyph{}}
		p.Add(box)
	}
	p.NominalX(names...)
	return p
}

// Heatmap draws each value as a field, row 0 at the top; the title says which values are
// dark and which bright. Of more than 400 rows or columns, fields stand for the mean of
// several. Missing and not finite values are left out.
func Heatmap[T Number](rows [][]T) *plot.Plot {
	p := quickPlot()
	f := fieldsOf(rows)
	if f == nil {
		return p
	}
	h := plotter.NewHeatMap(f, colours{})
	h.NaN = color.Transparent
	h.Rasterized = f.cols*f.lines > 2500
	if h.Min == h.Max {
		h.Max = h.Min + 1
	}
	p.Add(h)
	p.Title.Text = fmt.Sprintf("dark %.4g … bright %.4g", f.low, f.high)
	p.Y.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick {
		ticks := roundTicks(-high, -low)
		for i := range ticks {
			ticks[i].Value = -ticks[i].Value
		}
		return ticks
	})
	return p
}

// quickPlot is an empty plot in the house's style, on a panel of its own, which reads the
// same on light and on dark pages.
func quickPlot() *plot.Plot {
	p := newPlot()
	p.BackgroundColor = panel
	p.Title.TextStyle.Font, p.Title.TextStyle.Color = titleText.Font, ink
	p.Title.Padding = 6
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Padding = 5
		axis.Tick.Marker = plot.TickerFunc(roundTicks)
		axis.Label.TextStyle.Font, axis.Label.TextStyle.Color = sans(9.5), softInk
	}
	p.Legend.TextStyle.Font, p.Legend.TextStyle.Color, p.Legend.Top = sans(9), ink, true
	p.Add(grid{vertical: true, horizontal: true})
	return p
}

// mostTicks bounds how many intervals between labels an axis has.
const mostTicks = 6

// roundTicks are at multiples of 1, 2 or 5 times a power of ten, with small ones in the middle between them. gonum's own take
// any whole multiple, such as 0, 9 and 18.
func roundTicks(low, high float64) (ticks []plot.Tick) {
	power := math.Pow(10, math.Floor(math.Log10((high-low)/mostTicks)))
	if !isFinite(power) || power == 0 || low+power == low || high+power == high {
		return []plot.Tick{{Value: low, Label: strconv.FormatFloat(low, 'g', -1, 64)}} // there are no numbers between them
	}
	step := power
	for _, factor := range []float64{1, 2, 5, 10} {
		if step = factor * power; (high-low)/step <= mostTicks {
			break
		}
	}
	const close = 1e-9 // of a step, by which numbers miss their places
	for half := math.Ceil(low/step*2 - close); half*step/2 <= high+close*step; half++ {
		tick := plot.Tick{Value: half * step / 2}
		if math.Mod(half, 2) == 0 {
			v, err := strconv.ParseFloat(strconv.FormatFloat(half/2*step, 'g', 12, 64), 64)
			verb := byte('f')
			if most := max(math.Abs(low), math.Abs(high)); most >= 1e7 || most < 1e-3 {
				verb = 'g'
			}
			if err == nil {
				tick.Label = strconv.FormatFloat(v+0, verb, -1, 64)
			}
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// numbers are the finite ones of values.
func numbers[T Number](values []T) []float64 {
	list := make([]float64, 0, len(values))
	for _, v := range values {
		if f := float64(v); isFinite(f) {
			list = append(list, f)
		}
	}
	return list
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// points are the finite points.
func points[X, Y Number](function string, xs []X, ys []Y) plotter.XYs {
	if len(xs) != len(ys) {
		panic(fmt.Sprintf("plots.%s: %d xs and %d ys", function, len(xs), len(ys)))
	}
	list := make(plotter.XYs, 0, len(xs))
	for i, x := range xs {
		if x, y := float64(x), float64(ys[i]); isFinite(x) && isFinite(y) {
			list = append(list, plotter.XY{X: x, Y: y})
		}
	}
	return list
}

// thinned leaves out points of a long line that fall on the others: of each piece of the
// list, the first and the last point and those with the smallest and the largest y stay.
func thinned(list plotter.XYs) plotter.XYs {
	const pieces = 1000
	if len(list) <= 4*pieces {
		return list
	}
	var out plotter.XYs
	for n := range pieces {
		first, last := n*len(list)/pieces, (n+1)*len(list)/pieces-1
		low, high := first, first
		for i := first; i <= last; i++ {
			if list[i].Y < list[low].Y {
				low = i
			}
			if list[i].Y > list[high].Y {
				high = i
			}
		}
		stay := []int{first, low, high, last}
		slices.Sort(stay)
		for _, i := range slices.Compact(stay) {
			out = append(out, list[i])
		}
	}
	return out
}

// apart keeps one of the points that fall into one place of a figure.
func apart(list plotter.XYs) plotter.XYs {
	const columns, rows = 200, 120
	if len(list) <= 2000 {
		return list
	}
	x0, x1, y0, y1 := plotter.XYRange(list)
	seen := make(map[int]bool)
	var out plotter.XYs
	for _, at := range list {
		i, j := int((at.X-x0)/(x1-x0)*columns), int((at.Y-y0)/(y1-y0)*rows)
		if place := i*(rows+1) + j; !seen[place] {
			seen[place] = true
			out = append(out, at)
		}
	}
	return out
}

// fields is a matrix as plotter.GridXYZ, row 0 at the top.
type fields struct {
	values      [][]float64
	step        int // how many rows and columns of the user's one field stands for
	low, high   float64
	cols, lines int
}

// fieldsOf returns nil where there is no finite value.
func fieldsOf[T Number](rows [][]T) *fields {
	const most = 400
	cols := 0
	for _, row := range rows {
		cols = max(cols, len(row))
	}
	f := &fields{step: (max(len(rows), cols) + most - 1) / most, low: math.Inf(1), high: math.Inf(-1)}
	if cols == 0 {
		return nil
	}
	for top := 0; top < len(rows); top += f.step {
		line := make([]float64, 0, (cols+f.step-1)/f.step)
		for left := 0; left < cols; left += f.step {
			sum, n := 0.0, 0
			for _, row := range rows[top:min(top+f.step, len(rows))] {
				for _, v := range row[min(left, len(row)):min(left+f.step, len(row))] {
					if v := float64(v); isFinite(v) {
						sum, n = sum+v, n+1
					}
				}
			}
			mean := sum / float64(n)
			if n > 0 {
				f.low, f.high = min(f.low, mean), max(f.high, mean)
			}
			line = append(line, mean)
		}
		f.values = append(f.values, line)
	}
	if f.low > f.high {
		return nil
	}
	f.lines, f.cols = len(f.values), len(f.values[0])
	return f
}

func (f *fields) Dims() (c, r int)   { return f.cols, f.lines }
func (f *fields) Z(c, r int) float64 { return f.values[f.lines-1-r][c] }
func (f *fields) X(c int) float64    { return float64(c * f.step) }
func (f *fields) Y(r int) float64    { return -float64((f.lines - 1 - r) * f.step) }

// Min and Max are the range of the values, which plotter.HeatMap asks for.
func (f *fields) Min() float64 { return f.low }

// Max is the largest value.
func (f *fields) Max() float64 { return f.high }

// colours go from dark blue over green to bright yellow, evenly bright for the eye, as
// matplotlib's viridis, whose corners these are.
type colours struct{}

// Colors implements palette.Palette.
func (colours) Colors() []color.Color {
	corners := []color.RGBA{{0x44, 0x01, 0x54, 0xff}, {0x3b, 0x52, 0x8b, 0xff}, {0x21, 0x91, 0x8c, 0xff}, {0x5e, 0xc9, 0x62, 0xff}, {0xfd, 0xe7, 0x25, 0xff}}
	const steps = 64
	list := make([]color.Color, steps)
	for i := range list {
		at := float64(i) / (steps - 1) * float64(len(corners)-1)
		n := min(int(at), len(corners)-2)
		a, b, part := corners[n], corners[n+1], at-float64(n)
		mix := func(x, y uint8) uint8 { return uint8(math.Round(float64(x)*(1-part) + float64(y)*part)) }
		list[i] = color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
	}
	return list
}
