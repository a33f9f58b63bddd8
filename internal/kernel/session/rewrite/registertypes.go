package rewrite

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// registerTypes registers the types whose values an interface may come to hold: those that the cells of a
// set declare, those of their variables, and those of all expressions of the unit. So their values travel
// in interfaces; what of them cannot is found out when one does. Types without name are registered as
// well: an engine that made one of them by reflection, before it loads the unit's own, would have two.
func (g *generator) registerTypes(set map[*decl.Decl]bool) {
	list := make(map[string]types.Type) // by what tells them apart
	seen := make(map[types.Type]bool)
	add := func(t types.Type) {
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem() // pointers to what has a name are known
		}
		t = types.Unalias(t)
		if seen[t] {
			return
		}
		seen[t] = true
		if _, basic := t.(*types.Basic); !basic && g.mayTravel(t) {
			list[g.State.Shapes().Text(t)] = t
		}
	}
	for _, d := range decl.Sorted(set) {
		if d.Kind == syntax.VarDecl || d.Kind == syntax.TypeDecl && !d.Generic {
			add(d.Obj.Type())
		}
	}
	for _, value := range g.c.Result.Info.Types {
		add(value.Type)
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		printer := g.printer(nil)
		if text := printer.Text(list[name]); printer.Err == nil {
			g.registered = append(g.registered, fmt.Sprintf("ᐧreg.Type(%q, \"%s\", (*%s)(nil))", name, idMark, text))
		}
	}
}

// mayTravel reports whether a type can be written here, and values of it may perhaps travel. Interfaces
// count: a value may be a slice of such.
func (g *generator) mayTravel(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t.Info()&types.IsUntyped == 0 && t.Kind() != types.Invalid && t.Kind() != types.UnsafePointer
	case *types.Named:
		return g.mayName(t)
	case *types.Pointer:
		return g.mayTravel(t.Elem())
	case *types.Slice:
		return g.mayTravel(t.Elem())
	case *types.Array:
		return g.mayTravel(t.Elem())
	case *types.Map:
		return g.mayTravel(t.Key()) && g.mayTravel(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if !g.mayTravel(f.Type()) || !f.Exported() && f.Pkg() != g.State.Pkg {
				return false
			}
		}
		return true
	case *types.Interface:
		return t.IsMethodSet() && t.NumMethods() == 0
	}
	return false
}

// mayName reports whether a type that was declared has a name here.
func (g *generator) mayName(t *types.Named) bool {
	if i, ok := t.Underlying().(*types.Interface); ok && !i.IsMethodSet() || t.TypeParams().Len() > t.TypeArgs().Len() {
		return false // a constraint, or generic
	}
	for arg := range t.TypeArgs().Types() {
		if !g.mayTravel(arg) {
			return false
		}
	}
	switch obj := t.Obj(); obj.Pkg() {
	case nil:
		return obj.Name() == "error"
	case g.State.Pkg:
		return g.State.Of[t.Origin().Obj()] != nil
	default:
		return obj.Exported() && obj.Parent() == obj.Pkg().Scope() && !strings.HasPrefix(obj.Pkg().Path(), workspace.ModulePath+"/")
	}
}
