package rewrite

import (
	"fmt"
	"go/ast"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Above x := …, the x of an earlier cell has the type that it had before the cell (above.go in package check).
// If the unit declares a version of that type which has its symbol, the two are one type to compiler and loader:
// the unit has it once, with the methods of the new version.

// unite notes the types that the unit declares, by symbol. It refuses uses of earlier variables whose type loses
// a method with the unit, since nothing has been checked against the methods that are left.
func (g *generator) unite() error {
	for d := range g.own {
		if d.Kind == syntax.TypeDecl {
			g.ownTypes[d.Symbol] = d
		}
	}
	for _, part := range g.c.Parsed.File.Decls {
		var wrong error
		ast.Inspect(part, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || wrong != nil {
				return wrong == nil
			}
			v := g.State.Of[g.c.Result.Info.Uses[id]]
			if v == nil || v.Kind != syntax.VarDecl || g.own[v] {
				return true
			}
			if t, method := g.lostMethod(v); method != "" {
				wrong = g.c.Wrong(id.Pos(), fmt.Sprintf("%s is the variable of an earlier cell here, and %s.%s is gone with what this cell declares: give the new variable another name, or declare it in a cell of its own", v.Name, t, method))
			}
			return true
		})
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// lostMethod names a method that a variable's type, or one that it is made of, had before the unit and has no
// more.
func (g *generator) lostMethod(v *decl.Decl) (t, method string) {
	for old := range v.Closure(nil) {
		now := g.ownTypes[old.Symbol]
		if old.Kind != syntax.TypeDecl || now == nil || now == old {
			continue
		}
		for _, m := range old.Methods {
			if now.Method(m.Name) == nil {
				return old.Name, m.Name
			}
		}
	}
	return "", ""
}
