package parallel

import "github.com/goparallel/goparallel/parallel"

// TimeitResult is what Timeit measured; it is shown as IPython shows it.
type TimeitResult = parallel.TimeitResult

// TimeitOption changes how Timeit measures.
type TimeitOption = parallel.TimeitOption

// Timeit measures how long a call of f takes, as IPython's %timeit does. An
// interpreted function is timed as it is interpreted.
func Timeit(f func(), options ...TimeitOption) *TimeitResult { return parallel.Timeit(f, options...) }

// Loops sets how often the function is called in one run.
func Loops(n int) TimeitOption { return parallel.Loops(n) }

// Repeat sets the number of runs.
func Repeat(n int) TimeitOption { return parallel.Repeat(n) }

// Precision sets the number of significant digits that are printed.
func Precision(digits int) TimeitOption { return parallel.Precision(digits) }
