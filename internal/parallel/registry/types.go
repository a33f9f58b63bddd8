package registry

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// named are the types whose values travel in interfaces.
var named = struct {
	sync.RWMutex
	types   map[string]reflect.Type
	names   map[reflect.Type]string
	modules []string // those that have named one, in order
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

// Type is AddType for a type that a module knows, given a pointer to it. Names of modules mean
// one type each; the first module to say a name counts as the one that brings the type.
func Type(name, module string, pointer any) {
	t := reflect.TypeOf(pointer).Elem()
	named.Lock()
	defer named.Unlock()
	if named.types[name] != nil {
		return
	}
	named.types[name], named.names[t] = t, name
	if !slices.Contains(named.modules, module) {
		named.modules = append(named.modules, module)
	}
}

// TypeModules returns the IDs of the modules that an engine must have loaded to know all types
// that modules have named.
func TypeModules() []string {
	named.RLock()
	defer named.RUnlock()
	return slices.Clone(named.modules)
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

// Implemented reports whether an interface has no methods, or a type that was named, or a pointer to it,
// implements it.
func Implemented(t reflect.Type) bool {
	if t.NumMethod() == 0 {
		return true
	}
	named.RLock()
	defer named.RUnlock()
	for other := range named.names {
		if other.Kind() == reflect.Interface {
			continue // its values are of other types
		}
		if other.Implements(t) || reflect.PointerTo(other).Implements(t) {
			return true
		}
	}
	return false
}
