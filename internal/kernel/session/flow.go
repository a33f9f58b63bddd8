package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// flow says what a cell's statements and initial values use of the session's
// declarations, also through the functions that they mention, and which variables
// they change: by assignments, and by taking their address. It is for people, who want
// to know which results are out of date, and knows nothing of what is changed through
// pointers.
func (c *compilation) flow() (reads, writes []string) {
	read, written := make(map[*decl]bool), make(map[*decl]bool)
	look := func(n ast.Node) {
		c.st.textUses(n, c.result.info, read)
		c.st.assigned(n, c.result.info, written)
	}
	look(c.cell.Run.Body)
	for _, d := range c.all {
		switch n := d.Node.(type) {
		case *ast.ValueSpec:
			if d.Kind == syntax.VarDecl {
				for _, v := range n.Values {
					look(v)
				}
			}
		case *ast.FuncDecl:
			if d.Recv == "" && d.Name == "init" {
				look(n.Body)
			}
		}
	}
	all := make(map[*decl]bool)
	for d := range read {
		d.closure(all)
	}
	for d := range all {
		if f, ok := d.node.(*ast.FuncDecl); ok && f.Body != nil {
			c.st.assigned(f.Body, d.info, written)
		}
	}
	return fullNames(all), fullNames(written)
}

// assigned collects the session's variables that a text assigns to, or takes the address of.
func (st *state) assigned(n ast.Node, info *types.Info, into map[*decl]bool) {
	note := func(e ast.Expr) {
		if d := st.byObj[info.Uses[syntax.RootOf(e)]]; d != nil && d.kind == syntax.VarDecl {
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

// fullNames returns names as Unit.Declares has them, sorted.
func fullNames(set map[*decl]bool) []string {
	names := make(map[string]bool)
	for d := range set {
		if d.recv != nil {
			names[d.recv.name+"."+d.name] = true
		} else {
			names[d.name] = true
		}
	}
	return sortedKeys(names)
}

// changedNames lists what the cell declares that is not as it was.
func (c *compilation) changedNames(declares []string) []string {
	kept := make(map[string]bool)
	for _, d := range c.all {
		if c.kept[d.Chunk] {
			kept[d.FullName()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(declares), func(name string) bool { return kept[name] })
}
