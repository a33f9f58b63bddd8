package parallel

import (
	"fmt"
	"time"

	"github.com/goparallel/goparallel/parallel/backend"
)

// AsyncResult is a call that may still run. Its methods may be called from any
// goroutine.
type AsyncResult[R any] struct {
	*running
	out []R
}

// Get waits for the end of the call and returns its results and its error, as
// MapSync does.
func (r *AsyncResult[R]) Get() ([]R, error) {
	err := r.wait()
	return r.out, err
}

// running is the part of a result that does not depend on its type.
type running struct {
	call    backend.Call
	err     error  // why there is no call
	chunked bool   // the caller chose the chunk size
	place   string // what stands for the place in the code, where that is an interpreter's
}

// wait waits for the end of the call, and for what its engines printed.
func (r *running) wait() error {
	if r.call == nil {
		return r.err
	}
	await(r.call)
	r.call.Settle()
	if r.chunked {
		warnOfChunk(r.Explain(), r.place)
	}
	return callError(r.call)
}

// Wait waits for the end of the call, for at most the given time, and reports
// whether it has ended.
func (r *running) Wait(limit time.Duration) bool {
	if r.call == nil {
		return true
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.call.Done():
		return true
	case <-timer.C:
		return r.Ready()
	}
}

// Ready reports whether the call has ended.
func (r *running) Ready() bool {
	if r.call == nil {
		return true
	}
	select {
	case <-r.call.Done():
		return true
	default:
		return false
	}
}

// Failure returns the error of a call that has ended, which Get returns too, and nil
// while the call runs.
func (r *running) Failure() error {
	switch {
	case r.call == nil:
		return r.err
	case !r.Ready():
		return nil
	}
	return callError(r.call)
}

// String says how far the call is: "running: 3 of 10 items done after 1.2 s".
func (r *running) String() string {
	state, e := "running", r.Explain()
	if r.Ready() {
		state = "ended"
	}
	return fmt.Sprintf("%s: %d of %d items done after %s", state, e.Done, e.Items, FormatTime(e.Elapsed.Seconds(), 2))
}

// Progress returns the number of items that are finished, failed ones included.
func (r *running) Progress() int { return r.Explain().Done }

// Elapsed returns the time from the call to its end, or until now.
func (r *running) Elapsed() time.Duration { return r.Explain().Elapsed }

// Cancel ends the call, unless it has ended: Get returns an error then.
func (r *running) Cancel() {
	if r.call != nil {
		r.call.Cancel(ErrCancelled)
	}
}

// ErrCancelled is the cause of calls that were ended by Cancel.
var ErrCancelled = fmt.Errorf("Cancel was called")

// Explain says what the call has cost so far, and why.
func (r *running) Explain() Explanation {
	if r.call == nil {
		return Explanation{}
	}
	return explanation(r.call.Report())
}
