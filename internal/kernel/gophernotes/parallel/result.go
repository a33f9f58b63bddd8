package parallel

import (
	"fmt"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/parallel"
)

// MapError is the error of a call of which some items failed, RemoteError that of
// one item.
type (
	MapError    = parallel.MapError
	RemoteError = parallel.RemoteError
)

// AsyncResult is a call that may still run.
type AsyncResult struct {
	values call // nil where there is no call
	err    error
}

// call is what begins with [hooks.Untyped].
type call interface {
	hooks.Call
	Wait(limit time.Duration) bool
	Ready() bool
	Cancel()
	Explain() Explanation
	String() string
}

// Get waits for the end of the call and returns its results and its error, as
// MapSync does. The kernel's interrupt cancels a call that is waited for, and then leaves the
// interpreter with its values as it is.
func (r *AsyncResult) Get() (any, error) {
	if r.values == nil {
		return nil, r.err
	}
	defer onInterrupt(r.values.Cancel)()
	out, err := r.values.Get()
	if c, open := compiler(); open == nil {
		err = c.Explain(err)
	}
	return out, err
}

// Wait waits for the end of the call, for at most the given time, and reports
// whether it has ended. An interrupt meanwhile cancels the call.
func (r *AsyncResult) Wait(limit time.Duration) bool {
	if r.values == nil {
		return true
	}
	defer onInterrupt(r.values.Cancel)()
	return r.values.Wait(limit)
}

// Ready reports whether the call has ended.
func (r *AsyncResult) Ready() bool { return r.values == nil || r.values.Ready() }

// String says how far the call is: "running: 3 of 10 items done after 1.2 s".
func (r *AsyncResult) String() string {
	if r.values == nil {
		return fmt.Sprintf("not begun: %v", r.err)
	}
	return r.values.String()
}

// Progress returns the number of items that are finished.
func (r *AsyncResult) Progress() int { return r.Explain().Done }

// Elapsed returns the time from the call to its end, or until now.
func (r *AsyncResult) Elapsed() time.Duration { return r.Explain().Elapsed }

// Cancel ends the call: Get returns an error then.
func (r *AsyncResult) Cancel() {
	if r.values != nil {
		r.values.Cancel()
	}
}

// Explain says what the call has cost so far, and why.
func (r *AsyncResult) Explain() Explanation {
	if r.values == nil {
		return Explanation{}
	}
	return r.values.Explain()
}
