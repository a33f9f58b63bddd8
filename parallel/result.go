package parallel

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
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

// Result is what became of one item.
type Result[R any] struct {
	Value R
	// Err is a [*RemoteError] of the item, or nil. Of a call that ended early it says why
	// there is no result.
	Err error
}

// Partial gives the items that are done, with their index, as far as the call is now. It waits
// for nothing.
func (r *AsyncResult[R]) Partial() iter.Seq2[int, Result[R]] {
	return func(yield func(int, Result[R]) bool) {
		if r.call == nil {
			return
		}
		parts, _ := r.call.Arrivals(0)
		for _, part := range parts {
			if !r.each(part, yield) {
				return
			}
		}
	}
}

// Arriving gives the items with their index as they arrive, and ends with the call. If that ends
// early, Get has the reason, and items that did not arrive are missing. Breaking out of the loop does not
// end the call.
func (r *AsyncResult[R]) Arriving() iter.Seq2[int, Result[R]] {
	return func(yield func(int, Result[R]) bool) {
		if r.call == nil {
			return
		}
		for seen := 0; ; {
			parts, more := r.call.Arrivals(seen)
			seen += len(parts)
			for _, part := range parts {
				if !r.each(part, yield) {
					return
				}
			}
			if more == nil {
				return
			}
			<-more
		}
	}
}

// All gives all items in order, each as soon as it is done. Of a call that ends early, those that did not
// arrive have its error. Breaking out of the loop does not end the call.
func (r *AsyncResult[R]) All() iter.Seq2[int, Result[R]] {
	return func(yield func(int, Result[R]) bool) {
		early := map[int]backend.Arrival{} // what arrived before its turn, by its first item
		next := 0
		for seen := 0; ; {
			var parts []backend.Arrival
			var more <-chan struct{}
			if r.call != nil {
				parts, more = r.call.Arrivals(seen)
				seen += len(parts)
			}
			for _, part := range parts {
				early[part.First] = part
				for part, ok := early[next]; ok; part, ok = early[next] {
					delete(early, next)
					if next += part.Count; !r.each(part, yield) {
						return
					}
				}
			}
			if more == nil {
				break
			}
			<-more
		}
		if next == len(r.out) {
			return
		}
		err := r.err
		if r.call != nil {
			err = r.call.Err()
		}
		for next < len(r.out) {
			part, ok := early[next]
			if ok && !r.each(part, yield) || !ok && !yield(next, Result[R]{Err: err}) {
				return
			}
			next += max(1, part.Count)
		}
	}
}

// each gives the items that arrived together.
func (r *AsyncResult[R]) each(part backend.Arrival, yield func(int, Result[R]) bool) bool {
	failed := part.Failures
	for i := part.First; i < part.First+part.Count; i++ {
		result := Result[R]{Value: r.out[i]}
		if len(failed) > 0 && failed[0].Item == i {
			result.Err = remoteError(failed[0])
			failed = failed[1:]
		}
		if !yield(i, result) {
			return false
		}
	}
	return true
}

// Stdout returns what the call's items have printed so far on standard output, by engine: up to 256 KB of
// each. It is what the engines' processes printed while they worked for this call: all that an item prints, also where it goes on for a while after
// it was cancelled or has run too long, and of goroutines that it leaves behind what these print until the engine works for another call, because Go does not say which
// goroutine prints. What items print in this process is not in it.
func (r *AsyncResult[R]) Stdout() map[int]string { return r.printed(false) }

// Stderr is Stdout for standard error.
func (r *AsyncResult[R]) Stderr() map[int]string { return r.printed(true) }

// printed asks the call.
func (r *running) printed(stderr bool) map[int]string {
	if r.call == nil {
		return map[int]string{}
	}
	select {
	case <-r.call.Done():
		r.call.AwaitOutput() // what was printed may still be on its way
	default:
	}
	return r.call.Output(stderr)
}

// ByEngine gives the results of the items that are done to the engines that ran them, in the order in
// which they arrived; [Here] is this process. Failed items are left out.
func (r *AsyncResult[R]) ByEngine() map[int][]R {
	by := map[int][]R{}
	if r.call == nil {
		return by
	}
	parts, _ := r.call.Arrivals(0)
	for _, part := range parts {
		r.each(part, func(_ int, result Result[R]) bool {
			if result.Err == nil {
				by[part.Engine] = append(by[part.Engine], result.Value)
			}
			return true
		})
	}
	return by
}

// running is the part of a result that does not depend on its type.
type running struct {
	call    backend.Call
	err     error           // why there is no call
	chunked bool            // the caller chose the chunk size
	cluster backend.Cluster // whose engines it is for
	place   string          // what stands for the place in the code, where that is an interpreter's
	show    func() func(Progress)
}

// wait waits for the end of the call, and for what its engines printed.
func (r *running) wait() error {
	if r.call == nil {
		return r.err
	}
	await(r.call, r.show)
	r.call.AwaitOutput()
	if r.chunked {
		warnOfChunk(r.Explain(), r.place)
	}
	return callError(r.call)
}

// Done is closed when the call has ended.
func (r *running) Done() <-chan struct{} {
	if r.call == nil {
		return noCall
	}
	return r.call.Done()
}

// noCall is closed.
var noCall = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// engines is the cluster of the call, or nil.
func (r *running) engines() backend.Cluster { return r.cluster }

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
	return fmt.Sprintf("%s: %d of %d items done after %s", state, e.Done, e.Items, short(e.Elapsed))
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

// ErrCancelled is the cause of calls that were ended by Cancel. To [errors.Is] it is
// [context.Canceled] as well.
var ErrCancelled error = cancelled{}

type cancelled struct{}

func (cancelled) Error() string        { return "Cancel was called" }
func (cancelled) Is(target error) bool { return target == context.Canceled }

// Explain says what the call has cost so far, and why.
func (r *running) Explain() Explanation {
	if r.call == nil {
		return Explanation{}
	}
	return explanation(r.call.Report())
}
