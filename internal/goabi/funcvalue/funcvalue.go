// Package funcvalue tells function values apart, which Go cannot compare, and reads what the
// compiler's names of functions say.
//
// Assumed: a function value is a pointer to an object that begins with the address of the code,
// and an interface holds that pointer itself in its second word (internal/abi, closures in
// cmd/compile/internal/walk); the compiler never writes to the object after it was made; a method
// value's function ends in -fm, that of an instance has [...] in its name, and reflection's begin
// with reflect.
//
// Where a release has it otherwise: package registry finds no function that was registered by a
// program, or the wrong one, and closures do not tell what they captured: this package's test,
// and those of registry.
package funcvalue

import (
	"strings"
	"unsafe"
)

// Object returns the object behind a function value, which fn must hold. Two values with one
// object do the same.
func Object(fn any) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&fn))[1] }

// Code returns the address of the code of a function value, given a pointer to the value.
func Code(f unsafe.Pointer) uintptr { return **(**uintptr)(f) }

// Method returns the name of the method of which a function with that name is a value; false, and
// the name as it is, where it is of none.
func Method(name string) (method string, ok bool) { return strings.CutSuffix(name, "-fm") }

// Generic reports whether all instances of a generic function share that name.
func Generic(name string) bool { return strings.Contains(name, "[...]") }

// Made reports whether reflection made the function of that name.
func Made(name string) bool { return strings.HasPrefix(name, "reflect.") }
