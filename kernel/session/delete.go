package session

import (
	"fmt"
	"slices"
)

// Delete takes names out of the session: variables, functions, types, constants
// and imports. What refers to them, directly or not, is gone as well; the notes
// say so. Where one of the names is unknown, nothing is deleted.
func (s *Session) Delete(names []string) (notes []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if s.names[name] == nil && s.imports[name] == "" {
			return nil, fmt.Errorf("the session has no %s", name)
		}
	}
	deleted := make(map[*decl]bool)
	for _, name := range names {
		if d := s.names[name]; d != nil {
			deleted[d] = true
		}
		s.stale[name] = name + " was deleted with %del"
		delete(s.imports, name)
		delete(s.gone, name)
	}
	for d := range dependants(s.current(), deleted) {
		var cause string
		for u := range d.closure(nil) {
			if deleted[u] && (cause == "" || u.name < cause) {
				cause = u.name
			}
		}
		why := fmt.Sprintf("%s refers to %s, which was deleted; it comes back when %s is declared", d.name, cause, cause)
		s.stale[d.name], s.gone[d.name] = why, d
		notes = append(notes, why)
		delete(s.names, d.name)
	}
	for d := range deleted {
		delete(s.names, d.name)
	}
	slices.Sort(notes)
	return notes, nil
}
