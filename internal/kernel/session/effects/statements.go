package effects

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A walker walks the text of one function or literal.
type walker struct {
	*body
	function *function
}

func (w *walker) block(b *ast.BlockStmt) { w.list(b.List) }

func (w *walker) list(stmts []ast.Stmt) {
	for _, s := range stmts {
		w.stmt(s)
	}
}

func (w *walker) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case nil, *ast.BadStmt, *ast.BranchStmt, *ast.EmptyStmt:
	case *ast.AssignStmt:
		w.assignment(s)
	case *ast.BlockStmt:
		w.block(s)
	case *ast.CaseClause:
		for _, e := range s.List {
			w.expr(e)
		}
		w.list(s.Body)
	case *ast.CommClause:
		w.stmt(s.Comm)
		w.list(s.Body)
	case *ast.DeclStmt:
		w.declaration(s.Decl.(*ast.GenDecl))
	case *ast.DeferStmt:
		w.call(s.Call)
	case *ast.ExprStmt:
		w.expr(s.X)
	case *ast.ForStmt:
		w.stmt(s.Init)
		if s.Cond != nil {
			w.expr(s.Cond)
		}
		w.stmt(s.Post)
		w.block(s.Body)
	case *ast.GoStmt:
		w.call(s.Call)
	case *ast.IfStmt:
		w.stmt(s.Init)
		w.expr(s.Cond)
		w.block(s.Body)
		w.stmt(s.Else)
	case *ast.IncDecStmt:
		w.assign(s.X, nil)
	case *ast.LabeledStmt:
		w.stmt(s.Stmt)
	case *ast.RangeStmt:
		w.loop(s)
	case *ast.ReturnStmt:
		w.giveResults(s)
	case *ast.SelectStmt:
		w.block(s.Body)
	case *ast.SendStmt:
		ch := w.expr(s.Chan)
		w.uses(s.Arrow, "sends on", s.Chan, ch)
		elem := coreOf(w.typeOf(s.Chan)).(*types.Chan).Elem()
		w.store(place{objs: ch, typ: elem}, w.as(s.Value, elem))
	case *ast.SwitchStmt:
		w.stmt(s.Init)
		if s.Tag != nil {
			w.expr(s.Tag)
		}
		w.block(s.Body)
	case *ast.TypeSwitchStmt:
		w.typeSwitch(s)
	default:
		w.note(s.Pos(), "has a statement that is not known here")
	}
}

// store and load are the analysis' own.
func (w *walker) store(p place, values set) { w.a.store(p, values) }
func (w *walker) load(p place) set          { return w.a.load(p) }

// typeOf returns the type of an expression.
func (w *walker) typeOf(e ast.Expr) types.Type { return w.info.TypeOf(e) }

// coreOf returns what a type is made of; for a type parameter, what all its types
// are made of.
func coreOf(t types.Type) types.Type {
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return t.Underlying()
	}
	var core types.Type
	u := p.Constraint().Underlying().(*types.Interface)
	for e := range u.EmbeddedTypes() {
		union, ok := e.(*types.Union)
		if !ok {
			if core == nil {
				core = coreOf(e)
			}
			continue
		}
		if core == nil && union.Len() > 0 {
			core = union.Term(0).Type().Underlying()
		}
	}
	if core == nil {
		return t.Underlying()
	}
	return core
}

func (w *walker) assignment(s *ast.AssignStmt) {
	switch {
	case s.Tok != token.ASSIGN && s.Tok != token.DEFINE: // op=
		w.expr(s.Rhs[0])
		w.assign(s.Lhs[0], nil)
	case len(s.Lhs) == len(s.Rhs):
		for i, e := range s.Rhs {
			w.assign(s.Lhs[i], w.as(e, w.targetType(s.Lhs[i], w.typeOf(e))))
		}
	default:
		values := w.several(s.Rhs[0])
		for i, lhs := range s.Lhs {
			if i < len(values) {
				v := values[i]
				w.assign(lhs, w.boxed(boxKey{s.Rhs[0], i}, v.values, v.typ, w.targetType(lhs, v.typ)))
			}
		}
	}
}

