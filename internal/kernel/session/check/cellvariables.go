package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// findLost finds the variables of earlier cells whose values cannot be carried
// over to the new version of their type. Functions of earlier cells go on with
// the zero value until a cell declares the variable again; a cell that mentions
// it before that is wrong.
func (c *Cell) findLost() *diag.Errors {
	st, info := c.State, c.Result.Info
	c.Lost, c.DroppedFields = make(map[string]string), make(map[string][]decl.DroppedField)
	lost := make(map[types.Object]string)
	for _, d := range c.Extra {
		old, obj := st.Before(d.Name), info.Defs[d.Ident]
		if d.Kind != syntax.VarDecl || old == nil || obj == nil {
			continue
		}
		if can, dropped := st.Carriable(old.Holder().Obj.Type(), obj.Type()); can {
			c.DroppedFields[d.Name] = dropped
			continue
		}
		c.Lost[d.Name] = fmt.Sprintf("%s held a value of a type that was declared again with another layout; run the cell that makes it", d.Name)
		lost[obj] = c.Lost[d.Name]
	}
	for _, d := range st.Names {
		if why := st.Lost[d.Name]; why != "" {
			lost[d.Obj] = why
		}
	}
	out := &diag.Errors{}
	ast.Inspect(c.Parsed.File, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if why, ok := lost[info.Uses[id]]; ok {
				p := c.Fset.Position(id.Pos())
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

// findRetyped finds variables that had another type before this cell, and on
// which something depends. It reports whether it found a new one.
func (c *Cell) findRetyped() bool {
	found := false
	for name, obj := range c.DefinedVariables() {
		old := c.State.Names[name]
		if old == nil || c.retyped[name] {
			continue
		}
		if old.Kind != syntax.VarDecl || !types.Identical(old.Obj.Type(), obj.Type()) {
			c.retyped[name] = true
			if len(decl.Dependants(maps.Values(c.State.Names), map[*decl.Decl]bool{old: true})) > 0 {
				found = true
			}
		}
	}
	return found
}

// DefinedVariables returns the session variables that the cell's own text declares.
func (c *Cell) DefinedVariables() map[string]*types.Var {
	vars := make(map[string]*types.Var)
	for _, d := range c.Decls {
		if v, ok := c.Result.Info.Defs[d.Ident].(*types.Var); ok && d.Name != "_" {
			vars[d.Name] = v
		}
	}
	for _, stmt := range c.Parsed.Run.Body.List {
		for _, id := range syntax.Defines(stmt) {
			if v, ok := c.Result.Info.Defs[id].(*types.Var); ok {
				vars[id.Name] = v
			}
		}
	}
	return vars
}

// OriginOf returns the origin of a variable of this compilation, or nil.
func (c *Cell) OriginOf(name string, t types.Type) *decl.Origin {
	if !decl.HasArray(t, nil) {
		return nil
	}
	for _, d := range slices.Concat(c.Decls, c.Extra) {
		if spec, ok := d.Node.(*ast.ValueSpec); ok && d.Name == name {
			i := slices.Index(spec.Names, d.Ident)
			return decl.NewOrigin(d.Src, spec.Type, spec.Values, i, len(spec.Names))
		}
	}
	for _, stmt := range c.Parsed.Run.Body.List {
		for i, id := range syntax.AssignedNames(stmt) {
			if id == name {
				assign := stmt.(*ast.AssignStmt)
				return decl.NewOrigin(c.Parsed.Source, nil, assign.Rhs, i, len(assign.Lhs))
			}
		}
	}
	return nil
}
