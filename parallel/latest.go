package parallel

import (
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// latest is what this process called last, for those who ask without naming a view, as
// %explain does.
var latest struct {
	sync.Mutex
	call backend.Call
}

// LastExplanation explains the last call of any view in this process; ok is false
// where there was none. The call may still run.
func LastExplanation() (e Explanation, ok bool) {
	latest.Lock()
	call := latest.call
	latest.Unlock()
	if call == nil {
		return Explanation{}, false
	}
	return explanation(call.Report()), true
}

// called notes a call as the last one of its view and of the process.
func (v *View) called(call backend.Call) {
	v.mu.Lock()
	v.last = call
	v.mu.Unlock()
	latest.Lock()
	latest.call = call
	latest.Unlock()
}
