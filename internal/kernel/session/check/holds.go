package check

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A function value reaches the newest version of its function as long as that has the
// same signature. When it gets another, the variables that were made of the function
// keep the version before, and a note names them.

// Held lists, for the variables that the cell gives a value, the functions of the
// session that are values in it, by what their versions have in common. What a literal calls it
// looks up when it runs.
func (c *Cell) Held() map[string][]string {
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
	for _, d := range c.Parsed.File.Decls {
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
	for _, stmt := range c.Parsed.Run.Body.List {
		if names := syntax.AssignedNames(stmt); names != nil {
			give(names, stmt.(*ast.AssignStmt).Rhs)
		}
	}
	return held
}

// functionsIn lists the session's functions that an expression mentions as values.
func (c *Cell) functionsIn(e ast.Expr) (symbols []string) {
	var stack []ast.Node
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
			stack = stack[:len(stack)-1]
			return true
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			used := c.Result.Info.Uses[n]
			if f, ok := used.(*types.Func); ok {
				used = f.Origin()
			}
			d := c.State.Of[used]
			if d != nil && d.Kind == syntax.FuncDecl && !syntax.IsCallee(n, stack) {
				symbols = append(symbols, d.Line())
			}
		}
		stack = append(stack, n)
		return true
	})
	return symbols
}

// CanHold reports whether a variable of a type can hold a function. What an error holds
// is not called.
func CanHold(t types.Type, seen map[types.Type]bool) bool {
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
		return CanHold(u.Key(), seen) || CanHold(u.Elem(), seen)
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		return CanHold(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if CanHold(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}
