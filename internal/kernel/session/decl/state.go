package decl

import (
	"cmp"
	"go/types"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A State is what cells have declared, at one moment. The session's is never changed: a cell
// that compiles makes the next one and puts it in its place, so that questions about code
// read one state without a lock.
type State struct {
	// Pkg is the package that all cells are. Its scope is of the check that is under way.
	Pkg *types.Package
	// Names has the current declarations, Of those of all times by what the type checker
	// knows them as. They are the largest part of a state, and most cells change little of it: so
	// they are copied by the first of Set, Drop and Know, and nothing else may write to them.
	Names map[string]*Decl
	Of    map[types.Object]*Decl
	// Imports are the packages' paths by the names that they have in cells, DotImports those
	// whose names are in force by themselves, and Auto says which imports no cell has written.
	Imports    map[string]string
	DotImports []string
	Auto       map[string]bool
	// Stale says of names that are gone why, Gone has what stood under those of them that may
	// come back, and Lost says of variables that have lost their values why.
	Stale map[string]string
	Gone  map[string]*Decl
	Lost  map[string]string
	// Altered are the types that have lost a method since the last cell.
	Altered map[string]bool
	// Held are the instances of generic functions and types that something may hold, by family,
	// of types by symbol, and by what tells their type arguments apart.
	Held map[string]map[string]Instance
	// Shares says that functions are registered for engines.
	Shares bool

	ownNames, ownOf bool // these maps are no other state's
}

// NewState returns the state of a session without cells, but for imports.
func NewState(pkg *types.Package) *State {
	return &State{
		Pkg: pkg, Names: make(map[string]*Decl), Of: make(map[types.Object]*Decl),
		Imports: make(map[string]string), Auto: make(map[string]bool),
		Stale: make(map[string]string), Gone: make(map[string]*Decl), Lost: make(map[string]string), Altered: make(map[string]bool),
		Held: make(map[string]map[string]Instance),
	}
}

// Next returns a copy, which the caller may change until it is the session's; its names by Set,
// Drop and Know.
func (st *State) Next() *State {
	n := *st
	n.ownNames, n.ownOf = false, false
	n.Imports, n.DotImports, n.Auto = maps.Clone(st.Imports), slices.Clip(st.DotImports), maps.Clone(st.Auto)
	n.Stale, n.Gone, n.Lost, n.Altered = maps.Clone(st.Stale), maps.Clone(st.Gone), maps.Clone(st.Lost), maps.Clone(st.Altered)
	n.Held = maps.Clone(st.Held)
	return &n
}

// Set makes a declaration current.
func (st *State) Set(name string, d *Decl) {
	st.copyNames()
	st.Names[name] = d
}

// Drop takes a name out, if it is there.
func (st *State) Drop(name string) {
	if st.Names[name] != nil {
		st.copyNames()
		delete(st.Names, name)
	}
}

func (st *State) copyNames() {
	if !st.ownNames {
		st.Names, st.ownNames = maps.Clone(st.Names), true
	}
}

// Know says what the type checker knows a declaration as.
func (st *State) Know(obj types.Object, d *Decl) {
	if !st.ownOf {
		st.Of, st.ownOf = maps.Clone(st.Of), true
	}
	st.Of[obj] = d
}

// Current returns the current declarations, in a fixed order.
func (st *State) Current() []*Decl {
	return slices.SortedFunc(maps.Values(st.Names), func(a, b *Decl) int { return cmp.Compare(a.Name, b.Name) })
}

// Before returns what the session has, or had, under a name.
func (st *State) Before(name string) *Decl {
	if d := st.Names[name]; d != nil {
		return d
	}
	return st.Gone[name]
}

// Declaration returns what the session has, or had, of a declaration that was taken
// over.
func (st *State) Declaration(d *syntax.Declared) *Decl {
	if d.Recv == "" {
		return st.Before(d.Name)
	}
	if t := st.Names[d.Recv]; t != nil {
		if m := t.Method(d.Name); m != nil {
			return m
		}
	}
	return st.Gone[d.FullName()]
}

// Lose takes down that a declaration is gone, a type with its methods.
func (st *State) Lose(name string, d *Decl) {
	st.Gone[name] = d
	for _, m := range d.Methods {
		st.Gone[name+"."+m.Name] = m
	}
}

// SameText reports whether the session has just this declaration.
func (st *State) SameText(d *syntax.Declared) bool {
	if st.Altered[d.Name] || st.Altered[d.Recv] {
		return false
	}
	cur := st.Names[d.Name]
	if d.Recv != "" {
		if t := st.Names[d.Recv]; t != nil && t.Kind == syntax.TypeDecl {
			cur = t.Method(d.Name)
		}
	}
	return cur != nil && cur.Kind == d.Kind && cur.Text == d.Text && d.Kind != syntax.VarDecl
}

// DeclOf returns the declaration of a function or a method, or nil.
func (st *State) DeclOf(fn *types.Func) *Decl {
	if fn.Signature().Recv() == nil {
		return st.Of[fn]
	}
	named := typetext.Receiver(fn)
	if named == nil {
		return nil
	}
	if d := st.Of[named.Obj()]; d != nil {
		if m := d.Method(fn.Name()); m != nil && m.Obj == types.Object(fn) {
			return m
		}
	}
	return nil
}
