package effects

import (
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// call walks a call and returns what its results can point to.
func (w *walker) call(x *ast.CallExpr) []set {
	fun := ast.Unparen(x.Fun)
	tv := w.info.Types[fun]
	switch {
	case tv.IsType():
		return []set{w.conversion(x, tv.Type)}
	case tv.IsBuiltin():
		return []set{w.builtin(x)}
	}
	c := call{pos: x.Lparen, text: types.ExprString(fun)}
	sig, ok := coreOf(tv.Type).(*types.Signature)
	if !ok {
		w.note(c.pos, "calls %s, which is not known here", c.text)
		return nil
	}
	id := nameOf(fun)
	fn, ok := w.info.Uses[id].(*types.Func)
	if !ok {
		f := w.expr(fun)
		return w.callValue(c, f, w.arguments(x, sig), sig)
	}
	w.bindInstance(fn, id)
	if sel, ok := fun.(*ast.SelectorExpr); ok && w.info.Selections[sel] != nil {
		s := w.info.Selections[sel]
		if s.Kind() == types.MethodExpr {
			return w.callValue(c, w.expr(fun), w.arguments(x, sig), sig)
		}
		p := w.a.path(w.at(sel.X), s.Index()[:len(s.Index())-1])
		return w.callMethod(c, p, fn, w.arguments(x, sig))
	}
	return w.callFunc(c, fn, nil, w.arguments(x, sig))
}

// nameOf returns the identifier of what is called, or nil.
func nameOf(fun ast.Expr) *ast.Ident {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.IndexExpr:
		return nameOf(f.X)
	case *ast.IndexListExpr:
		return nameOf(f.X)
	}
	return nil
}

// bindInstance notes the type arguments of a generic function where it is named.
func (w *walker) bindInstance(fn *types.Func, id *ast.Ident) {
	if inst, ok := w.info.Instances[id]; ok {
		w.a.bind(fn.Origin().Signature().TypeParams(), inst.TypeArgs)
	}
}

// arguments walks the arguments of a call, and packs those of a variadic
// parameter.
func (w *walker) arguments(x *ast.CallExpr, sig *types.Signature) []set {
	var values []value
	var keys []boxKey
	if len(x.Args) == 1 {
		if _, ok := w.typeOf(ast.Unparen(x.Args[0])).(*types.Tuple); ok { // f(g())
			values = w.several(x.Args[0])
			for i := range values {
				keys = append(keys, boxKey{x.Args[0], i})
			}
		}
	}
	if values == nil {
		for _, e := range x.Args {
			values = append(values, value{w.expr(e), w.typeOf(e)})
			keys = append(keys, boxKey{e, 0})
		}
	}
	n := sig.Params().Len()
	args := make([]set, n)
	for i, v := range values {
		switch {
		case i < n-1 || !sig.Variadic() || x.Ellipsis.IsValid():
			if i < n {
				args[i] = w.boxed(keys[i], v.values, v.typ, sig.Params().At(i).Type())
			}
		default:
			slice, ok := sig.Params().At(n - 1).Type().Underlying().(*types.Slice)
			if !ok {
				continue
			}
			packed := w.a.object(packedKey{x})
			w.store(place{objs: setOf(packed), typ: slice.Elem()}, w.boxed(keys[i], v.values, v.typ, slice.Elem()))
			args[n-1] = setOf(packed)
		}
	}
	return args
}

type packedKey struct{ *ast.CallExpr }

// callMethod calls a method of the value at a place.
func (b *body) callMethod(c call, p place, fn *types.Func, args []set) []set {
	a := b.a
	if _, ok := types.Unalias(deref(p.typ)).(*types.TypeParam); ok {
		return b.callConstraint(c, p, fn, args)
	}
	if types.IsInterface(fn.Signature().Recv().Type()) {
		return b.callInterface(c, a.load(p), fn, args)
	}
	a.bindRecv(fn, p.typ)
	return b.callFunc(c, fn, a.receiver(p, fn), args)
}

// receiver is what a method gets from the value at a place.
func (a *analysis) receiver(p place, fn *types.Func) set {
	wanted := typetext.PointerReceiver(fn)
	ptr, given := coreOf(p.typ).(*types.Pointer)
	switch {
	case wanted && !given:
		return a.address(p)
	case given && !wanted:
		return a.load(place{objs: a.load(p), typ: ptr.Elem()})
	}
	return a.load(p)
}

// callConstraint calls a method of a type parameter's value.
func (b *body) callConstraint(c call, p place, fn *types.Func, args []set) []set {
	var results []set
	for _, t := range b.a.concrete(p.typ) {
		m, index, _ := types.LookupFieldOrMethod(t, true, fn.Pkg(), fn.Name())
		method, ok := m.(*types.Func)
		if _, open := deref(t).(*types.TypeParam); open || !ok {
			b.note(c.pos, "calls %s, a method that is known only when it runs", c.text)
			continue
		}
		at := b.a.path(place{objs: p.objs, field: p.field, typ: t}, index[:len(index)-1])
		results = merge(results, b.callMethod(c, at, method, args))
	}
	return results
}

