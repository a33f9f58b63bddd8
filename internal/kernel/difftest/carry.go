package difftest

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// carry writes what a cell does before all else: what variables hold of types that have a
// new version is carried over to it. Names are the program's; package carry of the lab
// does the work. The variables above are those that the cell reads before it declares them again.
func (m *model) carry(pkg *types.Package, after []*decl, fresh map[string]bool, isNew func(string) bool, variables []*decl, lost map[string]bool, above map[string]*decl) string {
	var pairs, moved, all []string
	for _, name := range slices.Sorted(maps.Keys(fresh)) {
		if obj := pkg.Scope().Lookup(name); !isNew(name) || !hasValues(obj) || isGeneric(obj.Type()) {
			continue
		}
		for _, old := range m.types[name] {
			pairs = append(pairs, fmt.Sprintf("{(*%sᐧ%d)(nil), (*%s)(nil), %t}", name, old.version, m.symbol(name), old.kind == m.kinds[name]))
		}
		m.types[name] = append(m.types[name], typeVersion{m.versions[name], m.kinds[name]})
	}
	pairs = append(pairs, m.renewInstances(pkg)...)
	replaced := make(map[*decl]bool)
	for _, d := range variables {
		if d.lost = lost[d.names[0]]; d.lost {
			continue
		}
		if symbol := m.symbol(d.names[0]); d.held.symbol != symbol {
			moved = append(moved, fmt.Sprintf("{&%s, &%s}", d.held.symbol, symbol))
			replaced[d] = true
			d.held = nil
		}
	}
	if len(pairs)+len(moved) == 0 {
		return ""
	}
	for _, d := range after {
		if d.kind == token.VAR && !replaced[d] && !d.lost && d.held != nil {
			all = append(all, "&"+d.held.symbol)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(above)) {
		if d := above[name]; !d.lost && d.held != nil {
			all = append(all, "&"+d.held.symbol)
		}
	}
	list := func(parts []string) string { return "{" + strings.Join(parts, ", ") + "}" }
	return fmt.Sprintf("\tcarry.Over([][3]any%s, [][2]any%s, []any%s)\n", list(pairs), list(moved), list(all))
}

// shareMemory has the newest version of a variable live in the memory of the one before, if their types
// differ only in methods: in a notebook they are one variable, which closures and pointers know.
func (m *model) shareMemory(pkg *types.Package, name string, was *value) bool {
	typ := pkg.Scope().Lookup(name).Type()
	text := typeText(typ)
	other := func(name string) bool { return m.versions[name] != was.versions[name] }
	if m.withNumbers(pkg, was.kinds, typeText(was.typ)) != m.withNumbers(pkg, m.kinds, text) ||
		!(layout{other, make(map[[2]types.Type]bool)}).same(was.typ, typ) {
		return false
	}
	symbol := m.symbol(name)
	fmt.Fprintf(&m.program, "var %s = carry.As[*%s](&%s)\n", symbol, m.withNumbers(pkg, m.versions, text), was.symbol)
	m.shared[symbol] = true
	return true
}

// hasValues reports whether a name means a type whose values can be in interfaces.
func hasValues(obj types.Object) bool {
	t, ok := obj.(*types.TypeName)
	return ok && !t.IsAlias() && !types.IsInterface(t.Type())
}

// carries reports whether values of a type can become values of another by the rules of
// docs/notebook.md: those of a cell's struct by the names of its fields.
func (l layout) carries(a, b types.Type) bool {
	if (layout{l.other, make(map[[2]types.Type]bool)}).same(a, b) || l.seen[[2]types.Type{a, b}] {
		return true
	}
	l.seen[[2]types.Type{a, b}] = true
	a, b = types.Unalias(a), types.Unalias(b)
	x, isNamed := a.(*types.Named)
	y, alsoNamed := b.(*types.Named)
	if isNamed != alsoNamed || isNamed && x.Obj().Name() != y.Obj().Name() {
		return false
	}
	switch x := a.Underlying().(type) {
	case *types.Struct:
		y, ok := b.Underlying().(*types.Struct)
		if !ok || !isNamed || a.(*types.Named).Obj().Pkg().Path() == "main" {
			return ok
		}
		for i := range x.NumFields() {
			if !l.carries(x.Field(i).Type(), y.Field(i).Type()) {
				return false
			}
		}
		return true
	case *types.Pointer:
		y, ok := b.Underlying().(*types.Pointer)
		return ok && l.carries(x.Elem(), y.Elem())
	case *types.Slice:
		y, ok := b.Underlying().(*types.Slice)
		return ok && l.carries(x.Elem(), y.Elem())
	case *types.Array:
		y, ok := b.Underlying().(*types.Array)
		return ok && x.Len() == y.Len() && l.carries(x.Elem(), y.Elem())
	case *types.Map:
		y, ok := b.Underlying().(*types.Map)
		return ok && l.carries(x.Key(), y.Key()) && l.carries(x.Elem(), y.Elem())
	case *types.Interface:
		return types.IsInterface(b)
	}
	return false
}
