package decl

import (
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A Unit is what other units, and those who load it, know of a compiled cell.
type Unit struct {
	// ID is the hash of the unit's code.
	ID string
	// Object is where its object lies.
	Object string
	// Order is its number among the session's, and Needs are those that must be loaded before
	// it, by their order.
	Order int
	Needs []*Unit
	// Foreign are the packages that it is compiled with and the host does not have, with all
	// that they import.
	Foreign []string
	// Shares says that its functions are registered for engines.
	Shares bool
}

// Modules returns what a host or an engine must load to run the unit: the units
// it needs, in order, and itself as the last.
func (u *Unit) Modules() []registry.Module {
	seen := make(map[*Unit]bool)
	var list []*Unit
	var visit func(*Unit)
	visit = func(u *Unit) {
		if seen[u] {
			return
		}
		seen[u] = true
		for _, n := range u.Needs {
			visit(n)
		}
		list = append(list, u)
	}
	visit(u)
	var modules []registry.Module
	for _, u := range list {
		m := registry.Module{ID: u.ID, Path: u.Object, Packages: u.Foreign}
		for _, n := range u.Needs {
			m.Needs = append(m.Needs, n.ID)
		}
		modules = append(modules, m)
	}
	return modules
}