// callInterface calls a method of what interfaces hold.
func (b *body) callInterface(c call, interfaces set, fn *types.Func, args []set) []set {
	a := b.a
	var results []set
	found := fn.Pkg() == nil // error's
	for _, o := range interfaces.sorted() {
		switch {
		case o.typ != nil:
			found = true
			if !a.enter(o, fn) {
				continue
			}
			for _, t := range a.concrete(o.typ) {
				m, index, _ := types.LookupFieldOrMethod(t, true, fn.Pkg(), fn.Name())
				if method, ok := m.(*types.Func); ok {
					at := a.path(place{objs: setOf(o), typ: t}, index[:len(index)-1])
					results = merge(results, b.callMethod(c, at, method, args))
				} else if _, open := t.(*types.TypeParam); open {
					found = false
				}
			}
			a.leave(o, fn)
		case o.opaque, o.outside != "" && fn.Pkg() != a.Package:
			found = true
			results = merge(results, b.imported(c, fn, setOf(o), args))
		}
	}
	for _, o := range interfaces.sorted() {
		if o.outside != "" && fn.Pkg() == a.Package {
			found = false
		}
	}
	if !found {
		b.note(c.pos, "calls %s, a method that is known only when it runs", c.text)
	}
	return results
}

// enter begins a call of what an object holds, and reports false inside of that
// very call: functions can be given themselves, and interfaces can hold themselves.
func (a *analysis) enter(o *object, fn *types.Func) bool {
	if a.active[activeKey{o, fn}] {
		return false
	}
	a.active[activeKey{o, fn}] = true
	return true
}

func (a *analysis) leave(o *object, fn *types.Func) { delete(a.active, activeKey{o, fn}) }

type activeKey struct {
	o  *object
	fn *types.Func
}

// callFunc calls a function, or a method with a receiver that is a value of the
// right type.
func (b *body) callFunc(c call, fn *types.Func, recv set, args []set) []set {
	if fn.Pkg() != b.a.Package {
		return b.imported(c, fn, recv, args)
	}
	f := b.a.declared(fn)
	if f == nil {
		b.note(c.pos, "calls %s, whose text is not known", c.text)
		return nil
	}
	return f.invokeOn(b, c, recv, args)
}

// callValue calls what function values can be.
func (b *body) callValue(c call, functions set, args []set, sig *types.Signature) []set {
	var results []set
	found := false
	for _, o := range functions.sorted() {
		switch {
		case o.fn != nil:
			found = true
			results = merge(results, o.fn.invoke(b, c, args))
		case o.opaque:
			found = true
			results = merge(results, b.callOpaque(c, o, args, sig))
		case o.outside != "":
			b.note(c.pos, "calls %s, a function that is known only when it runs", c.text)
		}
	}
	if !found {
		b.note(c.pos, "calls %s, a function that is known only when it runs", c.text)
	}
	return results
}

// merge adds up the results of calls that one text can mean.
func merge(a, b []set) []set {
	for i, values := range b {
		if i == len(a) {
			a = append(a, nil)
		}
		a[i] = make(set).with(a[i], values)
	}
	return a
}

// functionValue is a declared or an imported function as a value.
func (w *walker) functionValue(fn *types.Func, id *ast.Ident) set {
	w.bindInstance(fn, id)
	o := w.a.object(fn.Origin())
	if o.fn == nil {
		o.fn = &function{invoke: func(b *body, c call, args []set) []set { return b.callFunc(c, fn, nil, args) }}
	}
	return setOf(o)
}

// methodValue is a method with its receiver, as a value.
func (w *walker) methodValue(sel *ast.SelectorExpr, s *types.Selection) set {
	fn := s.Obj().(*types.Func)
	p := w.a.path(w.at(sel.X), s.Index()[:len(s.Index())-1])
	o := w.a.object(sel)
	values, t := w.load(p), p.typ
	if _, open := types.Unalias(deref(t)).(*types.TypeParam); !open && !types.IsInterface(fn.Signature().Recv().Type()) {
		values, t = w.a.receiver(p, fn), fn.Signature().Recv().Type()
	}
	bound := place{objs: setOf(w.a.object(tempKey{sel})), typ: t}
	w.store(bound, values)
	w.a.bindRecv(fn, p.typ)
	w.a.put(o, "", bound.objs)
	o.fn = &function{invoke: func(b *body, c call, args []set) []set { return b.callMethod(c, bound, fn, args) }}
	return setOf(o)
}

// methodExpr is a method as a function of its receiver.
func (w *walker) methodExpr(sel *ast.SelectorExpr, s *types.Selection) set {
	fn := s.Obj().(*types.Func)
	o := w.a.object(sel)
	o.fn = &function{invoke: func(b *body, c call, args []set) []set {
		temp := place{objs: setOf(b.a.object(tempKey{sel})), typ: s.Recv()}
		b.a.store(temp, args[0])
		return b.callMethod(c, b.a.path(temp, s.Index()[:len(s.Index())-1]), fn, args[1:])
	}}
	return setOf(o)
}
