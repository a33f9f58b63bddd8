package check

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// ReadsAndWrites says what a cell's statements and initial values use of the session's
// declarations, also through the functions that they mention, and which variables
// they change: by assignments, and by taking their address. It is for people, who want
// to know which results are out of date, and knows nothing of what is changed through
// pointers.
func (c *Cell) ReadsAndWrites() (reads, writes []string) {
	read, written := make(map[*decl.Decl]bool), make(map[*decl.Decl]bool)
	look := func(n ast.Node) {
		c.State.TextUses(n, c.Result.Info, read)
		c.State.Assigned(n, c.Result.Info, written)
	}
	look(c.Parsed.Run.Body)
	for _, d := range c.All {
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
			c.State.Assigned(f.Body, d.Info, written)
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

// ChangedNames lists what the cell declares that is not as it was.
func (c *Cell) ChangedNames(declares []string) []string {
	kept := make(map[string]bool)
	for _, d := range c.All {
		if c.Kept[d.Chunk] {
			kept[d.FullName()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(declares), func(name string) bool { return kept[name] })
}

// DeclaredNames lists what the cell's text declares, for [Unit.Declares].
func (c *Cell) DeclaredNames() []string {
	names := make(map[string]bool)
	for _, d := range c.All {
		switch {
		case d.Recv != "":
			names[d.Recv+"."+d.Name] = true
		case d.Name != "_" && d.Name != "init":
			names[d.Name] = true
		}
	}
	for _, stmt := range c.Parsed.Run.Body.List {
		for _, id := range syntax.Defines(stmt) {
			if id.Name != "_" {
				names[id.Name] = true
			}
		}
	}
	for name := range c.Imports {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Acts answers [Unit.Acts].
func (c *Cell) Acts() bool {
	list := c.Parsed.Run.Body.List
	acts := len(list) > 1
	for _, stmt := range list {
		ast.Inspect(stmt, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.IncDecStmt, *ast.SendStmt:
				acts = true
			case *ast.AssignStmt:
				acts = acts || n.Tok != token.DEFINE
			}
			return !acts
		})
	}
	return acts
}
