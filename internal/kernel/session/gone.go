package session

import (
	"fmt"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"go/ast"
	"slices"
)

// A declaration of an earlier cell that no longer compiles with what a cell
// declares is gone, but not forgotten: it is tried again with each cell that declares
// something. So an undo brings back what a change broke. The session
// knows such declarations by name, and methods by their type's name and theirs.

// before returns what the session has, or had, under a name.
func (st *state) before(name string) *decl {
	if d := st.names[name]; d != nil {
		return d
	}
	return st.gone[name]
}

// declaration returns what the session has, or had, of a declaration that was taken
// over.
func (st *state) declaration(d *syntax.Declared) *decl {
	if d.Recv == "" {
		return st.before(d.Name)
	}
	if t := st.names[d.Recv]; t != nil {
		if m := t.method(d.Name); m != nil {
			return m
		}
	}
	return st.gone[d.FullName()]
}

// returning returns the declarations that are gone and are tried again with the cell,
// by name: all of them where the cell declares anything, since what one of them lacks
// may be a type, or a method, that its text does not name.
func (c *compilation) returning(own map[string]bool) map[string]*decl {
	back := make(map[string]*decl)
	if len(own) == 0 && len(c.imports) == 0 && len(c.st.altered) == 0 {
		return back
	}
	for name, d := range c.st.gone {
		_, isDropped := c.dropped[name]
		_, isImport := c.imports[name]
		if !isDropped && !isImport && !slices.ContainsFunc(d.group(), func(n string) bool { return own[n] }) {
			back[name] = d
		}
	}
	return back
}

// group lists the names that are declared together with a declaration, as those of a
// group of constants are, by the names under which they would be gone.
func (d *decl) group() []string {
	node, isGroup := d.node.(*ast.GenDecl)
	switch {
	case d.recv != nil:
		return []string{d.recv.name + "." + d.name}
	case !isGroup:
		return []string{d.name}
	}
	var names []string
	for _, spec := range node.Specs {
		for _, id := range spec.(*ast.ValueSpec).Names {
			names = append(names, id.Name)
		}
	}
	return names
}

// settleGone notes what is gone with a unit, and what is back.
func (c *compilation) settleGone(u *Unit) {
	st := c.st
	for name, d := range c.back {
		if c.broken[name] != nil {
			continue
		}
		withType := d.recv != nil && c.back[d.recv.name] != nil && c.broken[d.recv.name] == nil
		if d := u.names[name]; !withType && (d == nil || c.lost[name] == "") {
			u.Notes = append(u.Notes, fmt.Sprintf("%s, of an earlier cell, compiles again", name))
		}
		delete(st.gone, name)
	}
	for name, d := range u.names {
		delete(st.gone, name)
		for _, m := range d.methods {
			delete(st.gone, name+"."+m.name)
		}
	}
	for name := range u.imports {
		delete(st.gone, name)
	}
	for name, d := range c.broken {
		st.lose(name, d)
	}
}

// lose takes down that a declaration is gone, a type with its methods.
func (st *state) lose(name string, d *decl) {
	st.gone[name] = d
	for _, m := range d.methods {
		st.gone[name+"."+m.name] = m
	}
}
