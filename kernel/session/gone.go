package session

import (
	"fmt"
	"maps"
)

// A declaration of an earlier cell that no longer compiles with what a cell
// declares is gone, but not forgotten: when something that it refers to is declared
// again, it is tried again. So an undo brings back what a change broke. The session
// knows such declarations by name, and methods by their type's name and theirs.

// before returns what the session has, or had, under a name.
func (s *Session) before(name string) *decl {
	if d := s.names[name]; d != nil {
		return d
	}
	return s.gone[name]
}

// fullName is the name by which a declaration is gone.
func (d *declared) fullName() string {
	if d.recv != "" {
		return d.recv + "." + d.name
	}
	return d.name
}

// declaration returns what the session has, or had, of a declaration that was taken
// over.
func (s *Session) declaration(d *declared) *decl {
	if d.recv == "" {
		return s.before(d.name)
	}
	if t := s.names[d.recv]; t != nil {
		if m := t.method(d.name); m != nil {
			return m
		}
	}
	return s.gone[d.fullName()]
}

// mentions returns the names that a declaration refers to.
func (d *decl) mentions() map[string]bool {
	names := make(map[string]bool)
	if d.node != nil {
		namesIn(d.node, names)
	}
	if d.origin != nil {
		namesIn(d.origin.node(), names)
	}
	for u := range d.uses {
		names[u.name] = true
	}
	return names
}

// returning returns the declarations that are gone and may compile again with what
// the cell declares, by name: those that refer to it, and those that refer to them.
func (c *compilation) returning(own map[string]bool) map[string]*decl {
	back := make(map[string]*decl)
	if len(c.s.gone) == 0 {
		return back
	}
	there := maps.Clone(own)
	for name := range c.imports {
		there[name] = true
	}
	for grown := true; grown; {
		grown = false
		for name, d := range c.s.gone {
			if _, broken := c.dropped[name]; broken || back[name] != nil || own[name] {
				continue
			}
			for m := range d.mentions() {
				if there[m] {
					back[name], there[d.name], grown = d, true, true
					break
				}
			}
		}
	}
	return back
}

// settleGone notes what is gone with a unit, and what is back.
func (s *Session) settleGone(c *compilation, u *Unit) {
	for name := range c.back {
		if c.broken[name] != nil {
			continue
		}
		if d := u.names[name]; d == nil || d.lost == "" {
			u.Notes = append(u.Notes, fmt.Sprintf("%s, of an earlier cell, compiles again", name))
		}
		delete(s.gone, name)
	}
	for name, d := range u.names {
		delete(s.gone, name)
		for _, m := range d.methods {
			delete(s.gone, name+"."+m.name)
		}
	}
	for name := range u.imports {
		delete(s.gone, name)
	}
	maps.Copy(s.gone, c.broken)
}
