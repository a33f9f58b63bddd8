package parallel

import (
	"runtime"
	"time"
)

// TimeitOptions says how a statement is timed. The zero value is IPython's
// default.
type TimeitOptions struct {
	// Loops is how often the statement is executed in one run. At zero or less
	// it is the first power of ten, up to 10⁹, whose run takes 0.2 s or longer.
	Loops int
	// Repeat is the number of runs; at zero or less it is 7.
	Repeat int
	// Precision is the number of significant digits that are printed; at zero
	// or less it is 3.
	Precision int
}

// A TimeitOption changes how [Timeit] measures.
type TimeitOption func(*TimeitOptions)

// Loops sets how often the function is called in one run, instead of finding
// it out.
func Loops(n int) TimeitOption { return func(o *TimeitOptions) { o.Loops = n } }

// Repeat sets the number of runs.
func Repeat(n int) TimeitOption { return func(o *TimeitOptions) { o.Repeat = n } }

// Precision sets the number of significant digits that are printed.
func Precision(digits int) TimeitOption { return func(o *TimeitOptions) { o.Precision = digits } }

// IPython's constants.
const (
	defaultRepeat    = 7
	defaultPrecision = 3
	shortestRun      = 200 * time.Millisecond
	mostLoops        = 1_000_000_000
)

// Timeit measures how long a call of f takes, as IPython's %timeit does: seven
// runs, each of as many calls as fill 0.2 s. The call itself is part of the
// time, about 2 ns; what f computes should be kept where the compiler cannot
// see that nobody reads it, such as a package variable.
func Timeit(f func(), opts ...TimeitOption) *TimeitResult {
	var o TimeitOptions
	for _, set := range opts {
		set(&o)
	}
	return TimeLoop(o, func(n int) time.Duration {
		start := time.Now()
		for range n {
			f()
		}
		return time.Since(start)
	})
}

// TimeLoop is [Timeit] for a loop that keeps its own time: loop executes the
// statement n times and returns how long that took, without what it prepared
// before. The garbage is collected before each run, so that no run pays for
// what another one left behind.
func TimeLoop(o TimeitOptions, loop func(n int) time.Duration) *TimeitResult {
	run := func(n int) time.Duration {
		runtime.GC()
		return loop(n)
	}
	n := o.Loops
	if n <= 0 {
		for n = 1; n < mostLoops && run(n) < shortestRun; {
			n *= 10
		}
	}
	repeat := o.Repeat
	if repeat <= 0 {
		repeat = defaultRepeat
	}
	runs := make([]time.Duration, repeat)
	for i := range runs {
		runs[i] = run(n)
	}
	return newTimeitResult(runs, n, o.Precision)
}
