package registry

import (
	"fmt"
	"reflect"
	"sync"
)

// named are the types whose values travel in interfaces.
var named = struct {
	sync.RWMutex
	types map[string]reflect.Type
	names map[reflect.Type]string
}{types: map[string]reflect.Type{}, names: map[reflect.Type]string{}}

// AddType names a type, whose values then travel in interfaces. It is an error if another has the name.
func AddType(name string, t reflect.Type) error {
	named.Lock()
	defer named.Unlock()
	if other := named.types[name]; other != nil && other != t {
		return fmt.Errorf("the name %s is that of another type", name)
	}
	named.types[name], named.names[t] = t, name
	return nil
}

// TypeName returns the name of a type, or "".
func TypeName(t reflect.Type) string {
	named.RLock()
	defer named.RUnlock()
	return named.names[t]
}

// TypeNamed returns the type with a name, or nil.
func TypeNamed(name string) reflect.Type {
	named.RLock()
	defer named.RUnlock()
	return named.types[name]
}

// Implemented reports whether a type that was named, or a pointer to it, implements an interface.
func Implemented(t reflect.Type) bool {
	named.RLock()
	defer named.RUnlock()
	for other := range named.names {
		if other.Implements(t) || reflect.PointerTo(other).Implements(t) {
			return true
		}
	}
	return false
}
