package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A Name is one declaration of the session, for people.
type Name struct {
	// Name and Kind: "variable", "function", "type" or "constant".
	Name, Kind string
	// Type is the type of a variable or constant, a function's signature, or what
	// a type is made of.
	Type string
}

// Names lists what the session has declared, sorted. Variables that have lost
// their values are not among it.
func (s *Session) Names() []Name {
	st := s.state.Load()
	kinds := map[syntax.Kind]string{syntax.VarDecl: "variable", syntax.FuncDecl: "function", syntax.TypeDecl: "type", syntax.ConstDecl: "constant"}
	var list []Name
	for _, d := range st.Current() {
		if st.Lost[d.Name] != "" {
			continue
		}
		t := d.Obj.Type()
		if d.Kind == syntax.TypeDecl {
			t = t.Underlying()
		}
		list = append(list, Name{Name: d.Name, Kind: kinds[d.Kind], Type: types.TypeString(t, briefly(st.Pkg))})
	}
	return list
}

// briefly writes the names of packages in types as cells do.
func briefly(own *types.Package) types.Qualifier {
	return func(p *types.Package) string {
		if p == own {
			return ""
		}
		return p.Name()
	}
}

// declaredNames lists what the cell's text declares, for [Unit.Declares].
func (c *compilation) declaredNames() []string {
	names := make(map[string]bool)
	for _, d := range c.all {
		switch {
		case d.Recv != "":
			names[d.Recv+"."+d.Name] = true
		case d.Name != "_" && d.Name != "init":
			names[d.Name] = true
		}
	}
	for _, stmt := range c.cell.Run.Body.List {
		for _, id := range syntax.Defines(stmt) {
			if id.Name != "_" {
				names[id.Name] = true
			}
		}
	}
	for name := range c.imports {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// acts answers [Unit.Acts].
func (c *compilation) acts() bool {
	list := c.cell.Run.Body.List
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
