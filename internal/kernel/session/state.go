package session

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
)

// A state is what cells have declared, at one moment. The session's is never changed: a cell
// that compiles makes the next one and puts it in its place, so that questions about code
// read one state without a lock.
type state struct {
	// pkg is the package that all cells are.
	pkg   *types.Package
	names map[string]*decl
	byObj map[types.Object]*decl
	// imports are the packages' paths by the names that they have in cells, dotImports those
	// whose names are in force by themselves, and auto says which imports no cell has written.
	imports    map[string]string
	dotImports []string
	auto       map[string]bool
	// stale says of names that are gone why, gone has what stood under those of them that may
	// come back, and lost says of variables that have lost their values why.
	stale map[string]string
	gone  map[string]*decl
	lost  map[string]string
	// altered are the types that have lost a method since the last cell.
	altered map[string]bool
	// shares says that functions are registered for engines.
	shares bool
}

// newState returns the state of a session without cells, but for imports.
func newState(pkg *types.Package) *state {
	return &state{
		pkg: pkg, names: make(map[string]*decl), byObj: make(map[types.Object]*decl),
		imports: make(map[string]string), auto: make(map[string]bool),
		stale: make(map[string]string), gone: make(map[string]*decl), lost: make(map[string]string), altered: make(map[string]bool),
	}
}

// next returns a copy, which the caller may change until it is the session's.
func (st *state) next() *state {
	n := *st
	n.names, n.byObj = maps.Clone(st.names), maps.Clone(st.byObj)
	n.imports, n.dotImports, n.auto = maps.Clone(st.imports), slices.Clip(st.dotImports), maps.Clone(st.auto)
	n.stale, n.gone, n.lost, n.altered = maps.Clone(st.stale), maps.Clone(st.gone), maps.Clone(st.lost), maps.Clone(st.altered)
	return &n
}

// current returns the current declarations, in a fixed order.
func (st *state) current() []*decl {
	return slices.SortedFunc(maps.Values(st.names), func(a, b *decl) int { return cmp.Compare(a.name, b.name) })
}
