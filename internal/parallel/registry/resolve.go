package registry

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/funcvalue"
)

// Call is a function value, taken apart into what can travel.
type Call struct {
	*Function
	// Values holds a pointer for each of the function's Captures: the variables
	// of this very function value.
	Values []any
}

// Refusal says that a function cannot be sent to an engine.
type Refusal struct {
	// Function is the function's label.
	Function string
	// Reason says why, and what to do instead.
	Reason string
}

// Error names the function and the reason.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s cannot run on an engine: %s", r.Function, r.Reason)
}

// Resolve finds out which registered function, or which literal with which
// captured variables, a function value is. A *Function stands for itself: it may
// be one of which this process has no code. Errors are of type [*Refusal].
func Resolve(fn any) (Call, error) {
	if f, ok := fn.(*Function); ok {
		return Call{Function: f}, nil
	}
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func {
		return Call{}, &Refusal{fmt.Sprintf("a value of type %T", fn), "it is not a function"}
	}
	if v.IsNil() {
		return Call{}, &Refusal{"the function", "it is nil"}
	}
	f := lookup(fn)
	if f == nil {
		return Call{}, unknown(fn)
	}
	if f.Refuse != "" {
		return Call{}, &Refusal{f.String(), f.Refuse}
	}
	if f.Rebuild == nil || len(f.Captures) == 0 {
		return Call{Function: f.current()}, nil
	}
	values, err := f.captures(v)
	return Call{f.current(), values}, err
}

// Writes returns what a call of the function could change in this process; see
// [Info]. Of functions that nobody registered nothing is known: known is false.
func Writes(fn any) (what string, known bool) {
	f := lookup(fn)
	if f == nil {
		return "", false
	}
	return f.current().Writes, true
}

// NameOf is what people call a function, registered or not.
func NameOf(fn any) string {
	if f := lookup(fn); f != nil {
		return f.String()
	}
	if f := runtime.FuncForPC(reflect.ValueOf(fn).Pointer()); f != nil {
		return f.Name()
	}
	return "the function"
}

// unknown explains why a function that nobody registered cannot be sent.
func unknown(fn any) *Refusal {
	name := "the function"
	if f := runtime.FuncForPC(reflect.ValueOf(fn).Pointer()); f != nil {
		name = f.Name()
	}
	method, isMethod := funcvalue.Method(name)
	r := &Refusal{Function: strings.TrimPrefix(method, "main.")}
	if r.Reason = resembles(fn); r.Reason != "" {
		return r
	}
	const inProgram = `; in a program, pass what parallel.Func("name", f) returned for it`
	switch {
	case isMethod:
		r.Reason = "it is a method value, which hides its receiver; wrap it: func(x T) R { return receiver.method(x) }" + inProgram
	case funcvalue.Generic(name):
		r.Reason = "it is an instance of a generic function; wrap it: func(x T) R { return f[T](x) }" + inProgram
	case funcvalue.Made(name):
		r.Reason = "it was made by reflection; pass a top-level function or a function literal" + inProgram
	default:
		r.Reason = "it is not registered; in a notebook, pass a top-level function or a function literal of a cell; " +
			`in a program, declare it with parallel.Func("name", f) or parallel.Register(f)`
	}
	return r
}
