package decl

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Two versions of a type are compared by whether values can move from one to the other: a
// variable whose type has a new symbol (shapes.go) is carried over if its value can become one of
// the new type. What types are made of must be the same, with the exception of
// structs that cells declare, whose fields go by their names. Package carry does it
// when the cell is loaded, by the same rules; here it is decided what cannot be, and
// what the user is told.

// A carrying finds out what carrying values over from one type to another means.
type carrying struct {
	pkg     *types.Package
	seen    map[[2]types.Type]bool
	dropped []DroppedField
}

// A DroppedField is a field of a type that new versions of its values have not.
type DroppedField struct{ Typ, field, was, now string }

// Carriable reports whether values of a type can become values of another, and lists
// the fields that are dropped on the way.
func (st *State) Carriable(a, b types.Type) (bool, []DroppedField) {
	c := &carrying{pkg: st.Pkg, seen: make(map[[2]types.Type]bool)}
	return c.can(a, b), c.dropped
}

func (c *carrying) can(a, b types.Type) bool {
	a, b = types.Unalias(a), types.Unalias(b)
	pair := [2]types.Type{a, b}
	if c.seen[pair] || types.Identical(a, b) {
		return true
	}
	c.seen[pair] = true
	x, isNamed := a.(*types.Named)
	y, alsoNamed := b.(*types.Named)
	if isNamed != alsoNamed {
		return false
	}
	own := !isNamed || x.Obj().Pkg() == c.pkg
	if isNamed && (x.Obj().Name() != y.Obj().Name() || x.Obj().Pkg() != y.Obj().Pkg()) {
		return false
	}
	if sameLayout(a, b, nil) {
		return true
	}
	switch x := a.Underlying().(type) {
	case *types.Struct:
		y, ok := b.Underlying().(*types.Struct)
		if !ok {
			return false
		}
		if !own {
			return c.foreign(x, y)
		}
		c.fields(a, x, y)
		return true
	case *types.Pointer:
		y, ok := b.Underlying().(*types.Pointer)
		return ok && c.can(x.Elem(), y.Elem())
	case *types.Slice:
		y, ok := b.Underlying().(*types.Slice)
		return ok && c.can(x.Elem(), y.Elem())
	case *types.Array:
		y, ok := b.Underlying().(*types.Array)
		return ok && x.Len() == y.Len() && c.can(x.Elem(), y.Elem())
	case *types.Map:
		y, ok := b.Underlying().(*types.Map)
		return ok && c.can(x.Key(), y.Key()) && c.can(x.Elem(), y.Elem())
	case *types.Interface:
		return types.IsInterface(b)
	}
	return false // channels and functions belong to whoever else has them
}

// fields looks at the fields of two versions of a struct.
func (c *carrying) fields(t types.Type, a, b *types.Struct) {
	named := make(map[string]*types.Var)
	for f := range b.Fields() {
		named[f.Name()] = f
	}
	for f := range a.Fields() {
		if f.Name() == "_" {
			continue
		}
		g := named[f.Name()]
		if g != nil {
			inner := &carrying{pkg: c.pkg, seen: c.seen}
			if inner.can(f.Type(), g.Type()) {
				c.dropped = append(c.dropped, inner.dropped...)
				continue
			}
			delete(c.seen, [2]types.Type{types.Unalias(f.Type()), types.Unalias(g.Type())})
		}
		d := DroppedField{Typ: c.text(t), field: f.Name(), was: c.text(f.Type())}
		if g != nil {
			d.now = c.text(g.Type())
		}
		c.dropped = append(c.dropped, d)
	}
}

// foreign reports whether values of a package's struct can be carried over, whose type
// arguments are new: all of it, or the package would not know it again, and nothing that
// has no type or that others may have.
func (c *carrying) foreign(a, b *types.Struct) bool {
	if a.NumFields() != b.NumFields() {
		return false
	}
	for i := range a.NumFields() {
		if isShut(a.Field(i).Type(), nil) || !c.can(a.Field(i).Type(), b.Field(i).Type()) {
			return false
		}
	}
	return true
}

// isShut reports whether a field makes its struct its package's own business; see
// isClosed in package carry.
func isShut(t types.Type, seen map[types.Type]bool) bool {
	if seen == nil {
		seen = make(map[types.Type]bool)
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Array:
		return isShut(u.Elem(), seen)
	case *types.Chan, *types.Signature:
		return true
	case *types.Basic:
		return u.Kind() == types.UnsafePointer || u.Kind() == types.Uintptr
	case *types.Struct:
		if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
			if path := named.Obj().Pkg().Path(); strings.HasPrefix(path, "sync") || strings.HasPrefix(path, "internal/") {
				return true
			}
		}
		for f := range u.Fields() {
			if isShut(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

func (c *carrying) text(t types.Type) string { return TypeText(t, c.pkg) }

// TypeText is how notes write a type; pkg is the session's package.
func TypeText(t types.Type, pkg *types.Package) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Name()
	})
}

// DroppedNotes are the notes about dropped fields, each with the variables that it
// means.
func DroppedNotes(dropped map[string][]DroppedField) (notes []string) {
	names := make(map[DroppedField][]string)
	for _, name := range slices.Sorted(maps.Keys(dropped)) {
		for _, d := range dropped[name] {
			if !slices.Contains(names[d], name) {
				names[d] = append(names[d], name)
			}
		}
	}
	for d, list := range names {
		note := fmt.Sprintf("%s: field %s of type %s was dropped", strings.Join(list, ", "), d.field, d.was)
		if d.now == d.was {
			note += ", it is made of what was declared again"
		} else if d.now != "" {
			note = fmt.Sprintf("%s: field %s was dropped, it was of type %s and is of type %s now", strings.Join(list, ", "), d.field, d.was, d.now)
		}
		notes = append(notes, note)
	}
	return notes
}
