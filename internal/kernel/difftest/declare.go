package difftest

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// methods are those that types get, with their results.
var methods = []struct{ name, params, result string }{
	{"Area", "", "int"}, {"Name", "", "string"}, {"String", "", "string"}, {"Error", "", "string"},
	{"Unwrap", "", "error"}, {"size", "", "int"}, {"Grow", "k int", ""}, {"Is", "other error", "bool"}, {"with", "k int", "self"},
}

// declare adds a declaration to the draft, and methods where it is a type.
func (g *generator) declare() {
	switch n := g.IntN(125); {
	case n >= 100:
		name, i := g.name(pick(g, []string{"own", "z"})), g.IntN(len(recipes))
		g.cooked[name] = i
		g.cook(name, recipes[i])
	case n < 12:
		g.try(func() (item, bool) { return item{true, g.constant(g.name("k"))}, true })
	case n < 40:
		name := g.name("t")
		if g.try(func() (item, bool) { return item{true, g.typeDecl(name)}, true }) {
			for range g.IntN(4) {
				g.try(func() (item, bool) { return g.method(name, "") })
			}
		}
	case n < 48:
		name := g.name("i")
		g.try(func() (item, bool) { return item{true, g.interfaceDecl(name)}, true })
	case n < 52:
		g.try(func() (item, bool) { return item{true, g.alias(g.name("a"))}, true })
	case n < 58:
		g.genericType(g.name("g"))
	case n < 64:
		name := g.name("gen")
		g.try(func() (item, bool) { return item{true, g.genericFunc(name)}, true })
	case n < 70:
		name := g.name("leaf")
		g.try(func() (item, bool) { return item{true, g.leaf(name)}, true })
	case n < 84:
		name := g.name("f")
		g.try(func() (item, bool) { return item{true, g.function(name)}, true })
	case n < 90:
		name := g.name("do")
		g.try(func() (item, bool) { return item{true, g.procedure(name)}, true })
	case n < 95:
		g.try(func() (item, bool) {
			text, ok := g.mutation(&ctx{level: 5})
			return item{true, "func init() {\n\t" + text + "\n}"}, ok
		})
	default:
		g.try(func() (item, bool) { return item{true, g.variable(g.name("v"))}, true })
	}
}

func (g *generator) constant(name string) string {
	switch g.IntN(5) {
	case 0:
		return fmt.Sprintf("const %s = %q", name, pick(g, []string{"a", "bc", "def"}))
	case 1:
		return fmt.Sprintf("const (\n\t%s = iota + %d\n\t%sb\n\t%sc\n)", name, g.IntN(4), name, name)
	case 2:
		if ks := g.objects("k"); len(ks) > 0 {
			if k := pick(g, ks).(*types.Const); k.Type().Underlying().(*types.Basic).Info()&types.IsInteger != 0 {
				return fmt.Sprintf("const %s = %s + %d", name, k.Name(), g.IntN(3))
			}
		}
	case 3:
		if ts := g.objects("t"); len(ts) > 0 {
			t := pick(g, ts)
			if b, ok := t.Type().Underlying().(*types.Basic); ok && b.Kind() == types.Int {
				return fmt.Sprintf("const %s %s = %d", name, t.Name(), g.IntN(9))
			}
		}
	}
	return fmt.Sprintf("const %s = %d", name, 1+g.IntN(5))
}

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
		if gs := g.objects("g"); len(gs) > 0 {
			if named, ok := pick(g, gs).Type().(*types.Named); ok && named.TypeParams().Len() == 1 {
				if t, err := types.Instantiate(nil, named, []types.Type{g.typ(0)}, false); err == nil {
					return t
				}
			}
		}
	}
	return pick(g, basics)
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

// method declares a method of a type, the named one or any.
func (g *generator) method(typeName, name string) (item, bool) {
	obj := g.scope.Scope().Lookup(typeName)
	if obj == nil {
		return item{}, false
	}
	named, ok := obj.Type().(*types.Named)
	if !ok || named.TypeParams().Len() > 0 || types.IsInterface(named) {
		return item{}, false
	}
	m := pick(g, methods)
	for _, each := range methods {
		if each.name == name {
			m = each
		}
	}
	recv := g.temp()
	var recvType types.Type = named
	if m.name == "Grow" || g.chance(20) {
		recvType = types.NewPointer(named)
	}
	c := &ctx{safe: true, level: 0, local: true, atoms: []atom{{recv, recvType}}}
	head := fmt.Sprintf("func (%s %s) %s(%s) ", recv, typeText(recvType), m.name, m.params)
	var body string
	switch m.result {
	case "int", "string":
		c.deref = true
		body = g.body(c, basic(m.result))
	case "error":
		// An error that wraps itself, by way of variables, has errors.As and errors.Is go round for ever.
		body = "return " + pick(g, errorValues)
	case "bool":
		body = fmt.Sprintf("_, ok := other.(%s)\n\treturn ok", pick(g, []string{typeText(recvType), "stock.Code"}))
	case "self":
		body = "return " + g.expr(c, named, 1)
		head += typeName
		m.result = ""
	default:
		c.deref = true
		var ok bool
		if body, ok = g.localMutation(c, recv, named); !ok {
			return item{}, false
		}
	}
	return item{true, head + m.result + " {\n\t" + body + "\n}"}, true
}

