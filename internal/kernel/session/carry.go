package session

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// findLost finds the variables of earlier cells whose values cannot be carried
// over to the new version of their type. Functions of earlier cells go on with
// the zero value until a cell declares the variable again; a cell that mentions
// it before that is wrong.
func (c *compilation) findLost() *diag.Errors {
	st, info := c.st, c.result.info
	c.lost, c.droppedFields = make(map[string]string), make(map[string][]decl.DroppedField)
	lost := make(map[types.Object]string)
	for _, d := range c.extra {
		old, obj := st.Before(d.Name), info.Defs[d.Ident]
		if d.Kind != syntax.VarDecl || old == nil || obj == nil {
			continue
		}
		if can, dropped := st.Carriable(old.Holder().Obj.Type(), obj.Type()); can {
			c.droppedFields[d.Name] = dropped
			continue
		}
		c.lost[d.Name] = fmt.Sprintf("%s held a value of a type that was declared again with another layout; run the cell that makes it", d.Name)
		lost[obj] = c.lost[d.Name]
	}
	for _, d := range st.Names {
		if why := st.Lost[d.Name]; why != "" {
			lost[d.Obj] = why
		}
	}
	out := &diag.Errors{}
	ast.Inspect(c.cell.File, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if why, ok := lost[info.Uses[id]]; ok {
				p := c.fset.Position(id.Pos())
				out.Add(diag.Diagnostic{Unit: diag.UnitOf(p.Filename), Line: p.Line, Column: p.Column, Message: "undefined: " + id.Name, Hint: why})
			}
		}
		return true
	})
	if len(out.List) > 0 {
		return out
	}
	return nil
}
