package syntax

import (
	"go/ast"
	"go/token"
)

// longChain is how many texts are added in a chain that is balanced.
const longChain = 100

// balance makes balanced trees of long chains of texts that are added, "a" + "b" + …. Type
// checkers ask each part of a chain for its length, and to the lowest it is as far as the chain is
// long. A part on the right of an operator, which Go reads only in parentheses, tells that the
// code for the compiler is to have them.
func balance(file *ast.File) {
	other := make(map[ast.Expr]bool) // parts of chains that are of something else as well
	ast.Inspect(file, func(n ast.Node) bool {
		top, ok := n.(*ast.BinaryExpr)
		if !ok || other[top] {
			return true
		}
		var parts []ast.Expr
		var operators []token.Pos
		var at ast.Expr = top
		for {
			e, ok := at.(*ast.BinaryExpr)
			if !ok || e.Op != token.ADD || !isText(e.Y) {
				break
			}
			parts, operators, at = append(parts, e.Y), append(operators, e.OpPos), e.X
		}
		if len(parts) < longChain || !isText(at) {
			for e := ast.Expr(top); e != at; e = e.(*ast.BinaryExpr).X {
				other[e] = true
			}
			return true
		}
		parts = append(parts, at) // from the last one to the first
		var tree func(from, to int) ast.Expr
		tree = func(from, to int) ast.Expr {
			if to == from+1 {
				return parts[from]
			}
			middle := (from + to) / 2
			return &ast.BinaryExpr{X: tree(middle, to), OpPos: operators[middle-1], Op: token.ADD, Y: tree(from, middle)}
		}
		*top = *tree(0, len(parts)).(*ast.BinaryExpr)
		return false
	})
}

func isText(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING
}

// IsBalanced reports whether the right side of an operator is a part of a chain that was balanced.
func IsBalanced(e *ast.BinaryExpr) bool {
	right, ok := e.Y.(*ast.BinaryExpr)
	return ok && e.Op == token.ADD && right.Op == token.ADD
}
