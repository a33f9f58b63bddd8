package effects

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A value is what an expression's value can point to, with its type.
type value struct {
	values set
	typ    types.Type
}

// expr walks an expression and returns what its value can point to.
func (w *walker) expr(e ast.Expr) set {
	switch x := e.(type) {
	case *ast.BasicLit:
		return nil
	case *ast.Ident:
		return w.named(x)
	case *ast.ParenExpr:
		return w.expr(x.X)
	case *ast.FuncLit:
		return w.closure(x)
	case *ast.CompositeLit:
		return w.composite(x)
	case *ast.SelectorExpr:
		return w.selector(x)
	case *ast.IndexExpr:
		return w.index(x)
	case *ast.IndexListExpr: // an instance of a generic function
		return w.instance(x.X)
	case *ast.SliceExpr:
		for _, i := range []ast.Expr{x.Low, x.High, x.Max} {
			if i != nil {
				w.expr(i)
			}
		}
		if _, ok := coreOf(w.typeOf(x.X)).(*types.Array); ok {
			return w.at(x.X).objs
		}
		return w.expr(x.X)
	case *ast.TypeAssertExpr:
		return w.asserted(w.expr(x.X), w.typeOf(x.Type))
	case *ast.CallExpr:
		if results := w.call(x); len(results) > 0 {
			return results[0]
		}
		return nil
	case *ast.StarExpr:
		if w.info.Types[x].IsType() {
			return nil
		}
		return w.load(w.at(x))
	case *ast.UnaryExpr:
		return w.unary(x)
	case *ast.BinaryExpr:
		w.expr(x.X)
		w.expr(x.Y)
		return nil
	case *ast.ArrayType, *ast.StructType, *ast.FuncType, *ast.InterfaceType, *ast.MapType, *ast.ChanType:
		return nil
	}
	w.note(e.Pos(), "has an expression that is not known here")
	return nil
}

// several returns the values of an expression that can have more than one.
func (w *walker) several(e ast.Expr) []value {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		tuple, ok := w.typeOf(call).(*types.Tuple)
		if !ok {
			return []value{{w.expr(e), w.typeOf(e)}}
		}
		results := w.call(call)
		var list []value
		for i := range tuple.Len() {
			v := value{typ: tuple.At(i).Type()}
			if i < len(results) {
				v.values = results[i]
			}
			list = append(list, v)
		}
		return list
	}
	t := w.typeOf(e) // v, ok
	if tuple, ok := t.(*types.Tuple); ok {
		t = tuple.At(0).Type()
	}
	return []value{{w.expr(e), t}, {nil, types.Typ[types.Bool]}}
}

// as returns an expression's value as one of type t, which can be an interface
// that it is put into.
func (w *walker) as(e ast.Expr, t types.Type) set {
	return w.boxed(boxKey{e, 0}, w.expr(e), w.typeOf(e), t)
}

type boxKey struct {
	node ast.Node
	n    int
}

// boxed puts a value of one type into an interface, where the other is one and
// the first is not.
func (w *walker) boxed(key boxKey, values set, from, to types.Type) set {
	if from == nil || !isInterface(to) || isInterface(from) && (!isError(from) || isError(to)) {
		return values // an error stays known as one, since nobody changes errors
	}
	if b, ok := from.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return nil
	}
	if !w.a.holds(from) && !w.a.hasMethods(from) && to.Underlying().(*types.Interface).NumMethods() == 0 {
		return nil
	}
	box := w.a.object(key)
	box.typ = from
	w.store(place{objs: setOf(box), typ: from}, values)
	return setOf(box)
}

// hasMethods reports whether a method of the session can be called on a value, or
// on a part of it, that imported code gets in an interface.
func (a *analysis) hasMethods(t types.Type) bool {
	found := false
	a.parts(t, func(t types.Type) {
		named, ok := t.(*types.Named)
		_, param := t.(*types.TypeParam)
		found = found || param || ok && named.Obj().Pkg() == a.Package && types.NewMethodSet(types.NewPointer(t)).Len() > 0
	})
	return found
}