// leaf declares a function that calls nothing and cannot panic.
func (g *generator) leaf(name string) string {
	c := &ctx{safe: true, local: g.chance(60), alone: true}
	t := pick(g, []string{"int", "string"})
	in := pick(g, []types.BasicKind{types.Int, types.String})
	x := g.temp()
	c.atoms = []atom{{x, types.Typ[in]}}
	return fmt.Sprintf("func %s(%s %s) %s {\n\t%s\n}", name, x, types.Typ[in], t, g.body(c, basic(t)))
}

// function declares a function that changes nothing.
func (g *generator) function(name string) string {
	params, result := []types.Type{}, g.typ(1)
	for range g.IntN(3) {
		params = append(params, g.typ(1))
	}
	return g.functionOf(name, params, result)
}

func (g *generator) functionOf(name string, params []types.Type, result types.Type) string {
	c := &ctx{level: level(name)}
	var list []string
	for _, p := range params {
		x := g.temp()
		c.atoms = append(c.atoms, atom{x, p})
		list = append(list, x+" "+typeText(p))
	}
	return fmt.Sprintf("func %s(%s) %s {\n\t%s\n}", name, strings.Join(list, ", "), typeText(result), g.functionBody(c, result))
}

// procedure declares a function that changes session variables.
func (g *generator) procedure(name string) string {
	x := g.temp()
	c := &ctx{level: 5, atoms: []atom{{x, types.Typ[types.Int]}}}
	var lines []string
	for range 1 + g.IntN(2) {
		if text, ok := g.mutation(c); ok {
			lines = append(lines, text)
		}
	}
	return fmt.Sprintf("func %s(%s int) int {\n\t%s\n\treturn %s\n}", name, x, strings.Join(lines, "\n\t"), g.expr(&ctx{level: 0, atoms: c.atoms}, types.Typ[types.Int], 1))
}

func (g *generator) variable(name string) string {
	t := g.typ(2)
	if g.chance(15) {
		return fmt.Sprintf("var %s %s", name, typeText(t))
	}
	if types.IsInterface(t) || g.chance(50) {
		return fmt.Sprintf("var %s %s = %s", name, typeText(t), g.expr(&ctx{level: 5}, t, 2))
	}
	return fmt.Sprintf("var %s = %s", name, g.typed(t, g.expr(&ctx{level: 5}, t, 2)))
}

// typed makes sure that an expression has a type by itself.
func (g *generator) typed(t types.Type, e string) string {
	if _, ok := t.(*types.Basic); ok && typeText(types.Default(t)) != "int" && typeText(t) != "string" && typeText(t) != "bool" || e == "nil" {
		return fmt.Sprintf("(%s)(%s)", typeText(t), e)
	}
	return e
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

func (g *generator) genericMethods(name string) {
	for _, text := range []string{
		pick(g, []string{"func (x *%s[T]) Grow(k int) { x.items = x.items[:len(x.items)/2] }", "func (x *%s[T]) Grow(k int) { x.items = append(x.items, x.items...) }"}),
		pick(g, []string{"func (x %s[T]) Area() int { return len(x.items) }", "func (x %s[T]) Area() int { return len(x.items) * 10 }"}),
		pick(g, []string{"func (x *%s[T]) Push(item T) *" + name + "[T] {\n\tx.items = append(x.items, item)\n\treturn x\n}", "func (x *%s[T]) Push(item T) *" + name + "[T] {\n\tx.items = append([]T{item}, x.items...)\n\treturn x\n}"}),
		"func (x %s[T]) Name() string { return show.Plain(fmt.Sprintf(\"%%T\", *new(T))) }",
	} {
		if g.chance(60) {
			text := fmt.Sprintf(text, name)
			g.try(func() (item, bool) { return item{true, text}, true })
		}
	}
}

func (g *generator) genericFunc(name string) string {
	k := g.IntN(9)
	return pick(g, []string{
		fmt.Sprintf("func %s[A any, B any](xs []A, f func(A) B) (out []B) {\n\tfor i, x := range xs {\n\t\tif i != %d {\n\t\t\tout = append(out, f(x))\n\t\t}\n\t}\n\treturn\n}", name, k),
		fmt.Sprintf("func %s[T any](xs ...T) string {\n\tout := \"%d\"\n\tfor _, x := range xs {\n\t\tout += show.Plain(fmt.Sprintf(\" %%T\", x))\n\t}\n\treturn out\n}", name, k),
		fmt.Sprintf("func %s[T comparable](xs []T, x T) int {\n\tfor i, y := range xs {\n\t\tif x == y {\n\t\t\treturn i + %d\n\t\t}\n\t}\n\treturn -1\n}", name, k),
		fmt.Sprintf("func %s[T any](v any) (out T, ok bool) {\n\tout, ok = v.(T)\n\treturn\n}", name),
		fmt.Sprintf("func %s[T ~int | ~string](xs ...T) (sum T) {\n\tfor _, x := range xs {\n\t\tsum += x\n\t}\n\treturn\n}", name),
	})
}

// edit declares something again in another way.
func (g *generator) edit() {
	if len(g.m.decls) == 0 {
		return
	}
	d := pick(g, g.m.decls)
	name := d.names[0]
	obj := g.scope.Scope().Lookup(name)
	if i, ok := g.cooked[name]; ok && g.chance(90) {
		g.cook(name, recipes[i])
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
