package parallel

import (
	"cmp"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// Values is a call whose types are known at run time only. Its methods may be
// called from any goroutine, as those of [AsyncResult].
type Values struct {
	*running
	out    reflect.Value // a slice, or invalid where the function has no result
	single bool          // of one engine's result
}

// Get waits for the end of the call and returns its results, and its error as
// MapSync does: a slice with a result for each item or engine, the result itself
// of a function that was applied on one engine, or nil where the function has no
// result.
func (r *Values) Get() (any, error) {
	err := r.wait()
	switch {
	case !r.out.IsValid():
		return nil, err
	case r.single:
		return r.out.Index(0).Interface(), err
	}
	return r.out.Interface(), err
}

// MapValues is Map for a caller that holds no Go function and knows no types
// before it runs, such as an interpreter: f names what engines call, and its
// Runner tells the types. The items are a slice whose elements have the memory
// layout of f's argument. An [AutoView] runs them on engines, too.
func (v *View) MapValues(f *registry.Function, items reflect.Value, options ...Option) *Values {
	out, at := results(f, items.Len())
	job := backend.Job{Items: items.Len(), In: items.UnsafePointer(), Out: at, Direct: v.direct}
	if v.auto {
		job.Why = "It ran on engines because the caller's process has no compiled code of it."
	}
	call := v.submit(f, job, nil, options)
	call.place = f.String()
	return &Values{running: call, out: out}
}

// ApplyValues is Apply in the same sense: a direct view's engines call f once
// each, one engine of another view does.
func (v *View) ApplyValues(f *registry.Function, options ...Option) *Values {
	n := 1
	if v.direct {
		n = v.engines()
	}
	out, at := results(f, n)
	return &Values{running: v.applying(f, nil, at, n, options), out: out, single: !v.direct}
}

// results makes the place for n results of f.
func results(f *registry.Function, n int) (reflect.Value, unsafe.Pointer) {
	if f.Runner.Out == nil {
		return reflect.Value{}, nil
	}
	out := reflect.MakeSlice(reflect.SliceOf(f.Runner.Out), n, n)
	return out, out.UnsafePointer()
}

// PushValue is Push in the same sense.
func (v *DirectView) PushValue(name string, value reflect.Value, options ...Option) error {
	return v.push(name, []any{pointerTo(value)}, options).wait()
}

// ScatterValues is Scatter of a slice in the same sense.
func (v *DirectView) ScatterValues(name string, items reflect.Value, options ...Option) error {
	shares := make([]any, v.engines())
	for i, span := range plan.Shares(items.Len(), len(shares)) {
		end := span.First + span.Count
		shares[i] = pointerTo(items.Slice3(span.First, end, end))
	}
	return v.push(name, shares, options).wait()
}

// pointerTo returns a pointer to a copy of a value.
func pointerTo(value reflect.Value) any {
	p := reflect.New(value.Type())
	p.Elem().Set(value)
	return p.Interface()
}

// PullValues is Pull in the same sense: it returns a slice of values of type t.
func (v *DirectView) PullValues(name string, t reflect.Type, options ...Option) (reflect.Value, error) {
	out := reflect.MakeSlice(reflect.SliceOf(t), v.engines(), v.engines())
	values, err := v.pull(name, t, options)
	if values != nil {
		for i := range out.Len() {
			err = cmp.Or(err, values.Decode(i, out.Index(i).Addr().Interface()))
		}
	}
	return out, err
}

// GatherValues is Gather in the same sense: t is the type of the slices, and of the
// result.
func (v *DirectView) GatherValues(name string, t reflect.Type, options ...Option) (reflect.Value, error) {
	out := reflect.New(t)
	values, err := v.pull(name, t, options)
	if values != nil {
		err = cmp.Or(err, values.Join(out.Interface()))
	}
	return out.Elem(), err
}
