// Package typescope sets what a scope of go/types holds.
//
// The type checker takes what stands in the package's own scope for declarations of the files
// that it checks. It compares packages and their scopes by pointer (where unexported fields
// and local types are concerned), so all cells must be checked with the same ones; but a
// scope cannot forget a name that is declared again, hence this.
//
// Assumed: types.Scope is a struct with the fields parent, elems and children, of these types,
// and the checker has nothing of a scope elsewhere (go/types/scope.go).
//
// Where a release has it otherwise: a field without its name, or of another type, panics in the
// first cell that is checked, and in this package's test. What a new field keeps shows where a
// name is declared again: TestNotebooks in package session.
package typescope

import (
	"go/types"
	"reflect"
)

// Set says what is in a scope, and puts it below a parent. The scope has no children then. It
// keeps elems.
func Set(scope, parent *types.Scope, elems map[string]types.Object) {
	set := func(name string, value any) {
		field := reflect.ValueOf(scope).Elem().FieldByName(name)
		reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(value))
	}
	set("parent", parent)
	set("elems", elems)
	set("children", []*types.Scope(nil))
}
