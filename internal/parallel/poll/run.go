package poll

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/goparallel/goparallel/internal/goabi/goroutine"
)

// Run is one stoppable execution: a goroutine and all that it starts. Its
// methods may be called from any goroutine.
type Run struct {
	name   string
	mu     sync.Mutex
	labels context.Context // nil once stopped, so that only goroutines keep the label alive
}

var runs atomic.Int64

// NewRun returns a run without goroutines.
func NewRun() *Run {
	name := "run" + strconv.FormatInt(runs.Add(1), 10)
	return &Run{name: name, labels: pprof.WithLabels(context.Background(), pprof.Labels("goparallel", name))}
}

// Header is what the first line of a stack trace contains for goroutines of the
// run, and for no others.
func (r *Run) Header() string { return "{goparallel: " + r.name + "}" }

// Go starts f in a goroutine of the run and returns at once. The channel
// receives one value when f has ended: true where f returned, false where it was
// stopped, or ended by [runtime.Goexit]. Of a run that is stopped already, f is
// not started. A panic in f ends the process, as in any goroutine: an f that
// may panic recovers by itself.
func (r *Run) Go(f func()) <-chan bool {
	done := make(chan bool, 1)
	r.mu.Lock()
	labels := r.labels
	r.mu.Unlock()
	if labels == nil {
		done <- false
		return done
	}
	go func() {
		returned := false
		defer func() { done <- returned }()
		pprof.SetGoroutineLabels(labels)
		labels = nil
		if r.Stopped() {
			return
		}
		f()
		returned = true
	}()
	return done
}

// enter makes the calling goroutine one of the run. It reports false where the run
// is stopped already.
func (r *Run) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.labels == nil {
		return false
	}
	pprof.SetGoroutineLabels(r.labels)
	return true
}

// has reports whether a label is that of the run's goroutines.
func (r *Run) has(label unsafe.Pointer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.labels != nil && labelOf(r.labels) == label
}

// Do runs f in a goroutine of the run, waits for it, and reports whether it
// returned; see [Run.Go].
func (r *Run) Do(f func()) bool { return <-r.Go(f) }

// Stop ends the goroutines of the run, each at its next poll. It does not wait
// for them. A goroutine that is blocked, or that never polls, goes on until it
// polls.
func (r *Run) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.labels == nil {
		return
	}
	stop(labelOf(r.labels))
	r.labels = nil
	// The flag falls when the label is collected. A run is stopped rarely, so
	// one collection is a fair price for fast polls afterwards.
	go func() {
		goroutine.SetLabel(nil) // this goroutine inherited the caller's, which may be the one to collect
		runtime.GC()
	}()
}

// Stopped reports whether [Run.Stop] was called.
func (r *Run) Stopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.labels == nil
}

// Aside calls f in the calling goroutine, which meanwhile belongs to no run but
// one of its own: [Label] tells it from every other goroutine, except those that
// f starts.
func Aside(f func()) {
	mine := goroutine.Label()
	defer goroutine.SetLabel(mine)
	pprof.SetGoroutineLabels(NewRun().labels)
	f()
}

// labelOf returns the label that goroutines with these labels carry.
func labelOf(labels context.Context) unsafe.Pointer {
	mine := goroutine.Label()
	defer goroutine.SetLabel(mine)
	pprof.SetGoroutineLabels(labels)
	return goroutine.Label()
}

// Label returns what identifies the calling goroutine's run, or nil. It is
// equal for all goroutines of a run and differs between runs that are alive.
func Label() unsafe.Pointer { return goroutine.Label() }
