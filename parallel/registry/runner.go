package registry

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Runner calls a function of known type without reflection: Call(in, out) reads
// the argument at in, and writes the result at out. Types are nil, and pointers
// unused, where the function has no argument or no result.
type Runner struct {
	In, Out reflect.Type
	Call    func(in, out unsafe.Pointer) error
}

// Fn1R is the runner of a function with an argument and a result.
func Fn1R[A, R any](f func(A) R) Runner {
	return Runner{reflect.TypeFor[A](), reflect.TypeFor[R](), func(in, out unsafe.Pointer) error {
		*(*R)(out) = f(*(*A)(in))
		return nil
	}}
}

// Fn1RE is the runner of a function with an argument, a result and an error.
func Fn1RE[A, R any](f func(A) (R, error)) Runner {
	return Runner{reflect.TypeFor[A](), reflect.TypeFor[R](), func(in, out unsafe.Pointer) (err error) {
		*(*R)(out), err = f(*(*A)(in))
		return err
	}}
}

// Fn1E is the runner of a function with an argument and an error.
func Fn1E[A any](f func(A) error) Runner {
	return Runner{reflect.TypeFor[A](), nil, func(in, _ unsafe.Pointer) error { return f(*(*A)(in)) }}
}

// Fn1 is the runner of a function with an argument only.
func Fn1[A any](f func(A)) Runner {
	return Runner{reflect.TypeFor[A](), nil, func(in, _ unsafe.Pointer) error { f(*(*A)(in)); return nil }}
}

// Fn0R is the runner of a function with a result only.
func Fn0R[R any](f func() R) Runner {
	return Runner{nil, reflect.TypeFor[R](), func(_, out unsafe.Pointer) error { *(*R)(out) = f(); return nil }}
}

// Fn0RE is the runner of a function with a result and an error.
func Fn0RE[R any](f func() (R, error)) Runner {
	return Runner{nil, reflect.TypeFor[R](), func(_, out unsafe.Pointer) (err error) {
		*(*R)(out), err = f()
		return err
	}}
}

// Fn0E is the runner of a function with an error only.
func Fn0E(f func() error) Runner {
	return Runner{nil, nil, func(_, _ unsafe.Pointer) error { return f() }}
}

// Fn0 is the runner of a function without argument and result.
func Fn0(f func()) Runner {
	return Runner{nil, nil, func(_, _ unsafe.Pointer) error { f(); return nil }}
}

// Reflected is the runner of any function with at most one argument, at most one
// result, and possibly an error after it. It calls through reflection, which
// costs a fraction of a microsecond for each item. Other shapes are an error.
func Reflected(fn any) (Runner, error) {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return Runner{}, fmt.Errorf("%T is not a function", fn)
	}
	t := v.Type()
	results, fails := t.NumOut(), false
	if results > 0 && t.Out(results-1) == reflect.TypeFor[error]() {
		results, fails = results-1, true
	}
	if t.NumIn() > 1 || results > 1 || t.IsVariadic() {
		return Runner{}, fmt.Errorf("%v takes or returns too much: at most one argument, one result and an error can travel; use structs", t)
	}
	var r Runner
	if t.NumIn() == 1 {
		r.In = t.In(0)
	}
	if results == 1 {
		r.Out = t.Out(0)
	}
	r.Call = func(in, out unsafe.Pointer) error {
		var args []reflect.Value
		if r.In != nil {
			args = []reflect.Value{reflect.NewAt(r.In, in).Elem()}
		}
		rets := v.Call(args)
		if r.Out != nil {
			reflect.NewAt(r.Out, out).Elem().Set(rets[0])
		}
		if fails {
			err, _ := rets[len(rets)-1].Interface().(error)
			return err
		}
		return nil
	}
	return r, nil
}
