package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

func (u *Unit) noteRenamed(d *decl) {
	if d.kind == syntax.TypeDecl && d.symbol != d.name {
		u.rename(d.symbol, d.name)
	}
}

// rename records that a type with this symbol goes by a name.
func (u *Unit) rename(symbol, name string) {
	if u.renamed == nil {
		u.renamed = make(map[string]string)
	}
	u.renamed[symbol] = name
}

// declare makes the session's declarations out of the checked ones.
func (c *compilation) declare(g *generator, u *Unit) error {
	st, info := c.st, c.result.info
	all := slices.Concat(c.decls, c.extra)
	for _, d := range all {
		obj := info.Defs[d.Ident]
		if obj == nil || d.Recv != "" || d.Name == "init" || d.Name == "_" || d.Kind == syntax.VarDecl {
			continue
		}
		nd := &decl{name: d.Name, kind: d.Kind, obj: obj, src: d.Src, info: info, node: d.Node, text: d.Text}
		switch obj := obj.(type) {
		case *types.Func:
			nd.generic = obj.Signature().TypeParams().Len() > 0
		case *types.TypeName:
			if named, ok := obj.Type().(*types.Named); ok {
				nd.generic = named.TypeParams().Len() > 0
			} else if alias, ok := obj.Type().(*types.Alias); ok {
				nd.generic = alias.TypeParams().Len() > 0
			}
		}
		st.byObj[obj] = nd
		g.own[nd] = true
		u.names[d.Name] = nd
	}
	for _, d := range all {
		t := u.names[d.Recv]
		if d.Recv == "" || t == nil || d.Name == "_" {
			continue
		}
		generic := t.generic
		if f, ok := info.Defs[d.Ident].(*types.Func); ok {
			generic = generic || f.Signature().TypeParams().Len() > 0
		}
		m := &decl{name: d.Name, kind: syntax.FuncDecl, symbol: d.Name, obj: info.Defs[d.Ident], src: d.Src, info: info,
			node: d.Node, text: d.Text, generic: generic, recv: t}
		t.methods = append(t.methods, m)
		g.own[m] = true
	}
	vars := c.variables()
	for _, d := range c.extra {
		if v, ok := info.Defs[d.Ident].(*types.Var); ok && d.Kind == syntax.VarDecl {
			vars[d.Name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		v := vars[name]
		if old := st.names[name]; old != nil && old.kind == syntax.VarDecl && types.Identical(old.obj.Type(), v.Type()) {
			st.byObj[v] = old
			u.names[name] = old
			u.again = append(u.again, again{old, c.originOf(name, v.Type()), info})
			continue
		}
		p := st.shapes()
		p.Hidden, p.Named = g.hidden, func(t *types.TypeName) string {
			if st.byObj[t] == nil {
				return "" // local to a function
			}
			return t.Name()
		}
		if p.Text(v.Type()); p.Err != nil {
			if v.Parent() == st.pkg.Scope() {
				return c.finishErrors(c.at(v.Pos(), fmt.Sprintf("%s cannot be kept for later cells: its type contains %v", name, p.Err)))
			}
			c.dropped[name] = fmt.Sprintf("%s was not kept for later cells: its type contains %v; assign it to a variable of an interface type", name, p.Err)
			continue // stays a local variable of the cell
		}
		nd := &decl{name: name, kind: syntax.VarDecl, obj: types.NewVar(v.Pos(), st.pkg, name, v.Type()), info: info, origin: c.originOf(name, v.Type())}
		if c.lost[name] != "" {
			nd.held = st.before(name).holder()
		}
		st.byObj[v], st.byObj[nd.obj] = nd, nd
		g.own[nd] = true
		u.names[name] = nd
	}
	for d := range g.own {
		if d.kind == syntax.VarDecl {
			st.variableUses(d, info)
			continue
		}
		d.uses = make(map[*decl]bool)
		st.textUses(d.node, info, d.uses)
		delete(d.uses, d)
	}
	c.s.symbols.name(st, g.own)
	return nil
}

// variableUses notes what the type of a variable depends on.
func (st *state) variableUses(d *decl, info *types.Info) {
	d.uses = make(map[*decl]bool)
	st.typeUses(d.obj.Type(), d.uses)
	if d.origin != nil {
		st.textUses(d.origin.node(), info, d.uses)
	}
	delete(d.uses, d)
}

// textUses collects the declarations that a text refers to.
func (st *state) textUses(n ast.Node, info *types.Info, into map[*decl]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if d := st.byObj[info.Uses[id]]; d != nil {
				into[d] = true
			}
		}
		// The type of an expression can be one that is not named in the text: a
		// method call on it depends on it all the same.
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if tv, ok := info.Types[sel.X]; ok && tv.Type != nil {
				st.typeUses(tv.Type, into)
			}
		}
		return true
	})
}

// typeUses collects the session's types that a type is made of, by name.
func (st *state) typeUses(t types.Type, into map[*decl]bool) {
	note := func(obj *types.TypeName) string {
		if d := st.byObj[obj]; d != nil {
			into[d] = true
		}
		return obj.Name()
	}
	p := &typetext.Printer{Named: note, Embedded: note, Pkg: st.pkg, Params: make(map[*types.TypeParam]bool),
		Alias: func(p *types.Package) string { return p.Name() }}
	p.Text(t)
}
