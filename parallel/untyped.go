package parallel

import (
	"cmp"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

func init() {
	hooks.Untyped.Map = func(view any, f *registry.Function, items reflect.Value, options any) hooks.Call {
		return view.(*View).mapValues(f, items, options.([]Option)...)
	}
	hooks.Untyped.Apply = func(view any, f *registry.Function, options any) hooks.Call {
		return view.(*View).applyValues(f, options.([]Option)...)
	}
	hooks.Untyped.Push = func(view any, name string, value reflect.Value, options any) error {
		return view.(*DirectView).pushValue(name, value, options.([]Option)...)
	}
	hooks.Untyped.Scatter = func(view any, name string, items reflect.Value, options any) error {
		return view.(*DirectView).scatterValues(name, items, options.([]Option)...)
	}
	hooks.Untyped.Pull = func(view any, name string, t reflect.Type, options any) (reflect.Value, error) {
		return view.(*DirectView).pullValues(name, t, options.([]Option)...)
	}
	hooks.Untyped.Gather = func(view any, name string, t reflect.Type, options any) (reflect.Value, error) {
		return view.(*DirectView).gatherValues(name, t, options.([]Option)...)
	}
}

// values is a call of [hooks.Untyped].
type values struct {
	*running
	out    reflect.Value // a slice, or invalid where the function has no result
	single bool          // of one engine's result
}

// Get waits for the end of the call and returns its results, and its error as
// MapSync does: a slice with a result for each item or engine, the result itself
// of a function that was applied on one engine, or nil where the function has no
// result.
func (r *values) Get() (any, error) {
	err := r.wait()
	switch {
	case !r.out.IsValid():
		return nil, err
	case r.single:
		return r.out.Index(0).Interface(), err
	}
	return r.out.Interface(), err
}

// mapValues is Map of [hooks.Untyped], and so are the others.
func (v *View) mapValues(f *registry.Function, items reflect.Value, options ...Option) *values {
	out, at := results(f, items.Len())
	job := backend.Job{Items: items.Len(), In: items.UnsafePointer(), Out: at, Direct: v.direct}
	if v.auto {
		job.Why = "It ran on engines because the caller's process has no compiled code of it."
	}
	call := v.submit(f, job, nil, options)
	call.place = f.String()
	return &values{running: call, out: out}
}

func (v *View) applyValues(f *registry.Function, options ...Option) *values {
	n := 1
	if v.direct {
		n = v.engines()
	}
	out, at := results(f, n)
	return &values{running: v.applying(f, nil, at, n, options), out: out, single: !v.direct}
}

// results makes the place for n results of f.
func results(f *registry.Function, n int) (reflect.Value, unsafe.Pointer) {
	if f.Runner.Out == nil {
		return reflect.Value{}, nil
	}
	out := reflect.MakeSlice(reflect.SliceOf(f.Runner.Out), n, n)
	return out, out.UnsafePointer()
}

func (v *DirectView) pushValue(name string, value reflect.Value, options ...Option) error {
	return v.push(name, []any{pointerTo(value)}, options).wait()
}

func (v *DirectView) scatterValues(name string, items reflect.Value, options ...Option) error {
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

func (v *DirectView) pullValues(name string, t reflect.Type, options ...Option) (reflect.Value, error) {
	out := reflect.MakeSlice(reflect.SliceOf(t), v.engines(), v.engines())
	values, err := v.pull(name, t, options)
	if values != nil {
		for i := range out.Len() {
			err = cmp.Or(err, values.Decode(i, out.Index(i).Addr().Interface()))
		}
	}
	return out, err
}

func (v *DirectView) gatherValues(name string, t reflect.Type, options ...Option) (reflect.Value, error) {
	out := reflect.New(t)
	values, err := v.pull(name, t, options)
	if values != nil {
		err = cmp.Or(err, values.Join(out.Interface()))
	}
	return out.Elem(), err
}
