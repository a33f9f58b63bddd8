package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// declare makes the session's declarations out of the checked ones.
func (g *generator) declare(u *Code) error {
	c, st, info := g.c, g.State, g.c.Result.Info
	all := slices.Concat(c.Decls, c.Extra)
	for _, d := range all {
		obj := info.Defs[d.Ident]
		if obj == nil || d.Recv != "" || d.Name == "init" || d.Name == "_" || d.Kind == syntax.VarDecl {
			continue
		}
		nd := &decl.Decl{Name: d.Name, Kind: d.Kind, Obj: obj, Src: d.Src, Info: info, Node: d.Node, Text: d.Text}
		switch obj := obj.(type) {
		case *types.Func:
			nd.Generic = obj.Signature().TypeParams().Len() > 0
		case *types.TypeName:
			if named, ok := obj.Type().(*types.Named); ok {
				nd.Generic = named.TypeParams().Len() > 0
			} else if alias, ok := obj.Type().(*types.Alias); ok {
				nd.Generic = alias.TypeParams().Len() > 0
			}
		}
		st.Know(obj, nd)
		g.own[nd] = true
		u.Names[d.Name] = nd
	}
	for _, d := range all {
		t := u.Names[d.Recv]
		if d.Recv == "" || t == nil || d.Name == "_" {
			continue
		}
		generic := t.Generic
		if f, ok := info.Defs[d.Ident].(*types.Func); ok {
			generic = generic || f.Signature().TypeParams().Len() > 0
		}
		m := &decl.Decl{Name: d.Name, Kind: syntax.FuncDecl, Symbol: d.Name, Obj: info.Defs[d.Ident], Src: d.Src, Info: info,
			Node: d.Node, Text: d.Text, Generic: generic, Recv: t}
		t.Methods = append(t.Methods, m)
		g.own[m] = true
	}
	vars := c.DefinedVariables()
	for _, d := range c.Extra {
		if v, ok := info.Defs[d.Ident].(*types.Var); ok && d.Kind == syntax.VarDecl {
			vars[d.Name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		v := vars[name]
		if old := st.Names[name]; old != nil && old.Kind == syntax.VarDecl && types.Identical(old.Obj.Type(), v.Type()) {
			st.Know(v, old)
			u.Names[name] = old
			u.Again = append(u.Again, again{old, c.OriginOf(name, v.Type()), info})
			continue
		}
		p := st.Shapes()
		p.Unexported, p.Named = g.unexportedType, func(t *types.TypeName) string {
			if st.Of[t] == nil {
				return "" // local to a function
			}
			return t.Name()
		}
		if p.Text(v.Type()); p.Err != nil {
			if v.Parent() == st.Pkg.Scope() {
				return c.Wrong(v.Pos(), fmt.Sprintf("%s cannot be kept for later cells: its type contains %v", name, p.Err))
			}
			c.Dropped[name] = fmt.Sprintf("%s was not kept for later cells: its type contains %v; assign it to a variable of an interface type", name, p.Err)
			continue // stays a local variable of the cell
		}
		nd := &decl.Decl{Name: name, Kind: syntax.VarDecl, Obj: types.NewVar(v.Pos(), st.Pkg, name, v.Type()), Info: info, Origin: c.OriginOf(name, v.Type())}
		if c.Lost[name] != "" {
			nd.Held = st.Before(name).Holder()
		}
		st.Know(v, nd)
		st.Know(nd.Obj, nd)
		g.own[nd] = true
		u.Names[name] = nd
	}
	groups := make(map[ast.Node]map[*decl.Decl]bool) // constants of a group have one text
	for d := range g.own {
		if d.Kind == syntax.VarDecl {
			st.VariableUses(d, info)
			continue
		}
		uses, known := groups[d.Node]
		if !known {
			uses = make(map[*decl.Decl]bool)
			st.TextUses(d.Node, info, uses)
			groups[d.Node] = uses
		}
		d.Uses = maps.Clone(uses)
		delete(d.Uses, d)
	}
	g.memory.symbols.Assign(st, g.own)
	return g.unite()
}
