package effects

import (
	"go/ast"
	"go/types"
)

// builtin walks a call of a built-in function.
func (w *walker) builtin(x *ast.CallExpr) set {
	name := nameOf(x.Fun).Name
	if _, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr); ok {
		switch name {
		case "Sizeof", "Offsetof", "Alignof":
			return nil
		}
		w.note(x.Pos(), "uses unsafe.%s", name)
		return nil
	}
	switch name {
	case "new":
		return w.fresh(x)
	case "make":
		for _, e := range x.Args[1:] {
			w.expr(e)
		}
		return setOf(w.a.object(x))
	case "append":
		return w.appendTo(x)
	case "panic":
		values := w.as(x.Args[0], types.Universe.Lookup("any").Type())
		w.a.put(w.panics(), anyField, values)
		return nil
	case "recover":
		return setOf(w.panics())
	}
	var args []set
	for _, e := range x.Args {
		args = append(args, w.expr(e))
	}
	switch name {
	case "copy":
		w.uses(x.Pos(), "copies into", x.Args[0], args[0])
		if u, ok := coreOf(w.typeOf(x.Args[0])).(*types.Slice); ok {
			p := place{objs: args[1], typ: u.Elem()}
			w.store(place{objs: args[0], typ: u.Elem()}, w.load(p))
		}
	case "delete":
		w.uses(x.Pos(), "deletes from", x.Args[0], args[0])
	case "clear":
		w.uses(x.Pos(), "clears", x.Args[0], args[0])
	case "close":
		w.uses(x.Pos(), "closes", x.Args[0], args[0])
	case "print", "println":
		w.note(x.Pos(), "calls %s, which prints", name)
	case "cap", "complex", "imag", "len", "max", "min", "real":
	default:
		w.note(x.Pos(), "calls %s, which is not known here", name)
	}
	return nil
}

// fresh is what new returns: of a type, or of a value.
func (w *walker) fresh(x *ast.CallExpr) set {
	o := w.a.object(x)
	if !w.info.Types[x.Args[0]].IsType() {
		t := deref(w.typeOf(x))
		w.store(place{objs: setOf(o), typ: t}, w.as(x.Args[0], t))
	}
	return setOf(o)
}

// panics holds what panics with something that recover may return.
func (w *walker) panics() *object {
	o := w.a.object("panics")
	o.opaque = true
	return o
}

// appendTo walks an append. It can write behind the end of the slice that it is
// given, into memory that others see, unless that slice ends where its capacity
// does: xs[:n:n] or xs[:cap(xs)].
func (w *walker) appendTo(x *ast.CallExpr) set {
	base := w.expr(x.Args[0])
	grown := w.a.object(x)
	result := setOf(grown)
	slice, ok := coreOf(w.typeOf(x)).(*types.Slice)
	if !ok {
		w.note(x.Pos(), "appends to %s, which is not known here", types.ExprString(x.Args[0]))
		return base
	}
	held := place{objs: base, typ: slice.Elem()}
	w.store(place{objs: setOf(grown), typ: slice.Elem()}, w.load(held))
	if !w.isFull(x.Args[0]) {
		if o := w.a.memory(base).outside(); o != nil && len(x.Args) > 1 {
			w.note(x.Pos(), "appends to %s, which may write into memory of %s", types.ExprString(x.Args[0]), o.outside)
		}
		result = result.with(base)
	}
	for _, e := range x.Args[1:] {
		added := w.as(e, slice.Elem())
		if x.Ellipsis.IsValid() {
			added = w.load(place{objs: w.expr(e), typ: slice.Elem()})
		}
		w.store(place{objs: result, typ: slice.Elem()}, added)
	}
	return result
}

// isFull reports whether a slice expression leaves no capacity behind its end.
func (w *walker) isFull(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SliceExpr)
	if !ok || s.High == nil {
		return false
	}
	end := s.High
	if s.Max != nil {
		end = s.Max
	}
	switch end := end.(type) {
	case *ast.BasicLit, *ast.Ident:
		return s.Max != nil && types.ExprString(s.High) == types.ExprString(end)
	case *ast.CallExpr: // len or cap, of something that has one value
		if !w.info.Types[end.Fun].IsBuiltin() || len(end.Args) != 1 || types.ExprString(s.High) != types.ExprString(end) {
			return false
		}
		if _, ok := end.Args[0].(*ast.Ident); !ok {
			return false
		}
		return s.Max != nil || types.ExprString(end) == "cap("+types.ExprString(s.X)+")"
	}
	return false
}

// conversion walks a conversion to a type.
func (w *walker) conversion(x *ast.CallExpr, to types.Type) set {
	e := x.Args[0]
	from := w.typeOf(e)
	if isUnsafe(to) || isUnsafe(from) {
		w.note(x.Pos(), "uses unsafe.Pointer")
	}
	values := w.as(e, to)
	if !w.a.holds(to) {
		return nil
	}
	if len(values) == 0 && !w.a.holds(from) { // []byte(s)
		return setOf(w.a.object(x))
	}
	return values
}

func isUnsafe(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.UnsafePointer
}
