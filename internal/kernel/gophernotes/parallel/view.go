package parallel

import (
	"context"
	"fmt"
	"reflect"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/parallel"
)

// View maps functions over items on engines.
type View struct{ view *parallel.View }

// Option changes one call.
type Option = parallel.Option

// ChunkSize makes each message carry n items. The default is a few large messages.
func ChunkSize(n int) Option { return parallel.ChunkSize(n) }

// MapSync applies a function, given as source text, to each item of a slice and
// returns a slice of the results, in the order of the items. If items fail, the
// results of the others are returned with a [*MapError].
func (v *View) MapSync(function, items any, options ...Option) (any, error) {
	return v.Map(function, items, options...).Get()
}

// Map is MapSync without waiting for the engines. The text is compiled before it
// returns; an error is the result's.
func (v *View) Map(function, items any, options ...Option) *AsyncResult {
	slice := reflect.ValueOf(items)
	if slice.Kind() != reflect.Slice {
		return &AsyncResult{err: fmt.Errorf("items are a slice, not a %T", items)}
	}
	return v.begin(function, slice.Type().Elem(), func(f *registry.Function) hooks.Call { return hooks.Untyped.Map(v.view, f, slice, options) })
}

// ApplySync calls a function without argument: once on each engine of a direct
// view, which gives a slice of their results, or on one engine of a load-balanced
// view, which gives the result itself.
func (v *View) ApplySync(function any, options ...Option) (any, error) {
	return v.Apply(function, options...).Get()
}

// Apply is ApplySync without waiting for the engines.
func (v *View) Apply(function any, options ...Option) *AsyncResult {
	return v.begin(function, nil, func(f *registry.Function) hooks.Call { return hooks.Untyped.Apply(v.view, f, options) })
}

// begin compiles a text and starts a call of its function.
func (v *View) begin(function any, items reflect.Type, start func(*registry.Function) hooks.Call) *AsyncResult {
	text, ok := function.(string)
	if !ok {
		return &AsyncResult{err: fmt.Errorf("a %v cannot run on an engine, because an interpreted function has no code for it: give its source text, as in view.MapSync(\"func(x int) int { return 2 * x }\", xs)", reflect.TypeOf(function))}
	}
	c, err := compiler()
	if err != nil {
		return &AsyncResult{err: err}
	}
	f, err := c.Function(context.Background(), text, items)
	if err != nil {
		return &AsyncResult{err: err}
	}
	return &AsyncResult{values: start(f).(call)}
}

// String says which engines the view has.
func (v *View) String() string { return v.view.String() }

// Explanation is what a call has cost, and why.
type Explanation = parallel.Explanation

// Explain says what the view's last call cost, and why.
func (v *View) Explain() Explanation { return v.view.Explain() }
