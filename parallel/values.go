package parallel

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/plan"
)

// Push keeps a value under a name on each engine of the view, where functions find
// it by [Get]:
//
//	err := rc.All().Push("table", table)
//	ys, err := rc.All().MapSync(func(x int) float64 {
//		table, err := parallel.Get[[]float64]("table")
//		…
//	}, xs)
//
// It replaces the value of the same name, and stays until it is replaced or the
// engine's process ends. What can be an argument can be pushed. A value that
// travels through shared memory does so once for all engines. A failure is a
// [*MapError], whose item i is the view's engine i. The only option that means
// something here is [WithContext].
func (v *DirectView) Push[T any](name string, value T, options ...Option) error {
	return v.push(name, []any{&value}, options).wait()
}

// Scatter divides a slice into one contiguous share for each engine of the view,
// as equal as possible, the first ones longer (as a call of the view divides its
// items), and keeps each share under the name
// on its engine, as Push does. An engine for which nothing is left gets an empty
// slice.
func (v *DirectView) Scatter[T any](name string, items []T, options ...Option) error {
	shares := make([]any, v.engines())
	for i, span := range plan.Shares(len(items), len(shares)) {
		share := items[span.First : span.First+span.Count : span.First+span.Count]
		shares[i] = &share
	}
	return v.push(name, shares, options).wait()
}

// Pull returns the values that the view's engines keep under a name, in the order
// of the engines. They must be of type T. Where an engine has none, because nothing
// was pushed or set, or because its process ended since, the error is a [*MapError]
// that names the engine, and its place holds a zero value.
func (v *DirectView) Pull[T any](name string, options ...Option) ([]T, error) {
	out := make([]T, v.engines())
	values, err := v.pull(name, reflect.TypeFor[T](), options)
	if values != nil {
		for i := range out {
			err = cmp.Or(err, values.Decode(i, &out[i]))
		}
	}
	return out, err
}

// Gather joins the slices that the view's engines keep under a name, in the order
// of the engines: what Scatter divided comes back together. Errors are those of
// Pull; the result then lacks what the engines that failed have.
func (v *DirectView) Gather[T any](name string, options ...Option) ([]T, error) {
	var out []T
	values, err := v.pull(name, reflect.TypeFor[[]T](), options)
	if values != nil {
		err = cmp.Or(err, values.Join(&out))
	}
	return out, err
}

// Get returns the value that this engine keeps under a name: what a view pushed,
// or a function set. Functions that run on engines call it; what they change in a
// slice, a map or behind a pointer stays changed for the next one. It is an error
// if there is none, or if it is of another type. Any goroutine may call it, but
// the value is as safe for several goroutines as any other variable.
func Get[T any](name string) (T, error) {
	var value T
	err := backend.Values.Get(name, &value)
	return value, err
}

// Set keeps a value under a name on this engine, for later calls and for
// [DirectView.Pull]. It is an error if the value's type cannot travel.
func Set[T any](name string, value T) error { return backend.Values.Set(name, &value) }

// push starts a call that keeps values.
func (v *DirectView) push(name string, pointers []any, given []Option) *running {
	o, err := v.complete(given)
	if err != nil {
		return &running{err: err}
	}
	call, err := v.cluster.Push(o.ctx, slices.Clone(v.targets), name, pointers)
	return v.running(call, err)
}

// pull fetches values, and returns those that came although others did not.
func (v *DirectView) pull(name string, t reflect.Type, given []Option) (backend.Pulled, error) {
	o, err := v.complete(given)
	if err != nil {
		return nil, err
	}
	call, values, err := v.cluster.Pull(o.ctx, slices.Clone(v.targets), name, t)
	if err != nil {
		return nil, err
	}
	return values, v.running(call, nil).wait()
}
