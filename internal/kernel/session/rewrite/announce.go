package rewrite

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Units announce their types, and variables that types may change below, to the process
// that loads them. So a later unit can carry their values over to new versions.

// announce writes the unit's announcements, and before them what carries values over.
func (g *generator) announce() {
	var types, variables, lines []string
	told := make(map[string]bool)
	for _, fields := range g.c.DroppedFields {
		for _, d := range fields {
			told[d.Typ] = true
		}
	}
	for _, d := range decl.Sorted(g.own) {
		switch {
		case d.Name == "_":
		case d.Kind == syntax.TypeDecl && isAnnounced(d):
			announce := "Type"
			if g.State.Before(d.Name) == nil {
				announce = "FirstType"
			}
			lines = append(lines, fmt.Sprintf("ᐧlive.%s(%q, (*%s)(nil))", announce, d.Name, d.Symbol))
			if g.isRenewed(d) {
				types = append(types, renewal(d.Name, d.Symbol, told[d.Name]))
			}
		case d.Kind == syntax.VarDecl && mayChange(d.Obj.Type(), g.State.Pkg, nil):
			lines = append(lines, fmt.Sprintf("ᐧlive.Variable(%q, %q, &%s)", d.Name, d.Symbol, d.Symbol))
		}
	}
	for _, d := range decl.Sorted(g.own) {
		if d.Generic && g.isRenewed(d) {
			types = append(types, fmt.Sprintf("{Name: %q}", d.Name))
		}
	}
	for _, t := range g.renewed {
		name := decl.TypeText(t, g.State.Pkg)
		types = append(types, renewal(name, g.printer(nil).Text(t), told[name]))
	}
	for _, v := range g.carried {
		variables = append(variables, fmt.Sprintf("{Name: %q, Old: %q, New: &%s}", v.d.Name, v.old.Symbol, v.d.Symbol))
	}
	if len(types)+len(variables) > 0 {
		g.bind = append(g.bind, fmt.Sprintf("ᐧcarry.Over([]ᐧcarry.Type{%s}, []ᐧcarry.Variable{%s})", strings.Join(types, ", "), strings.Join(variables, ", ")))
	}
	g.bind = slices.Concat(g.bind, lines)
}

// renewal is what package carry is told of a type: its name, text and whether notes of the cell have
// its fields.
func renewal(name, text string, told bool) string {
	return fmt.Sprintf("{Name: %q, New: (*%s)(nil), Derived: []any{(*[]%[2]s)(nil), (*[]*%[2]s)(nil), (*map[string]%[2]s)(nil), (*map[string]*%[2]s)(nil), (*map[int]%[2]s)(nil)}, Told: %t}", name, text, told)
}

// A carried variable gets the value of an earlier version.
type carried struct{ old, d *decl.Decl }

// isAnnounced reports whether a type can have values in interfaces.
func isAnnounced(d *decl.Decl) bool {
	_, isNamed := d.Obj.Type().(*types.Named)
	return isNamed && !d.Generic && !types.IsInterface(d.Obj.Type())
}

// mayChange reports whether a new version of a type, or of a constant that is the length
// of an array, may change something in a variable of a type, or in what it refers to.
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
	case *types.Pointer, *types.Slice, *types.Map, *types.Interface, *types.Chan, *types.Array, *types.Signature:
		return true
	case *types.Struct:
		for f := range u.Fields() {
			if mayChange(f.Type(), pkg, seen) {
				return true
			}
		}
	}
	return false
}

// carryOver gives a variable whose type was declared anew the value that it had.
func (w *runWriter) carryOver(d *syntax.Declared) {
	st := w.g.State
	old, obj := st.Before(d.Name), w.g.c.Result.Info.Defs[d.Ident]
	nd := st.Of[obj]
	if old == nil || nd == nil || old == nd || w.g.c.Lost[d.Name] != "" {
		return
	}
	if old = old.Holder(); old.Symbol == nd.Symbol {
		return // it is the same variable
	}
	// Once, when the unit is loaded: running its cell again must not bring the old
	// value back.
	w.g.carried = append(w.g.carried, carried{old, nd})
}
