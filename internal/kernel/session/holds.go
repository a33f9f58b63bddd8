package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A function value reaches the newest version of its function as long as that has the
// same signature. When it gets another, the variables that were made of the function
// keep the version before, and a note names them.

// outdated returns a note for each function of a unit that has another signature than
// before, where variables hold it, and notes what the unit's own variables hold.
func (s *Session) outdated(c *compilation, u *Unit) (notes []string) {
	held, st := c.held(), c.st
	for name := range c.variables() {
		if held[name] == nil {
			delete(s.holds, name)
		} else {
			s.holds[name] = held[name]
		}
	}
	for name, d := range u.names {
		old := st.Names[name]
		if old == nil || !old.HasBody() || !d.HasBody() || old.Symbol == d.Symbol {
			continue
		}
		var holders []string
		for holder, functions := range s.holds {
			if v := st.Before(holder); held[holder] == nil && v != nil && v.Kind == syntax.VarDecl && canHold(v.Obj.Type(), nil) && slices.Contains(functions, old.Symbol) {
				holders = append(holders, holder)
			}
		}
		if len(holders) > 0 {
			slices.Sort(holders)
			notes = append(notes, fmt.Sprintf("%s has another signature now; what was made of it before is still in %s, until that is made again", name, strings.Join(holders, ", ")))
		}
	}
	return notes
}

// held lists, for the variables that the cell gives a value, the functions of the
// session that are values in it. What a literal calls it looks up when it runs.
func (c *compilation) held() map[string][]string {
	held := make(map[string][]string)
	give := func(names []string, values []ast.Expr) {
		for i, e := range values {
			functions := c.functionsIn(e)
			if len(functions) == 0 {
				continue
			}
			to := names
			if len(values) == len(names) {
				to = names[i : i+1]
			}
			for _, name := range to {
				held[name] = append(held[name], functions...)
			}
		}
	}
	for _, d := range c.cell.File.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, spec := range gen.Specs {
			spec := spec.(*ast.ValueSpec)
			var names []string
			for _, id := range spec.Names {
				names = append(names, id.Name)
			}
			give(names, spec.Values)
		}
	}
	for _, stmt := range c.cell.Run.Body.List {
		if names := syntax.AssignedNames(stmt); names != nil {
			give(names, stmt.(*ast.AssignStmt).Rhs)
		}
	}
	return held
}

// functionsIn lists the symbols of the session's functions that an expression mentions
// as values.
func (c *compilation) functionsIn(e ast.Expr) (symbols []string) {
	var stack []ast.Node
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
			stack = stack[:len(stack)-1]
			return true
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			d := c.st.Of[c.result.info.Uses[n]]
			if d != nil && d.HasBody() && !isCallee(n, stack) {
				symbols = append(symbols, d.Symbol)
			}
		}
		stack = append(stack, n)
		return true
	})
	return symbols
}

// canHold reports whether a variable of a type can hold a function. What an error holds
// is not called.
func canHold(t types.Type, seen map[types.Type]bool) bool {
	if seen == nil {
		seen = make(map[types.Type]bool)
	}
	if seen[t] || typetext.IsError(t) {
		return false
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Interface:
		return true
	case *types.Map:
		return canHold(u.Key(), seen) || canHold(u.Elem(), seen)
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		return canHold(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if canHold(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}
