package effects

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A function is something that can be called: a declared function, a literal, a
// method with its receiver, one of an imported package.
type function struct {
	// invoke does what a call of it does in the body that has the call. It returns
	// the results.
	invoke func(b *body, c call, args []set) []set

	// The rest is for those whose text is walked.
	body    *body
	recv    *types.Var
	params  []*types.Var
	results []place
}

// A call is a place in the text that calls something.
type call struct {
	pos  token.Pos
	text string // what is called, as it is written
}

// declared returns the function for a declaration of the session, or nil.
func (a *analysis) declared(fn *types.Func) *function {
	if fn.Pkg() != a.Package {
		return nil
	}
	decl, info := a.Body(fn.Origin())
	if decl == nil || decl.Body == nil {
		return nil
	}
	if f := a.functions[decl]; f != nil {
		return f
	}
	name := fn.Name()
	sig := info.Defs[decl.Name].(*types.Func).Signature()
	if named := typetext.Receiver(fn); named != nil {
		name = named.Obj().Name() + "." + name
	}
	b := a.body(decl, info, name)
	f := a.function(b, decl, sig)
	b.walk = func() { (&walker{body: b, function: f}).block(decl.Body) }
	return f
}

// literal returns the function for a literal.
func (a *analysis) literal(b *body, lit *ast.FuncLit) *function {
	if f := a.functions[lit]; f != nil {
		return f
	}
	f := a.function(b, lit, b.info.Types[lit].Type.(*types.Signature))
	if b.node == ast.Node(lit) {
		b.walk = func() { (&walker{body: b, function: f}).block(lit.Body) }
	}
	return f
}

func (a *analysis) function(b *body, node ast.Node, sig *types.Signature) *function {
	f := &function{body: b, recv: sig.Recv()}
	for v := range sig.Params().Variables() {
		f.params = append(f.params, v)
	}
	for i := range sig.Results().Len() {
		v := sig.Results().At(i)
		p := place{typ: v.Type()}
		if v.Name() != "" && v.Name() != "_" {
			p.objs = setOf(b.variable(v))
		} else {
			p.objs = setOf(a.object(resultKey{node, i}))
		}
		f.results = append(f.results, p)
	}
	f.invoke = func(from *body, c call, args []set) []set { return f.invokeOn(from, c, nil, args) }
	a.functions[node] = f
	return f
}

type resultKey struct {
	node ast.Node
	n    int
}

// invokeOn binds receiver and parameters.
func (f *function) invokeOn(from *body, c call, recv set, args []set) []set {
	a := f.body.a
	if from != f.body && a.final {
		from.calls[c.pos] = append(from.calls[c.pos], f.body)
	}
	if f.recv != nil {
		a.store(f.body.place(f.recv), recv)
	}
	for i, v := range f.params {
		if i < len(args) {
			a.store(f.body.place(v), args[i])
		}
	}
	var results []set
	for _, p := range f.results {
		results = append(results, a.load(p))
	}
	return results
}

// start gives the function that is asked about what a caller from outside gives
// it.
func (f *function) start(a *analysis) {
	if f.recv != nil {
		a.store(f.body.place(f.recv), a.given(f.recv, "receiver"))
	}
	for _, v := range f.params {
		a.store(f.body.place(v), a.given(v, "parameter"))
	}
}

// given is the memory that a parameter points to when the call begins.
func (a *analysis) given(v *types.Var, role string) set {
	if !a.holds(v.Type()) {
		return nil
	}
	o := a.object(givenKey{v})
	o.outside = "the " + role + " " + v.Name()
	if v.Name() == "" || v.Name() == "_" {
		o.outside = "the " + role
	}
	return setOf(o)
}

type givenKey struct{ *types.Var }

// giveBack notes results that share memory with what was there before: from an
// engine they come as copies. Errors are not changed by anybody.
func (f *function) giveBack(b *body) {
	for _, p := range f.results {
		if isError(p.typ) || !b.a.holds(p.typ) {
			continue
		}
		values := b.a.load(p)
		if b.a.deep(p.typ) {
			values = b.a.reach(values)
		}
		if o := b.a.memory(values).outside(); o != nil {
			b.note(b.node.End(), "returns memory of %s, which a change of the result would change", o.outside)
		}
	}
}

// variable returns the object for a variable that a body mentions.
func (b *body) variable(v *types.Var) *object {
	a := b.a
	if b.node.Pos() <= v.Pos() && v.Pos() < b.node.End() && v.Pkg() == a.Package {
		return a.object(v)
	}
	o := a.object(outsideKey{v})
	switch {
	case v.Pkg() != a.Package && isError(v.Type()), v.Pkg() != a.Package && v.Pkg().Path() == "io" && v.Name() == "Discard":
		o.opaque = true
	case v.Pkg() != a.Package:
		name := v.Pkg().Name() + "." + v.Name()
		o.outside, o.variable = name, "a variable of package "+v.Pkg().Path()
	case a.Global(v):
		o.outside, o.variable = "the session variable "+v.Name(), "a session variable"
	default:
		o.outside, o.variable = "the captured variable "+v.Name(), "a captured variable"
	}
	return o
}

type outsideKey struct{ *types.Var }

// place is where a variable lies.
func (b *body) place(v *types.Var) place {
	return place{objs: setOf(b.variable(v)), typ: v.Type()}
}
