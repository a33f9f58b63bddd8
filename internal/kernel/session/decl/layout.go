package decl

import "go/types"

// sameLayout compares two types by their memory, and reports whether values of both have
// the same, with the same pointers in it. Types of a session are taken for what they are made of.
// It is the part of the question whether values can move (carriable.go) that has nothing to
// do with names of fields: where the layouts are one, any value can be taken as it is.
func sameLayout(a, b types.Type, seen map[[2]types.Type]bool) bool {
	if types.Identical(a, b) {
		return true
	}
	if seen == nil {
		seen = make(map[[2]types.Type]bool)
	}
	if seen[[2]types.Type{a, b}] {
		return true
	}
	seen[[2]types.Type{a, b}] = true
	switch x := a.Underlying().(type) {
	case *types.Struct:
		y, ok := b.Underlying().(*types.Struct)
		if !ok || x.NumFields() != y.NumFields() {
			return false
		}
		for i := range x.NumFields() {
			if x.Field(i).Name() != y.Field(i).Name() || !sameLayout(x.Field(i).Type(), y.Field(i).Type(), seen) {
				return false
			}
		}
		return true
	case *types.Pointer:
		y, ok := b.Underlying().(*types.Pointer)
		return ok && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Slice:
		y, ok := b.Underlying().(*types.Slice)
		return ok && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Array:
		y, ok := b.Underlying().(*types.Array)
		return ok && x.Len() == y.Len() && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Map:
		y, ok := b.Underlying().(*types.Map)
		return ok && sameLayout(x.Key(), y.Key(), seen) && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Chan:
		y, ok := b.Underlying().(*types.Chan)
		return ok && x.Dir() == y.Dir() && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Signature:
		y, ok := b.Underlying().(*types.Signature)
		return ok && x.Variadic() == y.Variadic() && sameTuple(x.Params(), y.Params(), seen) && sameTuple(x.Results(), y.Results(), seen)
	case *types.Basic:
		return types.Identical(x, b.Underlying())
	}
	// An interface's value has its old type with it.
	return false
}

func sameTuple(a, b *types.Tuple, seen map[[2]types.Type]bool) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !sameLayout(a.At(i).Type(), b.At(i).Type(), seen) {
			return false
		}
	}
	return true
}
