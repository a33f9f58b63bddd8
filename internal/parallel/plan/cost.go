package plan

// Cost is what items were seen to cost an engine, all that is done for an item
// there included.
type Cost struct {
	// Mean is the time for an item in nanoseconds, Items the number that were seen.
	Mean  float64
	Items int
}

// estimate is a mean that forgets.
type estimate struct{ mean, n float64 }

// add counts n values of the mean; the last ones weigh as if no more than memory
// values had been seen.
func (e *estimate) add(mean float64, n, memory int) {
	e.n = min(e.n+float64(n), float64(memory))
	e.mean += (mean - e.mean) * min(1, float64(n)/e.n)
}

// Memory keeps the costs of functions between calls. It is not for concurrent
// use.
type Memory map[string]Cost

// maxFunctions limits the functions that are remembered.
const maxFunctions = 4096

// Learn notes what a call has taught about a function's items.
func (m Memory) Learn(function string, c Cost) {
	if c.Items == 0 {
		return
	}
	if old, ok := m[function]; ok {
		c.Mean = (old.Mean + c.Mean) / 2
	} else if len(m) >= maxFunctions {
		clear(m) // they are learned again within one call
	}
	m[function] = c
}
