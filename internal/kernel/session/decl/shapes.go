package decl

import (
	"go/types"
	"maps"
	"strconv"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// Shapes returns a printer that tells types apart as programs do.
func (st *State) Shapes() *typetext.Printer {
	symbol := func(t *types.TypeName) string {
		if d := st.Of[t]; d != nil {
			return d.Symbol
		}
		return ""
	}
	return &typetext.Printer{
		Named: symbol, Embedded: func(t *types.TypeName) string { return t.Name() + "=" + symbol(t) },
		Alias:      func(p *types.Package) string { return strconv.Quote(p.Path()) },
		Unexported: func(t *types.TypeName) string { return strconv.Quote(t.Pkg().Path()) + "." + t.Name() },
		Expand:     true, Pkg: st.Pkg, Params: make(map[*types.TypeParam]bool),
	}
}

// shapeOf describes the type of a variable, or what a type is made of.
func (st *State) shapeOf(d *Decl) string {
	switch {
	case d.Kind == syntax.VarDecl:
		return st.Shapes().Text(d.Obj.Type())
	case d.Kind != syntax.TypeDecl || d.Generic:
		return ""
	}
	return st.Shapes().Text(d.Obj.Type().Underlying())
}

// isSame reports whether two versions are one to a program, as far as symbols are
// known.
func (st *State) isSame(old, d *Decl) bool {
	if !d.Generic {
		return old.shape == st.shapeOf(d)
	}
	if !sameCode(old, d) || len(old.Methods) != len(d.Methods) {
		return false
	}
	for _, m := range d.Methods {
		if before := old.method(m.Name); before == nil || !sameCode(before, m) {
			return false
		}
	}
	return true
}

// sameCode reports whether the text of two generic declarations says the same.
func sameCode(old, d *Decl) bool {
	symbols := func(d *Decl) map[string]string {
		m := make(map[string]string)
		for u := range d.Uses {
			m[u.Name] = u.Symbol
		}
		return m
	}
	return old.Text == d.Text && maps.Equal(symbols(old), symbols(d))
}
