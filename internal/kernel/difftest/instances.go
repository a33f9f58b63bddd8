package difftest

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// Nobody declares the instances of generic types, so the model notes which ones a notebook mentions. An
// instance is another type when the generic type is one, or a type argument; then its values are carried over
// like those of other types.

// An instance is a version of one: what the program calls it, and the kinds that it is made of.
type instance struct{ symbol, kinds string }

// noteInstances takes down the instances in what was checked, and those that these are made of or return.
func (m *model) noteInstances(r *result) {
	seen := make(map[types.Type]bool)
	var note func(types.Type)
	note = func(t types.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			if t.Obj().Pkg() != r.pkg || t.TypeArgs() == nil || !isType(r.pkg, typeText(t)) {
				return
			}
			if text := typeText(t); m.instances[text] == nil {
				m.instances[text] = []instance{}
			}
			note(t.Underlying())
		case *types.Struct:
			for f := range t.Fields() {
				note(f.Type())
			}
		case *types.Signature:
			for v := range t.Results().Variables() {
				note(v.Type())
			}
		case interface{ Elem() types.Type }: // pointers, slices, maps
			note(t.Elem())
		}
	}
	for _, i := range r.info.Instances {
		note(i.Type)
	}
}

// renewInstances gives instances the versions that they have now, and returns the pairs of old and new ones
// for the program.
func (m *model) renewInstances(pkg *types.Package) (pairs []string) {
	for _, text := range slices.Sorted(maps.Keys(m.instances)) {
		if !isType(pkg, text) {
			continue
		}
		now := instance{m.withNumbers(pkg, m.versions, text), m.withNumbers(pkg, m.kinds, text)}
		if slices.Contains(m.instances[text], now) {
			continue
		}
		for _, old := range m.instances[text] {
			pairs = append(pairs, fmt.Sprintf("{(*%s)(nil), (*%s)(nil), %t}", old.symbol, now.symbol, old.kinds == now.kinds))
		}
		m.instances[text] = append(m.instances[text], now)
	}
	return pairs
}

// forgetInstances forgets those of a type that is deleted, and those with it in their type arguments.
func (m *model) forgetInstances(name string) {
	maps.DeleteFunc(m.instances, func(text string, _ []instance) bool {
		return layout{other: func(used string) bool { return used == name }}.mentionedIn(text)
	})
}

// isType reports whether a text is a type by what is declared: not if it mentions a type parameter, or what is gone.
func isType(pkg *types.Package, text string) bool {
	t, err := types.Eval(token.NewFileSet(), pkg, token.NoPos, text)
	return err == nil && t.IsType()
}
