package registry

import (
	"reflect"
	"sync"
)

// known are the errors that two processes know by name: variables, so that errors.Is holds on the
// other side, and types, so that errors.As does.
var known = struct {
	sync.RWMutex
	vars     []errorVar
	places   map[string]int   // in vars
	received map[string]error // values of variables that this process did not have when they came
	types    map[string]reflect.Type
	names    map[reflect.Type]string
}{places: map[string]int{}, received: map[string]error{}, types: map[string]reflect.Type{}, names: map[reflect.Type]string{}}

type errorVar struct {
	name string
	get  func() error
}

// ErrorVar registers a variable that holds an error, such as "io.EOF". It replaces the one
// of the same name.
func ErrorVar(name string, get func() error) {
	known.Lock()
	defer known.Unlock()
	if i, ok := known.places[name]; ok {
		known.vars[i].get = get
		return
	}
	known.places[name] = len(known.vars)
	known.vars = append(known.vars, errorVar{name, get})
}

// ErrorType registers a type of errors, such as *fs.PathError. It replaces the one of
// the same name.
func ErrorType[T error](name string) { AddErrorType(name, reflect.TypeFor[T]()) }

// AddErrorType is ErrorType for a type that is known when the program runs.
func AddErrorType(name string, t reflect.Type) {
	known.Lock()
	defer known.Unlock()
	known.types[name], known.names[t] = t, name
}

// ErrorVarOf returns the name of a variable that holds an error, or "".
func ErrorVarOf(err error) string {
	if !reflect.ValueOf(err).Comparable() {
		return ""
	}
	known.RLock()
	defer known.RUnlock()
	for _, v := range known.vars {
		if v.get() == err {
			return v.name
		}
	}
	for name, received := range known.received {
		if received == err {
			return name
		}
	}
	return ""
}

// ErrorIn returns what the variable of a name holds, if its text is the given one. Otherwise it
// is what the variable held in the process that sent it, which is the same for each that arrives.
func ErrorIn(name, text string, sent error) error {
	known.Lock()
	defer known.Unlock()
	if i, ok := known.places[name]; ok {
		if err := known.vars[i].get(); err != nil && err.Error() == text {
			return err
		}
	}
	if err := known.received[name]; err != nil && err.Error() == text {
		return err
	}
	known.received[name] = sent
	return sent
}

// ErrorNamed returns what the variable registered under a name holds, or nil.
func ErrorNamed(name string) error {
	known.RLock()
	defer known.RUnlock()
	if i, ok := known.places[name]; ok {
		return known.vars[i].get()
	}
	return nil
}

// ErrorTypeName returns the name that a type of errors was registered under, or "".
func ErrorTypeName(t reflect.Type) string {
	known.RLock()
	defer known.RUnlock()
	return known.names[t]
}

// ErrorTypeNamed returns the type of errors that was registered under a name, or nil.
func ErrorTypeNamed(name string) reflect.Type {
	known.RLock()
	defer known.RUnlock()
	return known.types[name]
}
