package decl

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// VariableUses notes what the type of a variable depends on.
func (st *State) VariableUses(d *Decl, info *types.Info) {
	d.Uses = make(map[*Decl]bool)
	st.TypeUses(d.Obj.Type(), d.Uses)
	if d.Origin != nil {
		st.TextUses(d.Origin.node(), info, d.Uses)
	}
	delete(d.Uses, d)
}

// TextUses collects the declarations that a text refers to.
func (st *State) TextUses(n ast.Node, info *types.Info, into map[*Decl]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if d := st.Of[info.Uses[id]]; d != nil {
				into[d] = true
			}
		}
		// The type of an expression can be one that is not named in the text: a
		// method call on it depends on it all the same.
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if tv, ok := info.Types[sel.X]; ok && tv.Type != nil {
				st.TypeUses(tv.Type, into)
			}
		}
		return true
	})
}

// TypeUses collects the session's types that a type is made of, by name.
func (st *State) TypeUses(t types.Type, into map[*Decl]bool) {
	note := func(obj *types.TypeName) string {
		if d := st.Of[obj]; d != nil {
			into[d] = true
		}
		return obj.Name()
	}
	p := &typetext.Printer{Named: note, Embedded: note, Pkg: st.Pkg, Params: make(map[*types.TypeParam]bool),
		Alias: func(p *types.Package) string { return p.Name() }}
	p.Text(t)
}

// Assigned collects the session's variables that a text assigns to, or takes the address of.
func (st *State) Assigned(n ast.Node, info *types.Info, into map[*Decl]bool) {
	note := func(e ast.Expr) {
		if d := st.Of[info.Uses[syntax.RootOf(e)]]; d != nil && d.Kind == syntax.VarDecl {
			into[d] = true
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				note(e)
			}
		case *ast.IncDecStmt:
			note(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				note(n.Key)
				note(n.Value)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		}
		return true
	})
}
