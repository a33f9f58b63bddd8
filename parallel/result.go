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
	call backend.Call
	err  error // why there is no call
}

// wait waits for the end of the call, and for what its engines printed.
func (r *running) wait() error {
	if r.call == nil {
		return r.err
	}
	<-r.call.Done()
	r.call.Settle()
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

// Progress returns the number of items that are finished, failed ones included.
func (r *running) Progress() int { return r.Timings().Done }

// Elapsed returns the time from the call to its end, or until now.
func (r *running) Elapsed() time.Duration { return r.Timings().Elapsed }

// Cancel ends the call, unless it has ended: Get returns an error then.
func (r *running) Cancel() {
	if r.call != nil {
		r.call.Cancel(ErrCancelled)
	}
}

// ErrCancelled is the cause of calls that were ended by Cancel.
var ErrCancelled = fmt.Errorf("Cancel was called")

// Timings returns what the call has cost so far.
func (r *running) Timings() Timings {
	if r.call == nil {
		return Timings{}
	}
	return timings(r.call)
}

// Timings is what a call has cost. All of it is measured.
type Timings struct {
	// Items is the number of items, Done how many of them are finished.
	Items, Done int
	// Frames is the number of messages with items that were answered.
	Frames int
	// BytesOut and BytesIn are the encoded items sent, and results received.
	BytesOut, BytesIn int
	// Engines gives the number of items that each engine ran.
	Engines map[int]int
	// Decode, Run and Encode are the times that engines spent, summed over them.
	Decode, Run, Encode time.Duration
	// Elapsed is the time from the call to its end, or until now.
	Elapsed time.Duration
	// Redone is the number of items sent again because their engine died.
	Redone int
}

func timings(call backend.Call) Timings { return Timings(call.Report()) }

// String is the timings in two lines.
func (t Timings) String() string {
	s := fmt.Sprintf("%d of %d items in %d frames on %d engines, %d bytes out, %d bytes back\n",
		t.Done, t.Items, t.Frames, len(t.Engines), t.BytesOut, t.BytesIn)
	s += fmt.Sprintf("%v elapsed; engines spent %v running, %v decoding and %v encoding", t.Elapsed, t.Run, t.Decode, t.Encode)
	if t.Redone > 0 {
		s += fmt.Sprintf("; %d items were sent again because an engine died", t.Redone)
	}
	return s
}
