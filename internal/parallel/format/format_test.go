package format

import (
	"slices"
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	rows := [][]string{{"name", "time"}, {"f", "1 μs"}, {"größer", "12.5 μs"}, {"", ""}}
	for _, c := range []struct {
		right func(int) bool
		lines []string
	}{
		{Figures, []string{"name       time", "f          1 μs", "größer  12.5 μs", ""}},
		{Words, []string{"name    time", "f       1 μs", "größer  12.5 μs", ""}},
	} {
		lines, widths := Columns(rows, c.right)
		if !slices.Equal(lines, c.lines) || !slices.Equal(widths, []int{6, 7}) {
			t.Errorf("%q %v", lines, widths)
		}
	}
	if lines, _ := Columns(nil, Words); lines != nil {
		t.Error(lines)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 items", 1: "1 item", 999: "999 items", 1000: "1,000 items", 1234567: "1,234,567 items"} {
		if got := Count(n, "item"); got != want {
			t.Errorf("%q instead of %q", got, want)
		}
	}
}

// TestFiguresHaveNoExponent writes numbers and times of all sizes.
func TestFiguresHaveNoExponent(t *testing.T) {
	for _, mantissa := range []float64{1, 1.5, 7.43, 9.4, 9.96, 9.9996} {
		for scale := 1e-9; scale < 1e12; scale *= 10 {
			for digits := 1; digits < 5; digits++ {
				if got := Figure(mantissa*scale, digits); strings.ContainsAny(got, "eE") {
					t.Errorf("%v with %d digits is %s", mantissa*scale, digits, got)
				}
			}
			if got := Short(mantissa * scale); strings.Contains(got, "e+") || strings.Contains(got, "e-") {
				t.Errorf("%v seconds are %s", mantissa*scale, got)
			}
		}
	}
	for want, got := range map[string]string{
		"740": Figure(743, 2), "2,300": Figure(2345, 2), "18": Figure(18.2, 2), "0.52": Figure(0.521, 2), "-1,230.5": Figure(-1230.5, 5), "0": Figure(0, 3),
		"1 s": Short(0.9996), "743 ms": Short(0.743), "-0.5": Figure(-0.5, 2),
	} {
		if got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
}
