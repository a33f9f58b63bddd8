package session

import (
	"fmt"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
)

// Delete takes names out of the session: variables, functions, types, constants
// and imports. What refers to them, directly or not, is gone as well; the notes
// say so. A type of which only methods are gone is compiled without them with the next
// cell. Where one of the names is unknown, nothing is deleted.
func (s *Session) Delete(names []string) (notes []string, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	st := s.state.Load().Next()
	for _, name := range names {
		if st.Names[name] == nil && st.Imports[name] == "" {
			return nil, fmt.Errorf("the session has no %s", name)
		}
	}
	deleted := make(map[*decl.Decl]bool)
	for _, name := range names {
		if d := st.Names[name]; d != nil {
			deleted[d] = true
			for gone, m := range st.Gone {
				if m.Recv != nil && m.Recv.Name == name {
					delete(st.Gone, gone)
				}
			}
		}
		st.Stale[name] = name + " was deleted with %del"
		delete(st.Imports, name)
		delete(st.Gone, name)
	}
	lacking := make(map[*decl.Decl]bool) // what refers to deleted, methods apart from their types
	isGone := func(d *decl.Decl) bool { return deleted[d] || lacking[d] }
	for grown := true; grown; {
		grown = false
		for _, d := range st.Current() {
			for _, each := range append([]*decl.Decl{d}, d.Methods...) {
				if !isGone(d) && !isGone(each) && (each.TextRefersTo(deleted) || each.TextRefersTo(lacking)) {
					lacking[each], grown = true, true
				}
			}
		}
	}
	for d := range lacking {
		cause, name := "", d.Name
		for u := range d.Closure(nil) {
			if deleted[u] && (cause == "" || u.Name < cause) {
				cause = u.Name
			}
		}
		if d.Recv != nil {
			name = d.Recv.Name + "." + d.Name
			if lacking[d.Recv] {
				continue
			}
			st.Altered[d.Recv.Name] = true
		}
		why := fmt.Sprintf("%s refers to %s, which was deleted; it comes back when %s is declared", name, cause, cause)
		notes = append(notes, why)
		st.Lose(name, d)
		if d.Recv == nil {
			st.Stale[name] = why
			st.Drop(name)
		}
	}
	for d := range deleted {
		st.Drop(d.Name)
	}
	s.state.Store(st)
	slices.Sort(notes)
	return notes, nil
}
