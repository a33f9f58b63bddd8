package plots

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/format"
	"gonum.org/v1/plot"
)

// formatTime writes a time with three digits, in %timeit's units.
func formatTime(d time.Duration) string { return format.Short(d.Seconds()) }

// formatAbout writes seconds with two digits, as far as they are meant: "920 ns".
func formatAbout(seconds float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(seconds, 'g', 2, 64), 64)
	return format.Time(rounded, 3)
}

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
	return format.Figure(r, digits) + "×"
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

// decades are the ticks of a logarithmic axis: labelled at the powers of ten, and on a
// short axis at two and five times those, unlabelled at their other multiples.
type decades func(value float64) string

// Ticks implements [plot.Ticker].
func (label decades) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	short := high/low < shortAxis
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		power := math.Pow(10, e)
		for i := 1.0; i < 10; i++ {
			tick := plot.Tick{Value: i * power}
			if i == 1 || short && (i == 2 || i == 5) {
				tick.Label = label(tick.Value)
			}
			if tick.Value >= low*(1-1e-9) && tick.Value <= high*(1+1e-9) {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}

// roundEnds returns where a logarithmic axis begins and ends that shows values from low
// to high: it begins at a power of ten, or, if it is short, at two or five times one, and
// ends at one of those.
func roundEnds(low, high float64) (from, to float64) {
	from = math.Pow(10, math.Floor(math.Log10(low)))
	to = math.Pow(10, math.Ceil(math.Log10(high)))
	for _, step := range []float64{5, 2} {
		if high/low < shortAxis && from*step <= low {
			from *= step
			break
		}
	}
	for _, step := range []float64{5, 2} {
		if to/step >= high {
			to /= step
			break
		}
	}
	return from, to
}

// shortAxis is the ratio of its ends below which an axis is short: few powers of ten
// are on it.
const shortAxis = 15

// decadeTime labels seconds on such an axis: "10 μs", "1 ms", "100 s".
func decadeTime(seconds float64) string {
	if seconds >= 1 {
		return grouped(math.Round(seconds)) + " s"
	}
	return format.Short(seconds)
}

// steps are the ticks of a linear axis, at round numbers, labelled in a unit of
// which so many make one.
type steps float64

// Ticks implements [plot.Ticker].
func (unit steps) Ticks(low, high float64) (ticks []plot.Tick) {
	low, high = low*float64(unit), high*float64(unit)
	rough := (high - low) / 8
	step := math.Pow(10, math.Floor(math.Log10(rough)))
	switch {
	case rough > 5*step:
		step *= 10
	case rough > 2*step:
		step *= 5
	case rough > step:
		step *= 2
	}
	first := math.Ceil(low/step-1e-9) + 0 // which makes 0 of -0
	for i := first; i*step <= high*(1+1e-9); i++ {
		value, _ := strconv.ParseFloat(strconv.FormatFloat(i*step, 'g', 6, 64), 64)
		ticks = append(ticks, plot.Tick{Value: value / float64(unit), Label: grouped(value)})
	}
	return ticks
}
