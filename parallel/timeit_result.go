package parallel

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/format"
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
		format.Time(r.Average(), r.precision), format.Time(r.Stdev(), r.precision),
		format.Count(r.Repeat, "run"), format.Count(r.Loops, "loop"))
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
