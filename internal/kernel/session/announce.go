package session

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Units announce their types, and variables that types may change below, to the process
// that loads them. So a later unit can carry their values over to new versions.

// announce writes the unit's announcements, and before them what carries values over.
func (g *generator) announce() {
	var types, variables, lines []string
	told := make(map[string]bool)
	for _, fields := range g.c.droppedFields {
		for _, d := range fields {
			told[d.typ] = true
		}
	}
	for _, d := range sortedDecls(g.own) {
		switch {
		case d.name == "_":
		case d.kind == syntax.TypeDecl && isAnnounced(d):
			lines = append(lines, fmt.Sprintf("ᐧlive.Type(%q, (*%s)(nil))", d.name, d.symbol))
			if old := g.st.before(d.name); old != nil && old.kind == syntax.TypeDecl && old.symbol != d.symbol {
				t := d.symbol
				types = append(types, fmt.Sprintf("{Name: %q, New: (*%s)(nil), Derived: []any{(*[]%[2]s)(nil), (*[]*%[2]s)(nil), (*map[string]%[2]s)(nil), (*map[string]*%[2]s)(nil), (*map[int]%[2]s)(nil)}, Told: %t}",
					d.name, t, told[d.name]))
			}
		case d.kind == syntax.VarDecl && mayChange(d.obj.Type(), g.st.pkg, nil):
			lines = append(lines, fmt.Sprintf("ᐧlive.Variable(%q, %q, &%s)", d.name, d.symbol, d.symbol))
		}
	}
	for _, v := range g.carried {
		variables = append(variables, fmt.Sprintf("{Name: %q, Old: %q, New: &%s}", v.d.name, v.old.symbol, v.d.symbol))
	}
	if len(types)+len(variables) > 0 {
		g.bind = append(g.bind, fmt.Sprintf("ᐧcarry.Over([]ᐧcarry.Type{%s}, []ᐧcarry.Variable{%s})", strings.Join(types, ", "), strings.Join(variables, ", ")))
	}
	g.bind = slices.Concat(g.bind, lines)
}

// A carried variable gets the value of an earlier version.
type carried struct{ old, d *decl }

// isAnnounced reports whether a type can have values in interfaces.
func isAnnounced(d *decl) bool {
	_, isNamed := d.obj.Type().(*types.Named)
	return isNamed && !d.generic && !types.IsInterface(d.obj.Type())
}

// mayChange reports whether a new version of a type may change something in a variable
// of a type, or in what it refers to.
func mayChange(t types.Type, pkg *types.Package, seen map[types.Type]bool) bool {
	if seen == nil {
		seen = make(map[types.Type]bool)
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() == pkg {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Interface, *types.Chan:
		return true
	case *types.Array:
		return mayChange(u.Elem(), pkg, seen)
	case *types.Struct:
		for f := range u.Fields() {
			if mayChange(f.Type(), pkg, seen) {
				return true
			}
		}
	}
	return false
}
