package registry

import (
	"context"
	"fmt"
	"reflect"
	"unsafe"
)

// Runner calls a function of known type without reflection: Call(ctx, in, out) reads
// the argument at in, and writes the result at out. Types are nil, and pointers
// unused, where the function has no argument or no result. The context ends with the
// call; it is for functions that take one.
type Runner struct {
	In, Out reflect.Type
	Call    func(ctx context.Context, in, out unsafe.Pointer) error
}

// Pair is the two arguments of a function: they travel as one.
type Pair[A, B any] struct {
	First  A
	Second B
}

// Fn1R is the runner of a function with an argument and a result.
func Fn1R[A, R any](f func(A) R) Runner {
	return Runner{reflect.TypeFor[A](), reflect.TypeFor[R](), func(_ context.Context, in, out unsafe.Pointer) error {
		*(*R)(out) = f(*(*A)(in))
		return nil
	}}
}

// Fn1RE is the runner of a function with an argument, a result and an error.
func Fn1RE[A, R any](f func(A) (R, error)) Runner {
	return Runner{reflect.TypeFor[A](), reflect.TypeFor[R](), func(_ context.Context, in, out unsafe.Pointer) (err error) {
		*(*R)(out), err = f(*(*A)(in))
		return err
	}}
}

// Fn1E is the runner of a function with an argument and an error.
func Fn1E[A any](f func(A) error) Runner {
	return Runner{reflect.TypeFor[A](), nil, func(_ context.Context, in, _ unsafe.Pointer) error { return f(*(*A)(in)) }}
}

// Fn1 is the runner of a function with an argument only.
func Fn1[A any](f func(A)) Runner {
	return Runner{reflect.TypeFor[A](), nil, func(_ context.Context, in, _ unsafe.Pointer) error { f(*(*A)(in)); return nil }}
}

// Fn0R is the runner of a function with a result only.
func Fn0R[R any](f func() R) Runner {
	return Runner{nil, reflect.TypeFor[R](), func(_ context.Context, _, out unsafe.Pointer) error { *(*R)(out) = f(); return nil }}
}

// Fn0RE is the runner of a function with a result and an error.
func Fn0RE[R any](f func() (R, error)) Runner {
	return Runner{nil, reflect.TypeFor[R](), func(_ context.Context, _, out unsafe.Pointer) (err error) {
		*(*R)(out), err = f()
		return err
	}}
}

// Fn0E is the runner of a function with an error only.
func Fn0E(f func() error) Runner {
	return Runner{nil, nil, func(_ context.Context, _, _ unsafe.Pointer) error { return f() }}
}

// Fn0 is the runner of a function without argument and result.
func Fn0(f func()) Runner {
	return Runner{nil, nil, func(_ context.Context, _, _ unsafe.Pointer) error { f(); return nil }}
}

// Fn2R is the runner of a function with two arguments and a result.
func Fn2R[A, B, R any](f func(A, B) R) Runner {
	return Runner{reflect.TypeFor[Pair[A, B]](), reflect.TypeFor[R](), func(_ context.Context, in, out unsafe.Pointer) error {
		p := (*Pair[A, B])(in)
		*(*R)(out) = f(p.First, p.Second)
		return nil
	}}
}

// Fn2RE is the runner of a function with two arguments, a result and an error.
func Fn2RE[A, B, R any](f func(A, B) (R, error)) Runner {
	return Runner{reflect.TypeFor[Pair[A, B]](), reflect.TypeFor[R](), func(_ context.Context, in, out unsafe.Pointer) (err error) {
		p := (*Pair[A, B])(in)
		*(*R)(out), err = f(p.First, p.Second)
		return err
	}}
}

// FnContext1RE is the runner of a function with a context, an argument, a result and an error.
func FnContext1RE[A, R any](f func(context.Context, A) (R, error)) Runner {
	return Runner{reflect.TypeFor[A](), reflect.TypeFor[R](), func(ctx context.Context, in, out unsafe.Pointer) (err error) {
		*(*R)(out), err = f(ctx, *(*A)(in))
		return err
	}}
}

// FnContext1E is the runner of a function with a context, an argument and an error.
func FnContext1E[A any](f func(context.Context, A) error) Runner {
	return Runner{reflect.TypeFor[A](), nil, func(ctx context.Context, in, _ unsafe.Pointer) error { return f(ctx, *(*A)(in)) }}
}

// FnContext0RE is the runner of a function with a context, a result and an error.
func FnContext0RE[R any](f func(context.Context) (R, error)) Runner {
	return Runner{nil, reflect.TypeFor[R](), func(ctx context.Context, _, out unsafe.Pointer) (err error) {
		*(*R)(out), err = f(ctx)
		return err
	}}
}

// Reflected is the runner of any function with at most one argument, perhaps behind a
// context, at most one result, and possibly an error after it. It calls through reflection, which
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
	params, first := t.NumIn(), 0
	if params > 0 && t.In(0) == reflect.TypeFor[context.Context]() {
		first = 1
	}
	if params > first+1 || results > 1 || t.IsVariadic() {
		return Runner{}, fmt.Errorf("%v takes or returns too much: at most one argument, one result and an error can travel, after a context if need be; use structs, or parallel.Func2", t)
	}
	var r Runner
	if params > first {
		r.In = t.In(first)
	}
	if results == 1 {
		r.Out = t.Out(0)
	}
	r.Call = func(ctx context.Context, in, out unsafe.Pointer) error {
		args := make([]reflect.Value, 0, 2)
		if first == 1 {
			args = append(args, reflect.ValueOf(ctx))
		}
		if r.In != nil {
			args = append(args, reflect.NewAt(r.In, in).Elem())
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