// asserted takes values of a type out of interfaces.
func (w *walker) asserted(interfaces set, t types.Type) set {
	if isInterface(t) {
		return interfaces
	}
	if t == nil || !w.a.holds(t) {
		return nil
	}
	var values set
	for o := range interfaces {
		switch {
		case o.opaque:
			values = values.with(w.a.reach(setOf(o)))
		case o.outside != "":
			values = values.with(setOf(o))
		case isInterface(o.typ): // an error
			values = values.with(w.asserted(w.load(place{objs: setOf(o), typ: o.typ}), t))
		case o.typ != nil && w.a.canBe(o.typ, t):
			values = values.with(w.load(place{objs: setOf(o), typ: o.typ}))
		}
	}
	return values
}

// canBe reports whether a value of one type can be asserted to have the other.
func (a *analysis) canBe(from, to types.Type) bool {
	open := false
	for _, t := range []types.Type{from, to} {
		a.parts(t, func(t types.Type) {
			_, param := t.(*types.TypeParam)
			open = open || param
		})
	}
	return open || types.Identical(from, to)
}

// named returns the value of a variable or a function.
func (w *walker) named(id *ast.Ident) set {
	switch obj := w.info.ObjectOf(id).(type) {
	case *types.Var:
		return w.load(w.place(obj))
	case *types.Func:
		return w.functionValue(obj, id)
	}
	return nil
}

func (w *walker) closure(lit *ast.FuncLit) set {
	f := w.a.literal(w.body, lit)
	if f.body == w.body {
		(&walker{body: w.body, function: f}).block(lit.Body)
	}
	o := w.a.object(lit)
	o.fn = f
	return setOf(o)
}

func (w *walker) composite(lit *ast.CompositeLit) set {
	o := w.a.object(lit)
	at := func(field string, t types.Type, e ast.Expr) {
		w.store(place{objs: setOf(o), field: field, typ: t}, w.as(e, t))
	}
	t := coreOf(w.typeOf(lit))
	if p, ok := t.(*types.Pointer); ok { // elided in []*point{{…}}
		t = coreOf(p.Elem())
	}
	switch u := t.(type) {
	case *types.Struct:
		for i, e := range lit.Elts {
			f := (*types.Var)(nil)
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				f, e = w.info.Uses[kv.Key.(*ast.Ident)].(*types.Var), kv.Value
			} else {
				f = u.Field(i)
			}
			at(f.Name(), f.Type(), e)
		}
	case *types.Map:
		for _, e := range lit.Elts {
			kv := e.(*ast.KeyValueExpr)
			at("", u.Key(), kv.Key)
			at("", u.Elem(), kv.Value)
		}
	case interface{ Elem() types.Type }: // slice, array
		for _, e := range lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e = kv.Value
			}
			at("", u.Elem(), e)
		}
	}
	return setOf(o)
}

func (w *walker) selector(sel *ast.SelectorExpr) set {
	s := w.info.Selections[sel]
	if s == nil { // of a package
		return w.named(sel.Sel)
	}
	switch s.Kind() {
	case types.FieldVal:
		return w.load(w.at(sel))
	case types.MethodVal:
		return w.methodValue(sel, s)
	}
	return w.methodExpr(sel, s)
}

func (w *walker) index(x *ast.IndexExpr) set {
	if w.info.Types[x.Index].IsType() {
		return w.instance(x.X)
	}
	if m, ok := coreOf(w.typeOf(x.X)).(*types.Map); ok {
		// An interface as a key can have a session's type, but a map calls nothing.
		w.as(x.Index, m.Key())
	}
	if _, ok := coreOf(w.typeOf(x.X)).(*types.Basic); ok { // a string
		w.expr(x.X)
		w.expr(x.Index)
		return nil
	}
	p := w.at(x)
	if tuple, ok := p.typ.(*types.Tuple); ok { // v, ok
		p.typ = tuple.At(0).Type()
	}
	return w.load(p)
}

// instance is the value of a generic function with its type arguments.
func (w *walker) instance(e ast.Expr) set {
	return w.named(syntax.IdentOf(e))
}

func (w *walker) unary(x *ast.UnaryExpr) set {
	switch x.Op {
	case token.AND:
		if lit, ok := ast.Unparen(x.X).(*ast.CompositeLit); ok {
			return w.composite(lit)
		}
		return w.a.address(w.at(x.X))
	case token.ARROW:
		ch := w.expr(x.X)
		w.uses(x.Pos(), "receives from", x.X, ch)
		return w.load(place{objs: ch, typ: coreOf(w.typeOf(x.X)).(*types.Chan).Elem()})
	}
	w.expr(x.X)
	return nil
}
