package effects

import (
	"go/types"
	"slices"
)

// immutable are the types of the standard library whose values nobody can change
// although they contain pointers.
var immutable = map[string]bool{
	"time.Time": true, "time.Location": true, "net/netip.Addr": true, "net/netip.AddrPort": true,
	"net/netip.Prefix": true, "reflect.Type": true,
}

// kind says what has to be known of values of a type: whether they are structs
// or arrays with pointers in them, and whether they are pointers. Of a type
// parameter's values both can be so. Strings cannot be changed, so they count as
// no pointers.
func (a *analysis) kind(t types.Type) (aggregate, pointer bool) {
	switch t := types.Unalias(t).(type) {
	case nil:
		return false, false
	case *types.TypeParam:
		if a.asking[t] {
			return true, true
		} else if len(a.typeArgs[t]) == 0 {
			switch coreOf(t).(type) {
			case *types.Slice, *types.Map, *types.Pointer, *types.Chan, *types.Signature:
				return false, true
			}
			return true, true
		}
		a.asking[t] = true // it can stand for a type that contains it
		defer delete(a.asking, t)
		for _, arg := range a.concrete(t) {
			if _, open := arg.(*types.TypeParam); open {
				return true, true
			}
			agg, ptr := a.kind(arg)
			aggregate, pointer = aggregate || agg, pointer || ptr
		}
		return aggregate, pointer
	case *types.Named:
		if immutable[typeName(t)] {
			return false, false
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return false, u.Kind() == types.UnsafePointer
	case *types.Struct:
		for f := range u.Fields() {
			if a.holds(f.Type()) {
				return true, false
			}
		}
		return false, false
	case *types.Array:
		return a.holds(u.Elem()), false
	case *types.Tuple:
		return false, false
	}
	return false, true
}

// holds reports whether values of a type contain pointers.
func (a *analysis) holds(t types.Type) bool {
	aggregate, pointer := a.kind(t)
	return aggregate || pointer
}

// deep reports whether what values of a type point to contains pointers itself.
func (a *analysis) deep(t types.Type) bool {
	switch u := coreOf(t).(type) {
	case *types.Slice:
		return a.holds(u.Elem())
	case *types.Pointer:
		return a.holds(u.Elem())
	case *types.Chan:
		return a.holds(u.Elem())
	case *types.Map:
		return a.holds(u.Key()) || a.holds(u.Elem())
	}
	return true
}

// bind notes what a type parameter stands for in a call.
func (a *analysis) bind(params *types.TypeParamList, args *types.TypeList) {
	for i := range min(params.Len(), args.Len()) {
		p, arg := params.At(i), args.At(i)
		if p == arg || slices.ContainsFunc(a.typeArgs[p], func(t types.Type) bool { return types.Identical(t, arg) }) {
			continue
		}
		a.typeArgs[p] = append(a.typeArgs[p], arg)
		a.grown = true
	}
}

// bindRecv notes what the type parameters of a generic type's method stand for.
func (a *analysis) bindRecv(fn *types.Func, recv types.Type) {
	if named, ok := types.Unalias(deref(recv)).(*types.Named); ok && fn.Origin().Signature().RecvTypeParams() != nil {
		a.bind(fn.Origin().Signature().RecvTypeParams(), named.TypeArgs())
	}
}

// concrete returns the types that t can stand for: itself, or those of a type
// parameter.
func (a *analysis) concrete(t types.Type) []types.Type {
	var list []types.Type
	seen := make(map[types.Type]bool)
	var add func(t types.Type)
	add = func(t types.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		p, ok := types.Unalias(t).(*types.TypeParam)
		if !ok || len(a.typeArgs[p]) == 0 {
			list = append(list, t)
			return
		}
		for _, arg := range a.typeArgs[p] {
			add(arg)
		}
	}
	add(t)
	return list
}

// parts calls f with all types that a value of type t is made of, those behind
// pointers included.
func (a *analysis) parts(t types.Type, f func(types.Type)) {
	seen := make(map[types.Type]bool)
	var visit func(types.Type)
	visit = func(t types.Type) {
		if t = types.Unalias(t); seen[t] {
			return
		}
		seen[t] = true
		f(t)
		if p, ok := t.(*types.TypeParam); ok {
			for _, arg := range a.typeArgs[p] {
				visit(arg)
			}
			return
		}
		switch u := t.Underlying().(type) {
		case *types.Struct:
			for f := range u.Fields() {
				visit(f.Type())
			}
		case *types.Array:
			visit(u.Elem())
		case *types.Slice:
			visit(u.Elem())
		case *types.Pointer:
			visit(u.Elem())
		case *types.Chan:
			visit(u.Elem())
		case *types.Map:
			visit(u.Key())
			visit(u.Elem())
		}
	}
	visit(t)
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// typeName is a named type with its package's path.
func typeName(t types.Type) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return ""
	}
	if named.Obj().Pkg() == nil {
		return named.Obj().Name()
	}
	return named.Obj().Pkg().Path() + "." + named.Obj().Name()
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// isInterface reports whether values of a type are interfaces, a type
// parameter's excluded.
func isInterface(t types.Type) bool {
	if t == nil {
		return false
	}
	_, param := types.Unalias(t).(*types.TypeParam)
	return !param && types.IsInterface(t)
}
