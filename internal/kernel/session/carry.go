package session

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// findLost finds the variables of earlier cells whose values cannot be carried
// over to the new version of their type. Functions of earlier cells go on with
// the zero value until a cell declares the variable again; a cell that mentions
// it before that is wrong.
func (c *compilation) findLost() *diag.Errors {
	st, info := c.st, c.result.info
	c.lost, c.droppedFields = make(map[string]string), make(map[string][]droppedField)
	lost := make(map[types.Object]string)
	for _, d := range c.extra {
		old, obj := st.before(d.Name), info.Defs[d.Ident]
		if d.Kind != syntax.VarDecl || old == nil || obj == nil {
			continue
		}
		if can, dropped := st.carriable(old.holder().obj.Type(), obj.Type()); can {
			c.droppedFields[d.Name] = dropped
			continue
		}
		c.lost[d.Name] = fmt.Sprintf("%s held a value of a type that was declared again with another layout; run the cell that makes it", d.Name)
		lost[obj] = c.lost[d.Name]
	}
	for _, d := range st.names {
		if why := st.lost[d.name]; why != "" {
			lost[d.obj] = why
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
	old, obj := st.before(d.Name), w.g.c.result.info.Defs[d.Ident]
	nd := st.byObj[obj]
	if old == nil || nd == nil || old == nd || w.g.c.lost[d.Name] != "" {
		return
	}
	if old = old.holder(); old.symbol == nd.symbol {
		return // it is the same variable
	}
	// Once, when the unit is loaded: running its cell again must not bring the old
	// value back.
	w.g.carried = append(w.g.carried, carried{old, nd})
}

// sameLayout reports whether values of two types have the same memory and the
// same pointers in it, taking types of a session as what they are made of.
func sameLayout(a, b types.Type, seen map[[2]types.Type]bool) bool {
	if types.Identical(a, b) {
		return true
	}
	if seen == nil {
		seen = make(map[[2]types.Type]bool)
	}
	if seen[[2]types.Type{a, b}] {
		return true
	}
	seen[[2]types.Type{a, b}] = true
	switch x := a.Underlying().(type) {
	case *types.Struct:
		y, ok := b.Underlying().(*types.Struct)
		if !ok || x.NumFields() != y.NumFields() {
			return false
		}
		for i := range x.NumFields() {
			if x.Field(i).Name() != y.Field(i).Name() || !sameLayout(x.Field(i).Type(), y.Field(i).Type(), seen) {
				return false
			}
		}
		return true
	case *types.Pointer:
		y, ok := b.Underlying().(*types.Pointer)
		return ok && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Slice:
		y, ok := b.Underlying().(*types.Slice)
		return ok && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Array:
		y, ok := b.Underlying().(*types.Array)
		return ok && x.Len() == y.Len() && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Map:
		y, ok := b.Underlying().(*types.Map)
		return ok && sameLayout(x.Key(), y.Key(), seen) && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Chan:
		y, ok := b.Underlying().(*types.Chan)
		return ok && x.Dir() == y.Dir() && sameLayout(x.Elem(), y.Elem(), seen)
	case *types.Signature:
		y, ok := b.Underlying().(*types.Signature)
		return ok && x.Variadic() == y.Variadic() && sameTuple(x.Params(), y.Params(), seen) && sameTuple(x.Results(), y.Results(), seen)
	case *types.Basic:
		return types.Identical(x, b.Underlying())
	}
	// An interface's value has its old type with it.
	return false
}

func sameTuple(a, b *types.Tuple, seen map[[2]types.Type]bool) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !sameLayout(a.At(i).Type(), b.At(i).Type(), seen) {
			return false
		}
	}
	return true
}
