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

// carryOver gives a variable whose type was declared anew the value that it had.
func (w *runWriter) carryOver(d *syntax.Declared) {
	st := w.g.st
	old, obj := st.Before(d.Name), w.g.c.result.info.Defs[d.Ident]
	nd := st.Of[obj]
	if old == nil || nd == nil || old == nd || w.g.c.lost[d.Name] != "" {
		return
	}
	if old = old.Holder(); old.Symbol == nd.Symbol {
		return // it is the same variable
	}
	// Once, when the unit is loaded: running its cell again must not bring the old
	// value back.
	w.g.carried = append(w.g.carried, carried{old, nd})
}
