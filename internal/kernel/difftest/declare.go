package difftest

import (
	"fmt"
	"go/types"
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

func (g *generator) genericMethods(name string) {
	for _, text := range []string{
		pick(g, []string{"func (x *%s[T]) Grow(k int) { x.items = x.items[:len(x.items)/2] }", "func (x *%s[T]) Grow(k int) { x.items = append(x.items, x.items...) }"}),
		pick(g, []string{"func (x %s[T]) Area() int { return len(x.items) }", "func (x %s[T]) Area() int { return len(x.items) * 10 }"}),
		pick(g, []string{"func (x *%s[T]) Push(item T) *" + name + "[T] {\n\tx.items = append(x.items, item)\n\treturn x\n}", "func (x *%s[T]) Push(item T) *" + name + "[T] {\n\tx.items = append([]T{item}, x.items...)\n\treturn x\n}"}),
		pick(g, []string{"func (x %s[T])", "func (x *%s[T])"}) + " Name() string { return show.Plain(fmt.Sprintf(\"%%T\", *new(T))) }",
		pick(g, []string{"func (x %s[T]) String() string", "func (x %s[T]) Error() string", "func (x %s[T]) size() any"}) + " { return fmt.Sprint(x.n) }",
	} {
		if g.chance(50) {
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
