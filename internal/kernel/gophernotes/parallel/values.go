package parallel

import (
	"fmt"
	"reflect"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/parallel"
)

// DirectView is a view that divides items among chosen engines beforehand, and
// that can keep values on them.
type DirectView struct {
	View
	direct *parallel.DirectView
}

func direct(v *parallel.DirectView) *DirectView { return &DirectView{View{&v.View}, v} }

// Push keeps a value under a name on each engine of the view, where a text finds it:
// parallel.Get[[]float64]("table"). A struct of the interpreter's is read as one that a text declares with
// the same fields.
func (v *DirectView) Push(name string, value any, options ...Option) error {
	if value == nil {
		return fmt.Errorf("nil has no type and cannot be pushed as %q", name)
	}
	options, end := interruptible(options)
	defer end()
	return hooks.Untyped.Push(v.direct, name, reflect.ValueOf(value), options)
}

// Pull returns a slice of what the engines of the view keep under a name, in their
// order: what was pushed, or what a text kept with parallel.Set(name, value). Like
// is any value of its type, or of the interpreter's struct type with the same fields.
func (v *DirectView) Pull(name string, like any, options ...Option) (any, error) {
	if like == nil {
		return nil, fmt.Errorf("Pull of %q needs a value of the type that it is to return, such as []float64{}", name)
	}
	options, end := interruptible(options)
	defer end()
	out, err := hooks.Untyped.Pull(v.direct, name, reflect.TypeOf(like), options)
	return out.Interface(), err
}

// Scatter divides a slice into a share for each engine of the view, which keeps it
// under the name.
func (v *DirectView) Scatter(name string, items any, options ...Option) error {
	slice := reflect.ValueOf(items)
	if slice.Kind() != reflect.Slice {
		return fmt.Errorf("a slice is scattered, not a %T", items)
	}
	options, end := interruptible(options)
	defer end()
	return hooks.Untyped.Scatter(v.direct, name, slice, options)
}

// Gather joins the slices that the engines of the view keep under a name. Like is
// any slice of their type.
func (v *DirectView) Gather(name string, like any, options ...Option) (any, error) {
	t := reflect.TypeOf(like)
	if t == nil || t.Kind() != reflect.Slice {
		return nil, fmt.Errorf("Gather of %q needs a slice of the type that it is to return, such as []float64{}", name)
	}
	options, end := interruptible(options)
	defer end()
	all, err := hooks.Untyped.Gather(v.direct, name, t, options)
	return all.Interface(), err
}
