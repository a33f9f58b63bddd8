package parallel

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/goparallel/goparallel/parallel/backend"
	"github.com/goparallel/goparallel/parallel/registry"
)

// View maps functions over items on engines. [DirectView] and [LoadBalancedView]
// are views. The methods may be called from any goroutine; several calls share
// the engines.
//
// The items are read while the call runs, and not copied before. A slice that is mapped over, and what its
// items refer to, must not be changed before the call is done: engines would get some items as
// they were before and some as they are after.
type View struct {
	cluster backend.Cluster
	targets []int // nil for all
	direct  bool
	auto    bool

	mu   sync.Mutex
	last backend.Call
}

// DirectView runs items on chosen engines, divided beforehand: a contiguous
// share for each, or, with [ChunkSize], frames dealt out in turn. Items of an
// engine that dies may run on another of the view's engines.
type DirectView struct{ View }

// LoadBalancedView lets each engine take the next frame when it is free.
type LoadBalancedView struct{ View }

// Option changes one call.
type Option func(*options)

type options struct {
	ctx   context.Context
	chunk int
}

// ChunkSize makes each message carry n items. By default the view chooses; 1 is
// one message for each item, as ipyparallel does by default. Where a chunk size
// costs more than half of a call's time, standard error says so, once for each
// place in the code.
func ChunkSize(n int) Option { return func(o *options) { o.chunk = n } }

// WithContext cancels the call when the context ends.
func WithContext(ctx context.Context) Option { return func(o *options) { o.ctx = ctx } }

// MapSync applies f to each item and returns the results in order. If items fail
// it returns the results of the others, zero values in their place, and a
// [*MapError]. If the call ends early the error says why, and results that had
// not arrived are zero values.
func (v *View) MapSync[A, R any](f func(A) R, items []A, options ...Option) ([]R, error) {
	return v.Map(f, items, options...).Get()
}

// Map is MapSync without waiting. It never fails at once: the error is the
// result's. The items are read until the result is ready, so do not change them before; give it
// slices.Clone(items) if they change.
func (v *View) Map[A, R any](f func(A) R, items []A, options ...Option) *AsyncResult[R] {
	out := make([]R, len(items))
	here := func(next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			out[i] = f(items[i])
		}
		return nil
	}
	return &AsyncResult[R]{v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), unsafe.Pointer(unsafe.SliceData(out)), len(items), here, options), out}
}

// MapErrSync is MapSync for a function that returns an error. An item fails if
// its error is not nil; [RemoteError] has the error. See "What travels" for what of it arrives.
func (v *View) MapErrSync[A, R any](f func(A) (R, error), items []A, options ...Option) ([]R, error) {
	return v.MapErr(f, items, options...).Get()
}

// MapErr is MapErrSync without waiting. The items are read until the result is ready, as with
// [View.Map].
func (v *View) MapErr[A, R any](f func(A) (R, error), items []A, options ...Option) *AsyncResult[R] {
	out := make([]R, len(items))
	here := func(next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			y, err := f(items[i])
			if err != nil {
				return err
			}
			out[i] = y
		}
		return nil
	}
	return &AsyncResult[R]{v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), unsafe.Pointer(unsafe.SliceData(out)), len(items), here, options), out}
}

// ForEachSync applies f, which has no result, to each item.
func (v *View) ForEachSync[A any](f func(A), items []A, options ...Option) error {
	here := func(next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			f(items[i])
		}
		return nil
	}
	return v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), nil, len(items), here, options).wait()
}

// ForEachErrSync applies f, which has no result but an error, to each item.
func (v *View) ForEachErrSync[A any](f func(A) error, items []A, options ...Option) error {
	here := func(next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			if err := f(items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), nil, len(items), here, options).wait()
}

// ApplySync calls f once on each engine of the view and returns the results in
// the order of the engines.
func (v *DirectView) ApplySync[R any](f func() R, options ...Option) ([]R, error) {
	return v.Apply(f, options...).Get()
}

// Apply is ApplySync without waiting.
func (v *DirectView) Apply[R any](f func() R, options ...Option) *AsyncResult[R] {
	out := make([]R, v.engines())
	return &AsyncResult[R]{v.applying(f, unsafe.Pointer(unsafe.SliceData(out)), len(out), options), out}
}