// targetType is the type of what is assigned to, which for _ is the value's.
func (w *walker) targetType(lhs ast.Expr, value types.Type) types.Type {
	if id, ok := lhs.(*ast.Ident); ok && id.Name == "_" {
		return value
	}
	if t := w.typeOf(lhs); t != nil {
		return t
	}
	return value
}

// declaration gives local variables their values.
func (w *walker) declaration(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		if len(spec.Values) == len(spec.Names) {
			for i, e := range spec.Values {
				w.assign(spec.Names[i], w.as(e, w.targetType(spec.Names[i], w.typeOf(e))))
			}
		} else if len(spec.Values) == 1 {
			for i, v := range w.several(spec.Values[0]) {
				w.assign(spec.Names[i], w.boxed(boxKey{spec.Values[0], i}, v.values, v.typ, w.targetType(spec.Names[i], v.typ)))
			}
		}
	}
}

func (w *walker) giveResults(s *ast.ReturnStmt) {
	results := w.function.results
	if len(s.Results) == 1 && len(results) > 1 {
		for i, v := range w.several(s.Results[0]) {
			w.store(results[i], w.boxed(boxKey{s.Results[0], i}, v.values, v.typ, results[i].typ))
		}
		return
	}
	for i, e := range s.Results {
		w.store(results[i], w.as(e, results[i].typ))
	}
}

func (w *walker) typeSwitch(s *ast.TypeSwitchStmt) {
	w.stmt(s.Init)
	var x ast.Expr
	switch assign := s.Assign.(type) {
	case *ast.ExprStmt:
		x = assign.X
	case *ast.AssignStmt:
		x = assign.Rhs[0]
	}
	values := w.expr(ast.Unparen(x).(*ast.TypeAssertExpr).X)
	for _, clause := range s.Body.List {
		clause := clause.(*ast.CaseClause)
		if v, ok := w.info.Implicits[clause].(*types.Var); ok {
			w.store(w.place(v), w.asserted(values, v.Type()))
		}
		w.list(clause.Body)
	}
}

// loop walks a range statement.
func (w *walker) loop(s *ast.RangeStmt) {
	t := w.typeOf(s.X)
	core := coreOf(t)
	if p, ok := core.(*types.Pointer); ok {
		core = p.Elem().Underlying() // to an array
	}
	values := w.expr(s.X)
	set := func(lhs ast.Expr, n int, v set, from types.Type) {
		if lhs != nil {
			w.assign(lhs, w.boxed(boxKey{s, n}, v, from, w.targetType(lhs, from)))
		}
	}
	switch u := core.(type) {
	case *types.Slice:
		set(s.Key, 0, nil, types.Typ[types.Int])
		set(s.Value, 1, w.load(place{objs: values, typ: u.Elem()}), u.Elem())
	case *types.Array:
		set(s.Key, 0, nil, types.Typ[types.Int])
		set(s.Value, 1, w.load(place{objs: values, typ: u.Elem()}), u.Elem())
	case *types.Map:
		set(s.Key, 0, w.load(place{objs: values, typ: u.Key()}), u.Key())
		set(s.Value, 1, w.load(place{objs: values, typ: u.Elem()}), u.Elem())
	case *types.Chan:
		w.uses(s.For, "receives from", s.X, values)
		set(s.Key, 0, w.load(place{objs: values, typ: u.Elem()}), u.Elem())
	case *types.Signature:
		w.iterate(s, values, u, set)
	default: // a number or a string
		set(s.Key, 0, nil, t)
		set(s.Value, 1, nil, types.Typ[types.Rune])
	}
	w.block(s.Body)
}

// iterate calls an iterator with a function that sets the loop's variables.
func (w *walker) iterate(s *ast.RangeStmt, iterators set, sig *types.Signature, assign func(ast.Expr, int, set, types.Type)) {
	yield := w.a.object(s)
	params := coreOf(sig.Params().At(0).Type()).(*types.Signature).Params()
	yield.fn = &function{invoke: func(_ *body, _ call, args []set) []set {
		for i, lhs := range []ast.Expr{s.Key, s.Value} {
			if i < min(params.Len(), len(args)) {
				assign(lhs, i, args[i], params.At(i).Type())
			}
		}
		return []set{nil}
	}}
	w.callValue(call{pos: s.X.Pos(), text: types.ExprString(s.X)}, iterators, []set{setOf(yield)}, sig)
}
