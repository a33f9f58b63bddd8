package session

import (
	"fmt"
	"slices"
)

// Delete takes names out of the session: variables, functions, types, constants
// and imports. What refers to them, directly or not, is gone as well; the notes
// say so. A type of which only methods are gone is compiled without them with the next
// cell. Where one of the names is unknown, nothing is deleted.
func (s *Session) Delete(names []string) (notes []string, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	st := s.state.Load().next()
	for _, name := range names {
		if st.names[name] == nil && st.imports[name] == "" {
			return nil, fmt.Errorf("the session has no %s", name)
		}
	}
	deleted := make(map[*decl]bool)
	for _, name := range names {
		if d := st.names[name]; d != nil {
			deleted[d] = true
			for gone, m := range st.gone {
				if m.recv != nil && m.recv.name == name {
					delete(st.gone, gone)
				}
			}
		}
		st.stale[name] = name + " was deleted with %del"
		delete(st.imports, name)
		delete(st.gone, name)
	}
	lacking := make(map[*decl]bool) // what refers to deleted, methods apart from their types
	isGone := func(d *decl) bool { return deleted[d] || lacking[d] }
	for grown := true; grown; {
		grown = false
		for _, d := range st.current() {
			for _, each := range append([]*decl{d}, d.methods...) {
				if !isGone(d) && !isGone(each) && (each.textRefersTo(deleted) || each.textRefersTo(lacking)) {
					lacking[each], grown = true, true
				}
			}
		}
	}
	for d := range lacking {
		cause, name := "", d.name
		for u := range d.closure(nil) {
			if deleted[u] && (cause == "" || u.name < cause) {
				cause = u.name
			}
		}
		if d.recv != nil {
			name = d.recv.name + "." + d.name
			if lacking[d.recv] {
				continue
			}
			st.altered[d.recv.name] = true
		}
		why := fmt.Sprintf("%s refers to %s, which was deleted; it comes back when %s is declared", name, cause, cause)
		notes = append(notes, why)
		st.lose(name, d)
		if d.recv == nil {
			st.stale[name] = why
			delete(st.names, name)
		}
	}
	for d := range deleted {
		delete(st.names, d.name)
	}
	s.state.Store(st)
	slices.Sort(notes)
	return notes, nil
}
