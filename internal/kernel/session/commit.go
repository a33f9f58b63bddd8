package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// stillHolds reports whether a unit means the same now as when it was made: all
// that its cell declares and all that it uses is current.
func (s *Session) stillHolds(u *Unit) bool {
	st := s.state.Load()
	if len(st.Altered) > 0 {
		return false
	}
	for _, declares := range []map[string]*decl.Decl{u.Names, u.kept} {
		for name, d := range declares {
			if st.Names[name] != d {
				return false
			}
		}
	}
	for _, d := range u.Extern {
		if st.Names[d.Name] != d {
			return false
		}
	}
	for name, path := range u.imports {
		if st.Imports[name] != path || s.checker.Index.Conflict(path) != nil {
			return false
		}
	}
	return u.Shares == st.Shares && u.FilesAreCurrent(s.notebook)
}

// commit makes a unit's declarations current.
func (s *Session) commit(c *check.Cell, u *Unit) {
	st := c.State
	s.count++
	u.Order = s.count
	u.Foreign = s.checker.Index.Load(u.Packages)
	s.units[u.Key] = append(s.units[u.Key], u)
	for name, path := range u.imports {
		st.Imports[name] = path
		st.Auto[name] = c.Auto[name] != ""
		st.Drop(name)
		delete(st.Stale, name)
	}
	for name, why := range u.dropped {
		if !strings.Contains(name, ".") { // a method is gone with the old version of its type
			st.Drop(name)
			st.Stale[name] = why
		}
		if st.Gone[name] == nil {
			u.Notes = append(u.Notes, why)
		}
	}
	s.updateGone(c, u)
	clear(st.Altered)
	for _, why := range c.Lost {
		u.Notes = append(u.Notes, why)
	}
	u.Notes = append(u.Notes, decl.DroppedNotes(c.DroppedFields)...)
	u.Notes = append(u.Notes, s.outdated(c, u)...)
	for _, a := range u.Again {
		delete(st.Lost, a.Decl.Name)
		a.Decl.Held, a.Decl.Origin = nil, a.Origin
		st.VariableUses(a.Decl, a.Info)
	}
	u.Notes = append(u.Notes, c.Unheeded...)
	slices.Sort(u.Notes)
	if names := c.Parsed.Bodiless; len(names) > 0 {
		u.Notes = append(u.Notes, strings.Join(names, ", ")+" declared without a body: a call panics")
	}
	if d := u.Names["main"]; d != nil && d.Kind == syntax.FuncDecl && !s.toldMain && !c.Mentions("main") {
		s.toldMain = true
		u.Notes = append(u.Notes, "main is declared and not called: end the cell with main(), or begin it with %%main")
	}
	for name, d := range u.Names {
		st.Set(name, d)
		if why := c.Lost[name]; why != "" {
			st.Lost[name] = why
		} else {
			delete(st.Lost, name)
		}
		delete(st.Imports, name)
		delete(st.Stale, name)
	}
	for _, imp := range c.Parsed.Imports {
		if imp.Name == "." && !slices.Contains(st.DotImports, imp.Path) {
			st.DotImports = append(st.DotImports, imp.Path)
		}
	}
	st.Shares = u.Shares
	s.state.Store(st)
}

// outdated returns a note for each function of a unit that what was made of it before
// does not follow, where variables hold it: one of another signature than before. It notes what the
// unit's own variables hold.
func (s *Session) outdated(c *check.Cell, u *Unit) (notes []string) {
	held, st := c.Held(), c.State
	for name := range c.DefinedVariables() {
		if held[name] == nil {
			delete(s.holds, name)
		} else {
			s.holds[name] = held[name]
		}
	}
	for name, d := range u.Names {
		old := st.Names[name]
		if old == nil || old.Kind != syntax.FuncDecl || d.Kind != syntax.FuncDecl || d.Line() == old.Line() {
			continue
		}
		var holders []string
		for holder, functions := range s.holds {
			if v := st.Before(holder); held[holder] == nil && v != nil && v.Kind == syntax.VarDecl && check.CanHold(v.Obj.Type(), nil) && slices.Contains(functions, old.Line()) {
				holders = append(holders, holder)
			}
		}
		if len(holders) > 0 {
			slices.Sort(holders)
			notes = append(notes, fmt.Sprintf("%s has another signature now; what was made of it before is still in %s, until that is made again", name, strings.Join(holders, ", ")))
		}
	}
	return notes
}

// updateGone notes what is gone with a unit, and what is back.
func (s *Session) updateGone(c *check.Cell, u *Unit) {
	st := c.State
	for name, d := range c.Back {
		if c.Broken[name] != nil {
			continue
		}
		withType := d.Recv != nil && c.Back[d.Recv.Name] != nil && c.Broken[d.Recv.Name] == nil
		if d := u.Names[name]; !withType && (d == nil || c.Lost[name] == "") {
			u.Notes = append(u.Notes, fmt.Sprintf("%s, of an earlier cell, compiles again", name))
		}
		delete(st.Gone, name)
	}
	for name, d := range u.Names {
		delete(st.Gone, name)
		for _, m := range d.Methods {
			delete(st.Gone, name+"."+m.Name)
		}
	}
	for name := range u.imports {
		delete(st.Gone, name)
	}
	for name, d := range c.Broken {
		st.Lose(name, d)
	}
}
