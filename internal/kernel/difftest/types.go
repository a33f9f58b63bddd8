package difftest

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// typ is a random type.
func (g *generator) typ(depth int) types.Type {
	basics := []types.Type{types.Typ[types.Int], types.Typ[types.String], types.Typ[types.Bool], types.Typ[types.Int], types.Typ[types.String], types.Typ[types.Float64], types.Typ[types.Uint8]}
	if depth <= 0 {
		if ts := g.objects("t"); len(ts) > 0 && g.chance(40) {
			return pick(g, ts).Type()
		}
		return pick(g, basics)
	}
	switch n := g.IntN(100); {
	case n < 30:
		return pick(g, basics)
	case n < 50:
		if ts := g.objects("t"); len(ts) > 0 {
			return pick(g, ts).Type()
		}
	case n < 56:
		if ts := g.objects("i"); len(ts) > 0 {
			return pick(g, ts).Type()
		}
	case n < 62:
		return types.Universe.Lookup("error").Type()
	case n < 70:
		return types.Universe.Lookup("any").Type()
	case n < 76:
		if ts := g.objects("t"); len(ts) > 0 {
			return types.NewPointer(pick(g, ts).Type())
		}
	case n < 84:
		return types.NewSlice(g.typ(depth - 1))
	case n < 88:
		return types.NewMap(pick(g, basics[:2]), g.typ(depth-1))
	case n < 91:
		return types.NewMap(types.Universe.Lookup("any").Type(), g.typ(0))
	case n < 95:
		in, out := types.NewParam(0, nil, "", g.typ(0)), types.NewParam(0, nil, "", g.typ(0))
		return types.NewSignatureType(nil, nil, nil, types.NewTuple(in), types.NewTuple(out), false)
	default:
		if t := g.instance(); t != nil {
			return t
		}
	}
	return pick(g, basics)
}

// instance is one of a generic type, nil if there is none. Few are made, so that many values have the same type.
func (g *generator) instance() types.Type {
	gs := g.objects("g")
	if len(gs) == 0 {
		return nil
	}
	named, ok := pick(g, gs).Type().(*types.Named)
	if !ok || named.TypeParams().Len() != 1 {
		return nil
	}
	arg := types.Type(types.Typ[types.Int])
	if g.chance(60) {
		arg = g.typ(0)
	}
	t, err := types.Instantiate(nil, named, []types.Type{arg}, false)
	if err != nil {
		return nil
	}
	return t
}

var fieldNames = []string{"n", "s", "on", "list", "by", "Num", "Text", "inner", "err", "call"}

// typeDecl declares a type that is no interface.
func (g *generator) typeDecl(name string) string {
	switch n := g.IntN(100); {
	case n < 60:
		return fmt.Sprintf("type %s struct {\n\t%s\n}", name, strings.Join(g.fields(name), "\n\t"))
	case n < 75:
		return fmt.Sprintf("type %s %s", name, pick(g, []string{"int", "string", "float64", "uint8", "int", "string"}))
	case n < 82:
		return fmt.Sprintf("type %s []%s", name, typeText(g.typ(0)))
	case n < 88:
		return fmt.Sprintf("type %s map[string]%s", name, typeText(g.typ(0)))
	case n < 92:
		return fmt.Sprintf("type %s func(%s) %s", name, typeText(g.typ(0)), typeText(g.typ(0)))
	case n < 96:
		if ks := g.objects("k"); len(ks) > 0 {
			return fmt.Sprintf("type %s [%s]int", name, pick(g, ks).Name())
		}
	}
	return fmt.Sprintf("type %s [%d]%s", name, 1+g.IntN(3), typeText(g.typ(0)))
}

// fields are those of a struct; there is no field of the type itself.
func (g *generator) fields(of string) []string {
	var list []string
	names := slices.Clone(fieldNames)
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := range 1 + g.IntN(4) {
		t := g.typ(1)
		if strings.Contains(typeText(t), of) {
			continue
		}
		_, isNamed := t.(*types.Named)
		_, isPointer := t.(*types.Pointer)
		if (isNamed || isPointer) && g.chance(45) && t.String() != "error" && !strings.Contains(typeText(t), "[") {
			list = append(list, typeText(t))
		} else if ks := g.objects("k"); len(ks) > 0 && g.chance(8) {
			list = append(list, fmt.Sprintf("%s [%s]int", names[i], pick(g, ks).Name()))
		} else {
			list = append(list, names[i]+" "+typeText(t))
		}
	}
	if len(list) == 0 {
		list = append(list, "n int")
	}
	return list
}

func (g *generator) interfaceDecl(name string) string {
	var list []string
	for _, i := range g.Perm(len(methods))[:1+g.IntN(2)] {
		m := methods[i]
		if m.result == "self" {
			m.result = "any"
		}
		list = append(list, fmt.Sprintf("%s(%s) %s", m.name, m.params, m.result))
	}
	if is := g.objects("i"); len(is) > 0 && g.chance(20) {
		if i := pick(g, is).Name(); i != name {
			list = append(list, i)
		}
	}
	return fmt.Sprintf("type %s interface {\n\t%s\n}", name, strings.Join(list, "\n\t"))
}

func (g *generator) alias(name string) string {
	return fmt.Sprintf("type %s = %s", name, typeText(g.typ(1)))
}

func (g *generator) genericType(name string) {
	text := pick(g, []string{
		"type %s[T any] struct {\n\titems []T\n\tn     int\n}",
		"type %s[T any] struct {\n\tn     int\n\titems []T\n}",
		"type %s[T any] struct{ items []T }",
		"type %s[T any] struct {\n\titems []T\n\tlast  *T\n}",
	})
	if !g.try(func() (item, bool) { return item{true, fmt.Sprintf(text, name)}, true }) {
		return
	}
	g.genericMethods(name)
}
