package parallel

import (
	"fmt"
	"reflect"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// RegisterError makes errors known to both sides, so that an error which arrives from an engine is the one
// that the function returned, and not only its text: [errors.Is] finds each of the values
// given here, and [errors.As] their types, with all fields that can travel. Wrapping is kept
// without it, and so are the errors of the standard library: variables such as io.EOF,
// context.Canceled, fs.ErrNotExist and sql.ErrNoRows, types such as *fs.PathError, *strconv.NumError
// and syscall.Errno. Call it from an init function:
//
//	func init() { parallel.RegisterError(ErrNotFound, &QueryError{}, Timeout{}) }
//
// It panics for nil, and for two different values of one type and text, which could not be told apart. In a
// notebook it is not needed: the errors that cells declare are known, and those of the packages that
// they import.
func RegisterError(errs ...error) {
	for _, err := range errs {
		if err == nil {
			panic("parallel.RegisterError: an error is nil")
		}
		t := reflect.TypeOf(err)
		registry.AddErrorType(fmt.Sprintf("%s %v", packageOf(t), t), t)
		if !reflect.ValueOf(err).Comparable() {
			continue
		}
		name, ok := variableName(err)
		if !ok {
			continue
		}
		if known := registry.ErrorNamed(name); known != nil && known != err {
			panic(fmt.Sprintf("parallel.RegisterError: two errors of type %v have the text %q; give them different ones", t, err))
		}
		registry.ErrorVar(name, func() error { return err })
	}
}

// RegisterType names the types of the values, so that they travel in interfaces: in an any, in the elements of a
// []Shape or a map[string]any. Types without name that consist of such, predeclared types and
// [time.Time] need none. Pointers to a type that was named are known as well; (*Shape)(nil)
// names the interface Shape, for a []Shape in an any. What two such values
// refer to in common becomes apart. Interfaces with methods that no named type has are refused. Call it
// from an init function; it panics for nil and for types that cannot travel. It is for programs: in a
// notebook types are known by themselves.
//
//	func init() { parallel.RegisterType(Circle{}, Square{}) }
func RegisterType(values ...any) {
	for _, value := range values {
		t := reflect.TypeOf(value)
		if t == nil {
			panic("parallel.RegisterType: a value is nil")
		}
		if t.Kind() == reflect.Pointer && t.Name() == "" {
			t = t.Elem()
		}
		if err := registry.AddType(packageOf(t)+" "+t.String(), t); err != nil {
			panic(fmt.Sprintf("parallel.RegisterType: %v", err))
		}
	}
	for _, value := range values {
		if err := backend.Travels(reflect.TypeOf(value)); err != nil {
			panic(fmt.Sprintf("parallel.RegisterType: %v", err))
		}
	}
}

// variableName names an error by its type and text. There is none if the error, perhaps the zero
// value of its type, has no text.
func variableName(err error) (name string, ok bool) {
	defer func() { ok = recover() == nil }()
	return fmt.Sprintf("%T %s", err, err.Error()), true
}

// packageOf is the package that a type, or what it points at, was declared in.
func packageOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath()
}
