package format

import (
	"slices"
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
