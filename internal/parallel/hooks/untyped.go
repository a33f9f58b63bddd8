package hooks

import (
	"reflect"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// Untyped has what views do for a caller that holds no Go function and knows no types before it runs, such as an
// interpreter. Package parallel sets it. A view is a *parallel.View, or a *parallel.DirectView where values are kept, and
// options are a []parallel.Option.
var Untyped struct {
	// Map is Map in this sense: f names what engines call, and its Runner tells the types. The items are a slice whose
	// elements have the memory layout of f's argument. An AutoView runs them on engines, too.
	Map func(view any, f *registry.Function, items reflect.Value, options any) Call
	// Apply is Apply: a direct view's engines call f once each, one engine of another view does.
	Apply func(view any, f *registry.Function, options any) Call
	// Push is Push.
	Push func(view any, name string, value reflect.Value, options any) error
	// Scatter is Scatter of a slice.
	Scatter func(view any, name string, items reflect.Value, options any) error
	// Pull is Pull: it returns a slice of values of type t.
	Pull func(view any, name string, t reflect.Type, options any) (reflect.Value, error)
	// Gather is Gather: t is the type of the slices, and of the result.
	Gather func(view any, name string, t reflect.Type, options any) (reflect.Value, error)
}

// Call is a call of [Untyped]. It has the other methods of a parallel.AsyncResult as well.
type Call interface {
	// Get waits for the end of the call and returns its results, and its error as
	// MapSync does: a slice with a result for each item or engine, the result itself
	// of a function that was applied on one engine, or nil where the function has no
	// result.
	Get() (any, error)
}
