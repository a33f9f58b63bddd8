package session

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// escapes is the compiler directive that keeps alive what the uintptr arguments
// of a call point to.
const escapes = "//go:uintptrescapes"

// passed are the compiler directives that mean something in a cell.
var passed = []string{"//go:noinline", "//go:norace", "//go:nocheckptr", escapes}

// pragmas returns the compiler directives above a function, each in a line of
// its own. They are in its comment, and so outside its node.
func pragmas(n ast.Node) string {
	text := ""
	for _, c := range pragmaComments(n) {
		text += c.Text + "\n"
	}
	if text != "" {
		text = "\n" + text
	}
	return text
}

// startOf returns where a declaration begins, compiler directives included.
func startOf(n ast.Node) token.Pos {
	if list := pragmaComments(n); len(list) > 0 {
		return list[0].Pos()
	}
	return n.Pos()
}

func pragmaComments(n ast.Node) (list []*ast.Comment) {
	if f, ok := n.(*ast.FuncDecl); ok && f.Doc != nil {
		for _, c := range f.Doc.List {
			if slices.Contains(passed, strings.TrimSpace(c.Text)) {
				list = append(list, c)
			}
		}
	}
	return list
}

// escaping reports whether calls of a function, or of a method, keep alive what
// their uintptr arguments point to. The compiler sees to that only where it calls
// the function by its name.
func (d *decl) escaping() bool {
	return d.kind == funcDecl && strings.Contains(pragmas(d.node), escapes)
}
