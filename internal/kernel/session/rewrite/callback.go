package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Functions that packages can call look at the flag where they begin if they do
// anything: an http server that was waiting for a connection must not call a handler
// of an interrupted cell, nor sort.Sort a method Swap.

// uses is what one source tells of how its functions and variables are used.
type uses struct {
	values   map[types.Object]bool // used other than by a call, or by a go statement's
	called   map[*ast.FuncLit]bool // literals that are called on the spot, or by their only name
	captured map[*types.Var]bool   // used in a literal around which they are declared
	callees  map[*ast.Ident]bool   // names of functions and methods where these are called
	polls    map[ast.Node]bool     // bodies of functions that begin with a look at the flag, and statements that are followed by one
	brief    map[*ast.Ident]bool   // those of them in code that cannot outlive the present version of what it calls
	positive map[*types.Var]bool   // counters that are greater than 0
}

// uses reads the renderer's source, once for each unit.
func (r *renderer) uses() *uses {
	if u := r.g.uses[r.src]; u != nil {
		return u
	}
	u := &uses{make(map[types.Object]bool), make(map[*ast.FuncLit]bool), make(map[*types.Var]bool), make(map[*ast.Ident]bool), make(map[ast.Node]bool), make(map[*ast.Ident]bool), make(map[*types.Var]bool)}
	r.g.uses[r.src] = u
	named := make(map[*ast.FuncLit]*ast.Ident)
	bodies := make(map[ast.Node]*ast.BlockStmt)
	var stack []ast.Node
	ast.Inspect(r.src.File, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		switch n := n.(type) {
		case *ast.Ident:
			obj := r.info.Uses[n]
			if obj != nil && !isCalled(n, stack) {
				u.values[obj] = true
			}
			if v, ok := obj.(*types.Var); ok && isOutside(v, stack) {
				u.captured[v] = true
			}
			if fn, ok := obj.(*types.Func); ok {
				if d := r.g.State.DeclOf(fn.Origin()); d != nil && (d.HasBody() || d.Family != "") && syntax.IsCallee(n, stack) {
					u.callees[n], u.brief[n] = true, r.isBrief(stack, d.Family != "")
				}
			}
		case *ast.FuncLit:
			u.called[n] = isCalled(n, stack)
			bodies[n] = n.Body
		case *ast.FuncDecl:
			if n.Body != nil && n.Name.Name != syntax.RunFunc {
				bodies[n] = n.Body
			}
		case *ast.ForStmt:
			if v := r.isPositive(n); v != nil {
				u.positive[v] = true
			}
		case *ast.AssignStmt:
			for i, e := range n.Rhs {
				if lit, ok := e.(*ast.FuncLit); ok && n.Tok == token.DEFINE && len(n.Lhs) == len(n.Rhs) {
					named[lit], _ = n.Lhs[i].(*ast.Ident)
				}
			}
		}
		stack = append(stack, n)
		return true
	})
	for lit, id := range named {
		if v := r.info.Defs[id]; v != nil && !u.values[v] && r.g.State.Of[v] == nil {
			u.called[lit] = true
		}
	}
	for fn, body := range bodies {
		r.notePolls(fn, body, u.polls)
	}
	return u
}

// isCalled reports whether a function's name or literal is called where it stands,
// which a go statement does later.
func isCalled(n ast.Node, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch p := stack[i].(type) {
		case *ast.SelectorExpr:
			if p.Sel != n {
				return false
			}
		case *ast.ParenExpr, *ast.IndexExpr, *ast.IndexListExpr:
		case *ast.CallExpr:
			if p.Fun != n {
				return false
			}
			if i > 0 {
				_, later := stack[i-1].(*ast.GoStmt)
				return !later
			}
			return true
		default:
			return false
		}
		n = stack[i]
	}
	return false
}

// isOutside reports whether a variable is declared outside of the innermost literal.
func isOutside(v *types.Var, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		if lit, ok := stack[i].(*ast.FuncLit); ok {
			return v.Pos() < lit.Pos() || lit.End() <= v.Pos()
		}
	}
	return false
}

// isCallback reports whether a package may call a function. Of functions that other
// cells hand over this is not known; those of them that could wait look at the flag
// wherever they do.
func (r *renderer) isCallback(fn ast.Node) bool {
	switch fn := fn.(type) {
	case *ast.FuncLit:
		return !r.uses().called[fn]
	case *ast.FuncDecl:
		return fn.Recv != nil && fn.Name.IsExported() || r.uses().values[r.info.Defs[fn.Name]]
	}
	return false
}

// purePackages are those whose functions change nothing.
var purePackages = map[string]bool{
	"cmp": true, "math": true, "math/bits": true, "math/cmplx": true, "strconv": true, "strings": true, "unicode": true, "unicode/utf8": true,
}

// changesSomething reports whether a function does anything but compute a result, as
// far as its own text tells.
func (r *renderer) changesSomething(body *ast.BlockStmt) bool {
	changes := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt, *ast.GoStmt, *ast.SelectStmt, *ast.DeferStmt:
			changes = true
		case *ast.UnaryExpr:
			changes = changes || n.Op == token.ARROW
		case *ast.RangeStmt:
			changes = changes || waitsInRange(r.info.Types[n.X].Type) || n.Tok == token.ASSIGN
		case *ast.IncDecStmt:
			changes = changes || !r.isLocal(n.X, body)
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				changes = changes || !r.isLocal(e, body)
			}
		case *ast.CallExpr:
			changes = changes || !r.isPureCall(n)
		}
		return !changes
	})
	return changes
}

// isLocal reports whether an expression is a variable that a function's body
// declares, or a blank.
func (r *renderer) isLocal(e ast.Expr, body *ast.BlockStmt) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	obj := r.info.Defs[id]
	if obj == nil {
		obj = r.info.Uses[id]
	}
	return obj == nil || body.Pos() <= obj.Pos() && obj.Pos() < body.End()
}

func (r *renderer) isPureCall(call *ast.CallExpr) bool {
	if tv := r.info.Types[call.Fun]; tv.IsType() {
		return true
	}
	for _, name := range []string{"len", "cap", "min", "max", "real", "imag", "complex", "make", "new", "append"} {
		if r.isBuiltin(call, name) {
			return true
		}
	}
	id := syntax.CalledName(call.Fun)
	if id == nil {
		return false
	}
	fn, ok := r.info.Uses[id].(*types.Func)
	return ok && fn.Signature().Recv() == nil && fn.Pkg() != nil && purePackages[fn.Pkg().Path()] && isPrompt(fn)
}
