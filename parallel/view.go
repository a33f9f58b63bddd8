package parallel

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/format"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/internal/parallel/registry"
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
	given   []Option // of every call
	show    func() func(Progress)

	mu   sync.Mutex
	last backend.Call
}

// DirectView runs items on chosen engines, divided beforehand: a contiguous
// share for each, or, with [ChunkSize], frames dealt out in turn. Items of an
// engine that dies may run on another of the view's engines.
type DirectView struct{ View }

// LoadBalancedView lets each engine take the next frame when it is free.
type LoadBalancedView struct{ View }

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
	local := func(_ context.Context, next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			out[i] = f(items[i])
		}
		return nil
	}
	return &AsyncResult[R]{v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), unsafe.Pointer(unsafe.SliceData(out)), len(items), local, options), out}
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
	local := func(_ context.Context, next *int, end int) error {
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
	return &AsyncResult[R]{v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), unsafe.Pointer(unsafe.SliceData(out)), len(items), local, options), out}
}

// ForEachSync applies f, which has no result, to each item.
func (v *View) ForEachSync[A any](f func(A), items []A, options ...Option) error {
	local := func(_ context.Context, next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			f(items[i])
		}
		return nil
	}
	return v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), nil, len(items), local, options).wait()
}

// ForEachErrSync applies f, which has no result but an error, to each item.
func (v *View) ForEachErrSync[A any](f func(A) error, items []A, options ...Option) error {
	local := func(_ context.Context, next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			if err := f(items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), nil, len(items), local, options).wait()
}

// ApplySync calls f once on each engine of the view and returns the results in
// the order of the engines.
func (v *DirectView) ApplySync[R any](f func() R, options ...Option) ([]R, error) {
	return v.Apply(f, options...).Get()
}

// Apply is ApplySync without waiting.
func (v *DirectView) Apply[R any](f func() R, options ...Option) *AsyncResult[R] {
	out := make([]R, v.engines())
	return &AsyncResult[R]{v.applying(f, nil, unsafe.Pointer(unsafe.SliceData(out)), len(out), options), out}
}

// ApplyErrSync is ApplySync for a function that returns an error.
func (v *DirectView) ApplyErrSync[R any](f func() (R, error), options ...Option) ([]R, error) {
	out := make([]R, v.engines())
	err := v.applying(f, nil, unsafe.Pointer(unsafe.SliceData(out)), len(out), options).wait()
	return out, err
}

// ApplySync calls f on one engine and returns its result.
func (v *LoadBalancedView) ApplySync[R any](f func() R, options ...Option) (R, error) {
	var out R
	err := v.applying(f, nil, unsafe.Pointer(&out), 1, options).wait()
	return out, err
}

// Apply is ApplySync without waiting; the result is a slice of one.
func (v *LoadBalancedView) Apply[R any](f func() R, options ...Option) *AsyncResult[R] {
	out := make([]R, 1)
	return &AsyncResult[R]{v.applying(f, nil, unsafe.Pointer(unsafe.SliceData(out)), 1, options), out}
}

// ApplyErrSync is ApplySync for a function that returns an error.
func (v *LoadBalancedView) ApplyErrSync[R any](f func() (R, error), options ...Option) (R, error) {
	var out R
	err := v.applying(f, nil, unsafe.Pointer(&out), 1, options).wait()
	return out, err
}

// with is the view with options for every call.
func (v *View) with(ctx context.Context, options []Option) View {
	given := append(slices.Clone(v.given), WithContext(ctx))
	return View{cluster: v.cluster, targets: v.targets, direct: v.direct, auto: v.auto, given: append(given, options...), show: v.show}
}

// With is the view of the same engines whose calls end with the context, and have these
// options. A call's own options come after them.
func (v *DirectView) With(ctx context.Context, options ...Option) *DirectView {
	return &DirectView{v.with(ctx, options)}
}

// With is the view of the same engines whose calls end with the context, and have these
// options. A call's own options come after them.
func (v *LoadBalancedView) With(ctx context.Context, options ...Option) *LoadBalancedView {
	return &LoadBalancedView{v.with(ctx, options)}
}

// With is the view of the same engines whose calls end with the context, and have these
// options. A call's own options come after them.
func (v *AutoView) With(ctx context.Context, options ...Option) *AutoView {
	return &AutoView{v.with(ctx, options)}
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
func (v *View) mapping(f any, in, out unsafe.Pointer, n int, local loop, options []Option) *running {
	return v.submit(f, backend.Job{Items: n, In: in, Out: out, Direct: v.direct}, local, options)
}

// applying starts n calls of f, which has no argument, or finds one for each call at in.
func (v *View) applying(f any, in, out unsafe.Pointer, n int, options []Option) *running {
	return v.submit(f, backend.Job{Items: n, In: in, Out: out, Pinned: v.direct, Chunk: 1, Applied: true}, nil, options)
}

// submit starts a job.
func (v *View) submit(f any, job backend.Job, local loop, given []Option) *running {
	o, err := v.complete(given)
	if err == nil {
		err = o.apply(&job, v)
	}
	if err != nil {
		return &running{err: err}
	}
	job.Targets = slices.Clone(v.targets)
	job.Output = hooks.CallOutput(v.cluster)
	if why := o.onlyOnEngines(); v.auto && local != nil && why != "" {
		local, job.Why = nil, why
	}
	begin := func() (backend.Call, error) { return v.start(o.ctx, f, job, local) }
	if len(o.after)+len(o.follow) > 0 {
		begin = func() (backend.Call, error) { return v.startLater(o, f, job, local), nil }
	}
	r := v.running(begin())
	r.chunked = o.chunk > 0
	return r
}

// running is a call of the view, or why there is none.
func (v *View) running(call backend.Call, err error) *running {
	if err != nil {
		return &running{err: err}
	}
	v.called(call)
	return &running{call: call, show: v.show, cluster: v.cluster}
}

// start starts a job on the view's engines, or wherever an AutoView chooses, unless
// there is no loop for this process.
func (v *View) start(ctx context.Context, f any, job backend.Job, local loop) (backend.Call, error) {
	if v.auto && local != nil {
		return v.choose(ctx, f, job, local)
	}
	if v.cluster.Size() == 0 {
		return nil, errNowhere
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
	if v.auto && v.engines() == 0 {
		return kind + " view of this process"
	}
	if v.targets != nil {
		return fmt.Sprintf("%s view of the engines %v", kind, v.targets)
	}
	return fmt.Sprintf("%s view of %s", kind, format.Count(v.engines(), "engine"))
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

// called notes a call as the last one of its view, and the view as the last one that called.
func (v *View) called(call backend.Call) {
	v.mu.Lock()
	v.last = call
	v.mu.Unlock()
	hooks.Called(v)
}
