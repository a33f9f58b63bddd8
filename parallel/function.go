package parallel

import (
	"fmt"
	"reflect"
	"runtime"

	"github.com/goparallel/goparallel/parallel/registry"
)

// Func registers a function of a program, so that views accept it, and returns
// it. Call it for a package variable, because engines must know the function
// before main begins:
//
//	var pow10 = parallel.Func("pow10", func(x int) int { … })
//
// The name must be unique in the program. Func panics if it is taken. The
// function must not capture variables that change: an engine has its own.
func Func[A, R any](name string, f func(A) R) func(A) R {
	register(name, f, registry.Fn1R(f))
	return f
}

// Register registers top-level functions of a program under their own names. It
// takes functions with at most one argument, one result, and an error after it,
// and calls them through reflection: a fraction of a microsecond slower for each
// item than [Func]. Call it from an init function. It panics if a function cannot
// be registered.
func Register(functions ...any) {
	for _, f := range functions {
		run, err := registry.Reflected(f)
		if err != nil {
			panic("parallel.Register: " + err.Error())
		}
		register(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name(), f, run)
	}
}

// register refuses a name that is taken by another function.
func register(name string, f any, run registry.Runner) {
	if registry.Named(name) != nil {
		panic(fmt.Sprintf("parallel: a function named %q is registered already", name))
	}
	registry.Func(registry.Info{Name: name}, f, run)
}
