package parallel

import (
	"fmt"
	"reflect"

	"github.com/goparallel/goparallel/parallel/backend"
	"github.com/goparallel/goparallel/parallel/registry"
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
	if err := register(name, f, run); err != nil {
		panic(fmt.Sprintf("parallel.Func(%q): %v", name, err))
	}
	return f
}

// Register registers top-level functions of a program under their own names. It
// takes functions with at most one argument, one result, and an error after it,
// and calls them through reflection: a fraction of a microsecond slower for each
// item than [Func]. Call it from an init function. It panics where Func does, and
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
