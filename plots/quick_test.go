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

// TestTicksAreAtRoundNumbers looks at the labels of axes, in order.
func TestTicksAreAtRoundNumbers(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 19.9, "0 5 10 15"}, {-0.57, 0.82, "-0.5 0 0.5"}, {0, 1, "0 0.2 0.4 0.6 0.8 1"}, {-1, 1, "-1 -0.5 0 0.5 1"}, {0, 23, "0 5 10 15 20"},
		{1, 1.0005, "1 1.0001 1.0002 1.0003 1.0004 1.0005"}, {0, 1234567, "0 500000 1000000"}, {-3e-7, 3e-7, "-3e-07 -2e-07 -1e-07 0 1e-07 2e-07 3e-07"},
		{0, 0.3, "0 0.05 0.1 0.15 0.2 0.25 0.3"}, {0.1, 0.2, "0.1 0.12 0.14 0.16 0.18 0.2"}, {0, 3e7, "0 5e+06 1e+07 1.5e+07 2e+07 2.5e+07 3e+07"}, {2010, 2026, "2010 2015 2020 2025"}, {0, 6, "0 1 2 3 4 5 6"}, {-17, -3, "-15 -10 -5"},
	} {
		var labels []string
		for _, tick := range roundTicks(c.low, c.high) {
			if tick.Value < c.low-1e-9*(c.high-c.low) || tick.Value > c.high+1e-9*(c.high-c.low) {
				t.Errorf("%g to %g: a tick at %g", c.low, c.high, tick.Value)
			}
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%g to %g: %s, and not %s", c.low, c.high, got, c.want)
		}
	}
	// Ranges without room for numbers between their ends, and those that are none.
	for _, r := range [][2]float64{{1, 1}, {1e300, math.Nextafter(1e300, 2e300)}, {2, 1}, {-math.MaxFloat64, math.MaxFloat64}, {5e-324, 1e-323}} {
		if n := len(roundTicks(r[0], r[1])); n > 100 {
			t.Errorf("%g: %d ticks", r, n)
		}
	}
}
