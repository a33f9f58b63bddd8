package parallel

import (
	"context"
	"fmt"
	"reflect"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// Func registers a function of a program, so that views accept it, and returns
// it. Call it for a package variable, because engines must know the function
// before main begins:
//
//	var pow10 = parallel.Func("pow10", func(x int) int { … })
//
// What is registered is this one value. It may be a closure, a method value or an
// instance of a generic function: views tell it from others made at the same place in
// the source, and refuse those, so give them the value that Func returned:
//
//	var add1, add100 = parallel.Func("add1", adder(1)), parallel.Func("add100", adder(100))
//
// An engine calls what its own process registered under the name, with what that
// captured or was bound to. So every process must register the same: what a function
// captures must not depend on the time, say, or change after main has begun.
//
// Func panics if the name is taken, if the function is nil or registered already, and
// if its argument or its result is of a type that cannot travel. In a notebook cell,
// where every function is known to engines, it returns the function and does no more.
func Func[A, R any](name string, f func(A) R) func(A) R {
	run := registry.Fn1R(f)
	if f, ok := any(f).(func(A) error); ok {
		run = registry.Fn1E(f) // as for any function whose last result is an error, an item fails by it
	}
	return registered("Func", name, f, run)
}

// FuncErr is [Func] for a function that returns an error as well, as [View.MapErr] takes it.
func FuncErr[A, R any](name string, f func(A) (R, error)) func(A) (R, error) {
	return registered("FuncErr", name, f, registry.Fn1RE(f))
}

// FuncContext is [Func] for a function that takes a context, as [View.MapContext] takes it.
func FuncContext[A, R any](name string, f func(context.Context, A) (R, error)) func(context.Context, A) (R, error) {
	return registered("FuncContext", name, f, registry.FnContext1RE(f))
}

// FuncEach is [Func] for a function without a result, as [View.ForEachSync] takes it.
func FuncEach[A any](name string, f func(A)) func(A) {
	return registered("FuncEach", name, f, registry.Fn1(f))
}

// Func0 is [Func] for a function without an argument, as [DirectView.Apply] takes it.
func Func0[R any](name string, f func() R) func() R {
	run := registry.Fn0R(f)
	if f, ok := any(f).(func() error); ok {
		run = registry.Fn0E(f)
	}
	return registered("Func0", name, f, run)
}

// Func0Err is [Func0] for a function that returns an error as well.
func Func0Err[R any](name string, f func() (R, error)) func() (R, error) {
	return registered("Func0Err", name, f, registry.Fn0RE(f))
}

// Func2 is [Func] for a function with two arguments, as [View.Map2] takes it.
func Func2[A, B, R any](name string, f func(A, B) R) func(A, B) R {
	return registered("Func2", name, f, registry.Fn2R(f))
}

// Func2Err is [Func2] for a function that returns an error as well.
func Func2Err[A, B, R any](name string, f func(A, B) (R, error)) func(A, B) (R, error) {
	return registered("Func2Err", name, f, registry.Fn2RE(f))
}

// registered registers a function for one of the functions above, and returns it.
func registered[F any](by, name string, f F, run registry.Runner) F {
	if err := register(name, f, run); err != nil {
		panic(fmt.Sprintf("parallel.%s(%q): %v", by, name, err))
	}
	return f
}

// Register registers top-level functions of a program under their own names. It
// takes functions with at most one argument, perhaps after a context, one result, and an error after it,
// and calls them through reflection: a fraction of a microsecond slower for each
// item than [Func] and its like. Call it from an init function. It panics where Func does, and
// for functions that have no name of their own: method values, instances of generic
// functions and functions made by reflection.
func Register(functions ...any) {
	for _, f := range functions {
		run, err := registry.Reflected(f)
		var name string
		if err == nil {
			name, err = registry.NameFor(f)
		}
		if err == nil {
			err = register(name, f, run)
		}
		if err != nil {
			if name != "" {
				name = " of " + name
			}
			panic(fmt.Sprintf("parallel.Register%s: %v", name, err))
		}
	}
}

// register registers a function whose argument and result can travel.
func register(name string, f any, run registry.Runner) error {
	for _, part := range []struct {
		name string
		t    reflect.Type
	}{{"argument", run.In}, {"result", run.Out}} {
		if part.t == nil {
			continue
		}
		if err := backend.Travels(part.t); err != nil {
			return fmt.Errorf("its %s cannot travel to an engine: %w", part.name, err)
		}
	}
	return registry.Value(name, f, run)
}
