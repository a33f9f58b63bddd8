package syntax

import (
	"go/ast"
	"go/token"
)

// Defines lists the identifiers that a top-level := statement may declare.
func Defines(stmt ast.Stmt) []*ast.Ident {
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE {
		return nil
	}
	var ids []*ast.Ident
	for _, lhs := range assign.Lhs {
		if id, ok := lhs.(*ast.Ident); ok && id.Name != "_" {
			ids = append(ids, id)
		}
	}
	return ids
}

// AssignedNames returns the names on the left of a := statement, "" for what is none.
func AssignedNames(stmt ast.Stmt) (names []string) {
	if assign, ok := stmt.(*ast.AssignStmt); ok && assign.Tok == token.DEFINE {
		for _, e := range assign.Lhs {
			name := ""
			if id, ok := e.(*ast.Ident); ok {
				name = id.Name
			}
			names = append(names, name)
		}
	}
	return names
}

// NamesIn collects the identifiers below a node that may refer to a package
// level name.
func NamesIn(node ast.Node, into map[string]bool) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.SelectorExpr:
			NamesIn(n.X, into)
			return false
		case *ast.Ident:
			into[n.Name] = true
		}
		return true
	})
}

// IdentOf returns the identifier that an expression is, or that it selects; nil for others.
func IdentOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// CalledName is the identifier that names a called function, or nil.
func CalledName(fun ast.Expr) *ast.Ident {
	switch e := ast.Unparen(fun).(type) {
	case *ast.IndexExpr:
		return CalledName(e.X)
	case *ast.IndexListExpr:
		return CalledName(e.X)
	default:
		return IdentOf(e)
	}
}

// RootOf returns the variable that an expression is a part of, nil where it is of none.
func RootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.ParenExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// IsTimingLoop reports whether a loop is the one in which a timing magic puts
// its statement.
func IsTimingLoop(loop *ast.RangeStmt) bool {
	id, ok := loop.X.(*ast.Ident)
	return ok && id.Name == "ᐧn"
}

// IsCallee reports whether a name is what a call calls, perhaps with type arguments.
func IsCallee(n ast.Node, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch p := stack[i].(type) {
		case *ast.ParenExpr:
			n = p
		case *ast.SelectorExpr:
			if p.Sel != n {
				return false
			}
			n = p
		case *ast.IndexExpr:
			if p.X != n {
				return false
			}
			n = p
		case *ast.IndexListExpr:
			if p.X != n {
				return false
			}
			n = p
		case *ast.CallExpr:
			return p.Fun == n
		default:
			return false
		}
	}
	return false
}
