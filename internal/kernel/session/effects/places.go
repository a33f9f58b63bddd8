package effects

import (
	"go/ast"
	"go/token"
	"go/types"
)

// assign writes a value to what stands on the left, and notes a write to what was
// there before the call.
func (w *walker) assign(lhs ast.Expr, values set) {
	lhs = ast.Unparen(lhs)
	if id, ok := lhs.(*ast.Ident); ok {
		if id.Name == "_" {
			return
		}
		if v, ok := w.info.ObjectOf(id).(*types.Var); ok {
			w.assignVariable(id, v, values)
		}
		return
	}
	if sel, ok := lhs.(*ast.SelectorExpr); ok {
		if v, ok := w.info.Uses[sel.Sel].(*types.Var); ok && !v.IsField() { // of a package
			w.assignVariable(sel, v, values)
			return
		}
	}
	if index, ok := lhs.(*ast.IndexExpr); ok {
		if m, ok := coreOf(w.typeOf(index.X)).(*types.Map); ok {
			objs := w.expr(index.X)
			w.store(place{objs: objs, typ: m.Key()}, w.as(index.Index, m.Key()))
		}
	}
	p := w.at(lhs)
	w.changes(lhs.Pos(), "assigns to "+types.ExprString(lhs), p.objs)
	w.store(p, values)
}

func (w *walker) assignVariable(e ast.Expr, v *types.Var, values set) {
	p := w.place(v)
	for o := range p.objs {
		if o.variable != "" {
			w.note(e.Pos(), "assigns to %s, %s", types.ExprString(e), o.variable)
		}
	}
	w.store(p, values)
}

// uses notes what is done with a channel or the like that was there before.
func (w *walker) uses(pos token.Pos, verb string, e ast.Expr, objs set) {
	w.changes(pos, verb+" "+types.ExprString(e), objs)
}

// at returns where the value of an expression lies. One that lies nowhere, such
// as a call's result, gets a place of its own.
func (w *walker) at(e ast.Expr) place {
	t := w.typeOf(e)
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := w.info.ObjectOf(x).(*types.Var); ok {
			return w.place(v)
		}
	case *ast.SelectorExpr:
		if v, ok := w.info.Uses[x.Sel].(*types.Var); ok && !v.IsField() {
			return w.place(v)
		}
		if s := w.info.Selections[x]; s != nil && s.Kind() == types.FieldVal {
			return w.a.path(w.at(x.X), s.Index())
		}
	case *ast.IndexExpr:
		if w.info.Types[x.X].IsValue() {
			w.expr(x.Index)
			switch coreOf(w.typeOf(x.X)).(type) {
			case *types.Array:
				return place{objs: w.at(x.X).objs, typ: t}
			case *types.Slice, *types.Pointer, *types.Map:
				return place{objs: w.expr(x.X), typ: t}
			}
		}
	case *ast.StarExpr:
		return place{objs: w.expr(x.X), typ: t}
	}
	p := place{objs: setOf(w.a.object(tempKey{e})), typ: t}
	w.store(p, w.expr(e))
	return p
}

type tempKey struct{ ast.Expr }

// path goes from a struct, or a pointer to one, to a field, by way of embedded
// fields.
func (a *analysis) path(p place, index []int) place {
	for _, i := range index {
		t := p.typ
		if ptr, ok := coreOf(t).(*types.Pointer); ok {
			p.objs, t = a.load(p), ptr.Elem()
		}
		st, ok := coreOf(t).(*types.Struct)
		if !ok {
			return place{typ: p.typ}
		}
		f := st.Field(i)
		p = place{objs: p.objs, field: f.Name(), typ: f.Type()}
	}
	return p
}