// ApplyErrSync is ApplySync for a function that returns an error.
func (v *DirectView) ApplyErrSync[R any](f func() (R, error), options ...Option) ([]R, error) {
	out := make([]R, v.engines())
	err := v.applying(f, unsafe.Pointer(unsafe.SliceData(out)), len(out), options).wait()
	return out, err
}

// ApplySync calls f on one engine and returns its result.
func (v *LoadBalancedView) ApplySync[R any](f func() R, options ...Option) (R, error) {
	var out R
	err := v.applying(f, unsafe.Pointer(&out), 1, options).wait()
	return out, err
}

// Apply is ApplySync without waiting; the result is a slice of one.
func (v *LoadBalancedView) Apply[R any](f func() R, options ...Option) *AsyncResult[R] {
	out := make([]R, 1)
	return &AsyncResult[R]{v.applying(f, unsafe.Pointer(unsafe.SliceData(out)), 1, options), out}
}

// ApplyErrSync is ApplySync for a function that returns an error.
func (v *LoadBalancedView) ApplyErrSync[R any](f func() (R, error), options ...Option) (R, error) {
	var out R
	err := v.applying(f, unsafe.Pointer(&out), 1, options).wait()
	return out, err
}

// engines is the number of engines of the view.
func (v *View) engines() int {
	if v.targets == nil {
		return v.cluster.Size()
	}
	return len(v.targets)
}

// mapping starts a call of f for each of n items; the loop is for items that run
// in this process.
func (v *View) mapping(f any, in, out unsafe.Pointer, n int, here loop, options []Option) *running {
	return v.submit(f, backend.Job{Items: n, In: in, Out: out, Direct: v.direct}, here, options)
}

// applying starts n calls of f, which has no argument.
func (v *View) applying(f any, out unsafe.Pointer, n int, options []Option) *running {
	return v.submit(f, backend.Job{Items: n, Out: out, Pinned: v.direct, Chunk: 1}, nil, options)
}

// settle makes the options of a call complete.
func settle(given []Option) (o options, err error) {
	for _, option := range given {
		option(&o)
	}
	if o.chunk < 0 {
		return o, fmt.Errorf("a chunk size of %d is impossible", o.chunk)
	}
	if o.ctx == nil {
		o.ctx = currentContext()
	}
	if o.ctx.Err() != nil {
		return o, fmt.Errorf("cancelled before it began: %w", context.Cause(o.ctx))
	}
	return o, nil
}

// submit starts a job.
func (v *View) submit(f any, job backend.Job, here loop, given []Option) *running {
	o, err := settle(given)
	if err != nil {
		return &running{err: err}
	}
	if o.chunk > 0 {
		job.Chunk = o.chunk
	}
	job.Targets = slices.Clone(v.targets)
	r := v.running(v.start(o.ctx, f, job, here))
	r.chunked = o.chunk > 0
	return r
}

// running is a call of the view, or why there is none.
func (v *View) running(call backend.Call, err error) *running {
	if err != nil {
		return &running{err: err}
	}
	v.called(call)
	return &running{call: call}
}

// start starts a job on the view's engines, or wherever an AutoView chooses, unless
// there is no loop for this process.
func (v *View) start(ctx context.Context, f any, job backend.Job, here loop) (backend.Call, error) {
	if v.auto && here != nil {
		return v.choose(ctx, f, job, here)
	}
	var err error
	if job.Function, err = registry.Resolve(f); err != nil {
		return nil, err
	}
	return v.cluster.Submit(ctx, job)
}

// String says what kind of view it is, and of which engines.
func (v *View) String() string {
	kind := "load-balanced"
	if v.direct {
		kind = "direct"
	} else if v.auto {
		kind = "auto"
	}
	if v.targets != nil {
		return fmt.Sprintf("%s view of the engines %v", kind, v.targets)
	}
	return fmt.Sprintf("%s view of %d engines", kind, v.engines())
}

// Explain says what the view's last call cost, and why.
func (v *View) Explain() Explanation {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last == nil {
		return Explanation{}
	}
	return explanation(v.last.Report())
}
