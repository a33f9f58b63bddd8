package decl

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strconv"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// Two versions of a declaration are compared by their shapes, texts of what types are made of: where
// these are the same, a program can tell no difference, and both have one symbol
// (symbols.go). Which declarations have a new version at all is decided before, by the
// user's text (redeclare.go in package check); where the symbols of two types differ, carriable.go
// says whether values can move from one to the other.

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
	case d.Kind != syntax.TypeDecl:
		return ""
	case !d.Generic:
		return st.Shapes().Text(d.Obj.Type().Underlying())
	}
	named, ok := d.Obj.Type().(*types.Named)
	if !ok {
		return "" // an alias
	}
	params := slices.Collect(named.TypeParams().TypeParams())
	places, p := typetext.Places(params), st.Shapes()
	text := ""
	for _, param := range params {
		text += p.Text(typetext.Replace(param.Constraint(), places)) + ", "
	}
	return "[" + text + "]" + p.Text(typetext.Replace(named.Underlying(), places))
}

// genericShape describes the signature of a generic function or method, without the names and the
// constraints of its type parameters.
func (st *State) genericShape(sig *types.Signature) string {
	params := TypeParams(sig)
	return fmt.Sprintf("[%d]%s", len(params), st.Shapes().Text(typetext.Replace(sig, typetext.Places(params))))
}

// TypeParams lists the type parameters of a function or a method, which begin with its type's.
func TypeParams(sig *types.Signature) []*types.TypeParam {
	return slices.AppendSeq(slices.Collect(sig.RecvTypeParams().TypeParams()), sig.TypeParams().TypeParams())
}

// isSame reports whether two versions are one to a program, as far as symbols are
// known.
func (st *State) isSame(old, d *Decl) bool {
	if shape := st.shapeOf(d); shape != "" {
		return old.shape == shape
	}
	return sameCode(old, d)
}

// sameCode reports whether the text of two generic declarations says the same.
func sameCode(old, d *Decl) bool {
	symbols := func(d *Decl) map[string]string {
		list := make(map[string]string)
		for u := range d.Uses {
			list[u.Name] = u.Symbol
			for _, m := range u.Methods {
				if m.Generic { // what the text calls may be this version
					list[u.Name+"."+m.Name] = m.Body
				}
			}
		}
		return list
	}
	return old.Text == d.Text && maps.Equal(symbols(old), symbols(d))
}
