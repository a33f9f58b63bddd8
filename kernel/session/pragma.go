package session

import (
	"go/ast"
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
	f, ok := n.(*ast.FuncDecl)
	if !ok || f.Doc == nil {
		return ""
	}
	text := ""
	for _, c := range f.Doc.List {
		if line := strings.TrimSpace(c.Text); slices.Contains(passed, line) {
			text += line + "\n"
		}
	}
	if text != "" {
		text = "\n" + text
	}
	return text
}

// escaping reports whether calls of a function, or of a method, keep alive what
// their uintptr arguments point to. The compiler sees to that only where it calls
// the function by its name.
func (d *decl) escaping() bool {
	return d.kind == funcDecl && strings.Contains(pragmas(d.node), escapes)
}
