package plots

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func svgOf(t *testing.T, p *plot.Plot) string {
	t.Helper()
	w, err := p.WriterTo(480, 300, "svg")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every kind of plot draws ordinary data, none, values that are not finite, one value, and
// very many, in a file of bounded size.
func TestPlotsInOneLine(t *testing.T) {
	many := make([]float64, 1_000_000)
	for i := range many {
		many[i] = math.Sin(float64(i) / 5e4)
	}
	names := func(n int) []string { return strings.Split(strings.Repeat("name ", n), " ")[:n] }
	for name, ys := range map[string][]float64{
		"some": {3, 1, 2}, "none": nil, "one": {5}, "same": {2, 2, 2}, "holes": {1, math.NaN(), math.Inf(1), 4}, "only holes": {math.NaN()}, "many": many,
	} {
		bars := ys[:min(len(ys), 3)]
		if name == "holes" || name == "only holes" {
			bars = nil
		}
		for kind, p := range map[string]*plot.Plot{
			"Line": Line(Index(ys), ys), "Lines": Line(Index(ys), ys, ys), "Scatter": Scatter(Index(ys), ys), "Histogram": Histogram(ys), "Histogram of 0": Histogram(ys, 0),
			"Boxes": Boxes(names(2), ys, ys), "Heatmap": Heatmap([][]float64{ys, ys}), "BarChart": BarChart(names(len(bars)), bars),
		} {
			got := svgOf(t, p)
			if len(got) > 1<<20 {
				t.Errorf("%s of %s: %d bytes", kind, name, len(got))
			}
			if name == "some" && !strings.Contains(got, "<path") {
				t.Errorf("%s draws nothing", kind)
			}
		}
	}
	if p := Histogram([]uint8{1, 2, 2}, 2); p.Y.Max != 2 {
		t.Errorf("the highest bar is %v", p.Y.Max)
	}
	p := Line([]int{1, 2}, []float32{1, 2})
	p.Title.Text = "changed"
	if !strings.Contains(svgOf(t, p), "changed") {
		t.Error("a plot cannot be changed")
	}
}

func TestPlotsOfWrongLengthsSaySo(t *testing.T) {
	for want, draw := range map[string]func(){
		"plots.Line: 1 xs and 2 ys":         func() { Line([]int{1}, []int{1, 2}) },
		"plots.Scatter: 2 xs and 1 ys":      func() { Scatter([]int{1, 2}, []int{1}) },
		"plots.BarChart: 1 names and 2 val": func() { BarChart([]string{"a"}, []int{1, 2}) },
		"plots.Boxes: 0 names and 1 sample": func() { Boxes(nil, []int{1}) },
	} {
		func() {
			defer func() {
				if r, _ := recover().(string); !strings.HasPrefix(r, want) {
					t.Errorf("%q, want %q", r, want)
				}
			}()
			draw()
		}()
	}
}

// Fields of a heat map stand where their row and column do, and for the mean of theirs.
func TestFieldsOfHeatmaps(t *testing.T) {
	f := fieldsOf([][]int{{1, 2}, {3}})
	if f.Z(0, 1) != 1 || f.Z(1, 1) != 2 || f.Z(0, 0) != 3 || !math.IsNaN(f.Z(1, 0)) || f.low != 1 || f.high != 3 {
		t.Errorf("%+v", f)
	}
	big := make([][]float64, 801)
	for i := range big {
		big[i] = []float64{float64(i)}
	}
	if f = fieldsOf(big); f.lines != 267 || f.values[0][0] != 1 || f.Y(f.lines-1) != 0 || f.Y(0) != -798 {
		t.Errorf("%d lines, %v", f.lines, f.values[0])
	}
	var _ vg.Length = width
}
