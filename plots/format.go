package plots

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goparallel/goparallel/parallel"
	"gonum.org/v1/plot"
)

// formatTime writes a time with three digits, in %timeit's units.
func formatTime(d time.Duration) string { return parallel.FormatTime(d.Seconds(), 3) }

// formatRatio writes "2,300×", "18×", "3.6×" or "0.52×", and nothing for a
// ratio that is not known.
func formatRatio(r float64) string {
	if r <= 0 {
		return ""
	}
	digits := 2
	if r >= 1000 {
		digits = 3
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(r, 'g', digits, 64), 64)
	return grouped(rounded) + "×"
}

// grouped writes a number without exponent, its thousands set apart by commas.
func grouped(x float64) string {
	whole, fraction, dotted := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dotted {
		return whole + "." + fraction
	}
	return whole
}

// counted writes "1 frame" or "3,000 frames".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(float64(n)) + " " + noun
}

// decades are the ticks of a logarithmic axis: labelled at the powers of ten,
// unlabelled at their multiples.
type decades func(power float64) string

// Ticks implements [plot.Ticker].
func (label decades) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		power := math.Pow(10, e)
		for i := 1.0; i < 10; i++ {
			tick := plot.Tick{Value: i * power}
			if i == 1 {
				tick.Label = label(power)
			}
			if tick.Value >= low*(1-1e-9) && tick.Value <= high*(1+1e-9) {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}

// decadeTime labels a power of ten of seconds: "10 μs", "1 ms", "100 s".
func decadeTime(seconds float64) string {
	if seconds >= 1 {
		return grouped(math.Round(seconds)) + " s"
	}
	return parallel.FormatTime(seconds, 3)
}
