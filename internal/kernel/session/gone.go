package session

import (
	"fmt"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
)

// A declaration of an earlier cell that no longer compiles with what a cell
// declares is gone, but not forgotten: it is tried again with each cell that declares
// something. So an undo brings back what a change broke. The session
// knows such declarations by name, and methods by their type's name and theirs.

// returning returns the declarations that are gone and are tried again with the cell,
// by name: all of them where the cell declares anything, since what one of them lacks
// may be a type, or a method, that its text does not name.
func (c *compilation) returning(own map[string]bool) map[string]*decl.Decl {
	back := make(map[string]*decl.Decl)
	if len(own) == 0 && len(c.imports) == 0 && len(c.st.Altered) == 0 {
		return back
	}
	for name, d := range c.st.Gone {
		_, isDropped := c.dropped[name]
		_, isImport := c.imports[name]
		if !isDropped && !isImport && !slices.ContainsFunc(d.Group(), func(n string) bool { return own[n] }) {
			back[name] = d
		}
	}
	return back
}

// settleGone notes what is gone with a unit, and what is back.
func (s *Session) settleGone(c *compilation, u *Unit) {
	st := c.st
	for name, d := range c.back {
		if c.broken[name] != nil {
			continue
		}
		withType := d.Recv != nil && c.back[d.Recv.Name] != nil && c.broken[d.Recv.Name] == nil
		if d := u.names[name]; !withType && (d == nil || c.lost[name] == "") {
			u.Notes = append(u.Notes, fmt.Sprintf("%s, of an earlier cell, compiles again", name))
		}
		delete(st.Gone, name)
	}
	for name, d := range u.names {
		delete(st.Gone, name)
		for _, m := range d.Methods {
			delete(st.Gone, name+"."+m.Name)
		}
	}
	for name := range u.imports {
		delete(st.Gone, name)
	}
	for name, d := range c.broken {
		st.Lose(name, d)
	}
}
