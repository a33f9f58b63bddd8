package difftest

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// edit declares something again in another way.
func (g *generator) edit() {
	if len(g.m.decls) == 0 {
		return
	}
	d := pick(g, g.m.decls)
	isCooked := func(d *decl) bool {
		_, ok := g.cooked[wholeName(d.names[0])]
		return ok
	}
	if cooked := slices.DeleteFunc(slices.Clone(g.m.decls), func(d *decl) bool { return !isCooked(d) }); len(cooked) > 0 && g.chance(30) {
		d = pick(g, cooked) // what much holds on to
	}
	name := d.names[0]
	obj := g.scope.Scope().Lookup(name)
	if isCooked(d) && g.chance(90) {
		g.cook(wholeName(name), recipes[g.cooked[wholeName(name)]])
		return
	}
	if d.recv == "" && g.chance(6) { // something else by the same name
		g.try(func() (item, bool) {
			return item{true, pick(g, []func(string) string{g.constant, g.typeDecl, g.interfaceDecl, g.function, g.variable})(name)}, true
		})
		return
	}
	switch {
	case d.recv != "":
		g.try(func() (item, bool) { return g.method(d.recv, name) })
	case d.kind == token.CONST:
		g.try(func() (item, bool) {
			text := g.constant(name)
			return item{true, text}, len(d.names) == 1 || strings.Contains(text, "iota")
		})
	case d.kind == token.VAR:
		g.try(func() (item, bool) { return item{true, g.variable(name)}, true })
	case isA(name, "t"):
		switch g.IntN(4) {
		case 0:
			g.try(func() (item, bool) { return g.method(name, "") })
		case 1:
			g.try(func() (item, bool) { return item{true, g.typeDecl(name)}, true })
		default:
			g.try(func() (item, bool) {
				s, ok := obj.Type().Underlying().(*types.Struct)
				if !ok {
					return item{true, g.typeDecl(name)}, true
				}
				return item{true, g.otherFields(name, s)}, true
			})
		}
	case isA(name, "i"):
		g.try(func() (item, bool) { return item{true, g.interfaceDecl(name)}, true })
	case isA(name, "a"):
		g.try(func() (item, bool) { return item{true, g.alias(name)}, true })
	case isA(name, "g"):
		if g.chance(50) {
			g.genericMethods(name)
		} else {
			g.genericType(name)
		}
	case isA(name, "gen"):
		g.try(func() (item, bool) { return item{true, g.genericFunc(name)}, true })
	case isA(name, "leaf"):
		g.try(func() (item, bool) { return item{true, g.leaf(name)}, true })
	case isA(name, "do"):
		g.try(func() (item, bool) { return item{true, g.procedure(name)}, true })
	default:
		g.try(func() (item, bool) {
			f, ok := obj.(*types.Func)
			if !ok || g.chance(30) || f.Signature().Results().Len() != 1 {
				return item{true, g.function(name)}, true
			}
			var params []types.Type
			for v := range f.Signature().Params().Variables() {
				params = append(params, v.Type())
			}
			return item{true, g.functionOf(name, params, f.Signature().Results().At(0).Type())}, true
		})
	}
}

// otherFields changes the fields of a struct.
func (g *generator) otherFields(name string, s *types.Struct) string {
	var list []string
	for f := range s.Fields() {
		if f.Embedded() {
			list = append(list, typeText(f.Type()))
		} else {
			list = append(list, f.Name()+" "+typeText(f.Type()))
		}
	}
	switch n := g.IntN(4); {
	case n == 0 && len(list) > 1:
		list = slices.Delete(list, 0, 1)
	case n == 1 && len(list) > 1:
		list[0], list[1] = list[1], list[0]
	case n == 2:
		list[g.IntN(len(list))] = g.fields(name)[0]
	default:
		list = append(list, "more "+typeText(g.typ(1)))
	}
	return fmt.Sprintf("type %s struct {\n\t%s\n}", name, strings.Join(list, "\n\t"))
}
