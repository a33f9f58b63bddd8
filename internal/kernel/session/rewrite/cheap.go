package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// isBuiltin reports whether a call is one of a builtin function.
func (r *renderer) isBuiltin(call *ast.CallExpr, name string) bool {
	id, ok := call.Fun.(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := r.info.Uses[id].(*types.Builtin)
	return ok && b.Name() == name
}

// isCheap reports whether a loop's body, or a part of its head, takes nanoseconds only, but for loops in
// it that look at the flag themselves: it waits for nothing, and calls nothing but what is as cheap.
func (r *renderer) isCheap(n ast.Node) bool {
	cheap := true
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt, *ast.SendStmt, *ast.LabeledStmt, *ast.FuncLit, *ast.DeclStmt:
			cheap = false
		case *ast.ForStmt:
			cheap = cheap && !r.isSmallLoop(n)
		case *ast.RangeStmt:
			cheap = cheap && !r.isSmallRange(n) && isStepwise(r.info.Types[n.X].Type)
		case *ast.BranchStmt:
			cheap = cheap && n.Label == nil && n.Tok != token.GOTO
		case *ast.UnaryExpr:
			cheap = cheap && n.Op != token.ARROW
		case *ast.BinaryExpr:
			cheap = cheap && isNumber(r.info.Types[n].Type)
		case *ast.AssignStmt:
			cheap = cheap && (n.Tok != token.ADD_ASSIGN || isNumber(r.info.Types[n.Lhs[0]].Type))
		case *ast.CallExpr:
			cheap = cheap && r.isCheapCall(n)
		}
		return cheap
	})
	return cheap
}

// isStepwise reports whether to range over a type takes nanoseconds for each iteration: it is a slice, or an
// integer.
func isStepwise(t types.Type) bool {
	if t == nil {
		return false
	}
	_, isSlice := t.Underlying().(*types.Slice)
	basic, isBasic := t.Underlying().(*types.Basic)
	return isSlice || isBasic && basic.Info()&types.IsInteger != 0
}

// isNumber reports whether a type is a number or a truth value: strings take time
// to be joined and compared.
func isNumber(t types.Type) bool {
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&(types.IsNumeric|types.IsBoolean) != 0
}

func (r *renderer) isCheapCall(call *ast.CallExpr) bool {
	if tv := r.info.Types[call.Fun]; tv.IsType() {
		return isNumber(tv.Type)
	}
	for _, name := range []string{"len", "cap", "min", "max", "append", "panic", "real", "imag", "complex"} {
		if r.isBuiltin(call, name) {
			return true
		}
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		fn, ok := r.info.Uses[sel.Sel].(*types.Func)
		return ok && fn.Pkg() != nil && (fn.Pkg().Path() == "math" || fn.Pkg().Path() == "math/bits")
	}
	return false
}

// breaks lists the break statements of a body that end its own loop, and not a switch or a loop in it.
func breaks(body *ast.BlockStmt) []*ast.BranchStmt {
	var list []*ast.BranchStmt
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.BranchStmt:
			if n.Tok == token.BREAK {
				list = append(list, n)
			}
		}
		return true
	})
	return list
}

// hasLiteral reports whether there is a function literal below a node.
func hasLiteral(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		_, ok := n.(*ast.FuncLit)
		found = found || ok
		return !found
	})
	return found
}
