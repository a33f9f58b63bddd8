package contest

import (
	"errors"
	"sync"
	"sync/atomic"
)

// outstanding is how many calls a server has to itself in the best setting; by
// default it gets one at a time.
const outstanding = 32

// Calls times one call for each item, spread over servers as they are free.
func (t Task) Calls[R any](servers int, items []int, call func(server, item int) (R, error)) ([]float64, error) {
	width := 1
	if t.Setting == "best" {
		width = outstanding
	}
	return t.Time(func() error {
		out := make([]R, len(items))
		errs := make([]error, servers*width)
		var taken atomic.Int64
		var g sync.WaitGroup
		for n := range errs {
			g.Go(func() {
				for errs[n] == nil {
					i := int(taken.Add(1)) - 1
					if i >= len(items) {
						return
					}
					out[i], errs[n] = call(n%servers, items[i])
				}
			})
		}
		g.Wait()
		return errors.Join(errs...)
	})
}
