package parallel

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TimeitResult is what [Timeit] measured. Times are in seconds, as IPython's
// are, because one execution may take less than a nanosecond.
type TimeitResult struct {
	// Loops is the number of executions in each run, Repeat the number of runs.
	Loops, Repeat int
	// Best and Worst are the seconds of one execution in the fastest and in
	// the slowest run.
	Best, Worst float64
	// AllRuns holds what each run took as a whole.
	AllRuns []time.Duration
	// Timings holds the seconds of one execution in each run.
	Timings []float64

	precision int
}

func newTimeitResult(runs []time.Duration, loops, precision int) *TimeitResult {
	if precision <= 0 {
		precision = defaultPrecision
	}
	timings := make([]float64, len(runs))
	for i, d := range runs {
		timings[i] = d.Seconds() / float64(loops)
	}
	return &TimeitResult{
		Loops: loops, Repeat: len(runs),
		Best: slices.Min(timings), Worst: slices.Max(timings),
		AllRuns: runs, Timings: timings, precision: precision,
	}
}

// Average returns the mean of the timings, in seconds.
func (r *TimeitResult) Average() float64 {
	return exactSum(r.Timings) / float64(len(r.Timings))
}

// Duration returns the mean of the timings, rounded to nanoseconds.
func (r *TimeitResult) Duration() time.Duration {
	return time.Duration(math.Round(r.Average() * 1e9))
}

// Stdev returns the population standard deviation of the timings, in seconds.
func (r *TimeitResult) Stdev() float64 {
	mean := r.Average()
	squares := make([]float64, len(r.Timings))
	for i, t := range r.Timings {
		squares[i] = (t - mean) * (t - mean)
	}
	return math.Sqrt(exactSum(squares) / float64(len(squares)))
}

// exactSum adds with Neumaier's compensation, so that equal runs have a deviation
// of exactly zero, as with Python's fsum.
func exactSum(xs []float64) float64 {
	total, lost := 0.0, 0.0
	for _, x := range xs {
		t := total + x
		if math.Abs(total) >= math.Abs(x) {
			lost += (total - t) + x
		} else {
			lost += (x - t) + total
		}
		total = t
	}
	return total + lost
}

// String returns IPython's line, such as
// "9.91 ms ± 12 μs per loop (mean ± std. dev. of 7 runs, 100 loops each)".
func (r *TimeitResult) String() string {
	return fmt.Sprintf("%s ± %s per loop (mean ± std. dev. of %s, %s each)",
		FormatTime(r.Average(), r.precision), FormatTime(r.Stdev(), r.precision),
		counted(r.Repeat, "run"), counted(r.Loops, "loop"))
}

// Report returns what %timeit prints: the line of String, and before it a
// warning where the slowest run took more than four times as long as the
// fastest one.
func (r *TimeitResult) Report() string {
	if r.Worst > 4*r.Best && r.Best > 0 && r.Worst > 1e-6 {
		return fmt.Sprintf("The slowest run took %0.2f times longer than the fastest. "+
			"This could mean that an intermediate result is being cached.\n%s", r.Worst/r.Best, r)
	}
	return r.String()
}

// GoString returns the form in which a result is echoed as a cell's value:
// "<TimeitResult : 9.91 ms ± 12 μs per loop (…)>".
func (r *TimeitResult) GoString() string { return "<TimeitResult : " + r.String() + ">" }

// FormatTime writes a time in IPython's way with the given number of
// significant digits: "1min 2s" from a minute on, and below it a number in
// s, ms, μs or ns. The mu is the Greek letter, U+03BC.
func FormatTime(seconds float64, precision int) string {
	if seconds >= 60 {
		return formatLong(seconds)
	}
	units := []string{"s", "ms", "μs", "ns"}
	thousand := len(units) - 1
	if seconds > 0 {
		thousand = min(-int(math.Floor(math.Floor(log10(seconds))/3)), thousand)
	}
	scale := []float64{1, 1e3, 1e6, 1e9}[thousand]
	return strconv.FormatFloat(seconds*scale, 'g', precision, 64) + " " + units[thousand]
}

// formatLong writes days, hours, minutes and whole seconds, those that are not
// zero, and ends where less than a second is left.
func formatLong(seconds float64) string {
	var parts []string
	for _, unit := range []struct {
		name   string
		length float64
	}{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}} {
		if n := math.Floor(seconds / unit.length); n > 0 {
			parts = append(parts, strconv.FormatFloat(n, 'f', 0, 64)+unit.name)
			seconds = math.Mod(seconds, unit.length)
		}
		if seconds < 1 {
			break
		}
	}
	return strings.Join(parts, " ")
}

// log10 is math.Log10 made exact at the powers of ten, where an error in the
// last bit would change the unit.
func log10(x float64) float64 {
	l := math.Log10(x)
	if whole := math.Round(l); math.Abs(l-whole) < 1e-15 {
		return whole
	}
	return l
}

// counted writes "1 run" or "1,000 runs".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// grouped sets the thousands of a number apart by commas.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
