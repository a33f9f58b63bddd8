package rewrite

import (
	"go/types"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// Values in interfaces are carried over to a type that the unit has. The instances of a generic type are
// types that nobody declares: so a unit has all of them that something may hold and that are other types now,
// because the generic type is made of something else, or a type argument is. Those before need not be
// announced, since to a program they have the same name.

// renewInstances finds these instances, and notes that they are held from now on.
func (g *generator) renewInstances() {
	changed := make(map[string]bool)
	for d := range g.own {
		if g.isRenewed(d) {
			changed[d.Name] = true
		}
	}
	if len(changed) == 0 {
		return
	}
	seen := make(map[string]bool)
	for _, line := range slices.Sorted(maps.Keys(g.State.Held)) {
		held := g.State.Held[line]
		for _, key := range slices.Sorted(maps.Keys(held)) {
			of, ok := held[key].Of.Obj.Type().(*types.Named)
			if held[key].Of.Kind != syntax.TypeDecl || !ok || types.IsInterface(of) {
				continue
			}
			old, err := types.Instantiate(nil, of, held[key].Args, false)
			if err != nil {
				continue
			}
			t := g.renewedType(old, changed)
			if t == nil || seen[t.String()] {
				continue
			}
			seen[t.String()] = true
			g.renewed = append(g.renewed, t)
			g.State.Hold(g.State.Of[t.Obj()], slices.Collect(t.TypeArgs().Types()), true)
		}
	}
}

// isRenewed reports whether a declaration of the unit makes another type of what an earlier one has
// declared.
func (g *generator) isRenewed(d *decl.Decl) bool {
	if d.Kind != syntax.TypeDecl || d.Recv != nil {
		return false
	}
	old := g.State.Before(d.Name)
	return old != nil && old.Kind == syntax.TypeDecl && old.Symbol != d.Symbol
}

// renewedType returns the instance that takes an older one's place, nil where it is made of nothing
// that has changed, or there is none now.
func (g *generator) renewedType(old types.Type, changed map[string]bool) *types.Named {
	isOther := false
	t := typetext.Renew(old, func(t types.Type) types.Type {
		named, ok := t.(*types.Named)
		if !ok {
			return nil
		}
		d := g.State.Of[named.Obj()]
		switch {
		case d == nil && named.Obj().Pkg() == g.State.Pkg:
			return nil // local to a function
		case d == nil:
			return named
		}
		isOther = isOther || changed[d.Name]
		if now := g.newestDecl(d.Name); now != nil && now.Kind == syntax.TypeDecl && now.Generic == d.Generic {
			return now.Obj.Type()
		}
		return nil
	})
	if named, ok := t.(*types.Named); ok && isOther {
		return named
	}
	return nil
}
