package session

import "go/types"

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
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := map[kind]string{varDecl: "variable", funcDecl: "function", typeDecl: "type", constDecl: "constant"}
	var list []Name
	for _, d := range s.current() {
		if d.lost != "" {
			continue
		}
		t := d.obj.Type()
		if d.kind == typeDecl {
			t = t.Underlying()
		}
		list = append(list, Name{Name: d.name, Kind: kinds[d.kind], Type: types.TypeString(t, types.RelativeTo(s.pkg))})
	}
	return list
}
