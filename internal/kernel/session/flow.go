package session

import (
	"go/ast"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// flow says what a cell's statements and initial values use of the session's
// declarations, also through the functions that they mention, and which variables
// they change: by assignments, and by taking their address. It is for people, who want
// to know which results are out of date, and knows nothing of what is changed through
// pointers.
func (c *compilation) flow() (reads, writes []string) {
	read, written := make(map[*decl.Decl]bool), make(map[*decl.Decl]bool)
	look := func(n ast.Node) {
		c.st.TextUses(n, c.result.info, read)
		c.st.Assigned(n, c.result.info, written)
	}
	look(c.cell.Run.Body)
	for _, d := range c.all {
		switch n := d.Node.(type) {
		case *ast.ValueSpec:
			if d.Kind == syntax.VarDecl {
				for _, v := range n.Values {
					look(v)
				}
			}
		case *ast.FuncDecl:
			if d.Recv == "" && d.Name == "init" {
				look(n.Body)
			}
		}
	}
	all := make(map[*decl.Decl]bool)
	for d := range read {
		d.Closure(all)
	}
	for d := range all {
		if f, ok := d.Node.(*ast.FuncDecl); ok && f.Body != nil {
			c.st.Assigned(f.Body, d.Info, written)
		}
	}
	return fullNames(all), fullNames(written)
}

// fullNames returns names as Unit.Declares has them, sorted.
func fullNames(set map[*decl.Decl]bool) []string {
	names := make(map[string]bool)
	for d := range set {
		if d.Recv != nil {
			names[d.Recv.Name+"."+d.Name] = true
		} else {
			names[d.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// changedNames lists what the cell declares that is not as it was.
func (c *compilation) changedNames(declares []string) []string {
	kept := make(map[string]bool)
	for _, d := range c.all {
		if c.kept[d.Chunk] {
			kept[d.FullName()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(declares), func(name string) bool { return kept[name] })
}
