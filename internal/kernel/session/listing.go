package session

import (
	"go/types"

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
