package difftest

import (
	"fmt"
	"go/types"
	"strings"
)

// body is that of a function with a result of a basic type.
func (g *generator) body(c *ctx, t types.Type) string {
	e := func() string { return g.expr(c, t, 2) }
	switch g.IntN(5) {
	case 0:
		return fmt.Sprintf("if %s {\n\t\treturn %s\n\t}\n\treturn %s", g.expr(c, basic("bool"), 2), e(), e())
	case 1:
		x := g.temp()
		return fmt.Sprintf("%s := %s\n\tfor range 3 {\n\t\t%s += %s\n\t}\n\treturn %s", x, g.typed(t, e()), x, e(), x)
	case 2:
		return fmt.Sprintf("switch %s {\n\tcase %s:\n\t\treturn %s\n\tdefault:\n\t\treturn %s\n\t}", g.expr(c, basic("int"), 1), "2", e(), e())
	}
	return "return " + e()
}

// functionBody is that of a function with any result.
func (g *generator) functionBody(c *ctx, t types.Type) string {
	e := func(c *ctx) string { return g.expr(c, t, 2) }
	switch g.IntN(9) {
	case 0:
		return fmt.Sprintf("if %s {\n\t\treturn %s\n\t}\n\treturn %s", g.expr(c, basic("bool"), 2), e(c), e(c))
	case 1:
		if as := g.atomsOf(c, func(types.Type) bool { return true }); len(as) > 0 {
			x := g.temp()
			return fmt.Sprintf("switch %s := any(%s).(type) {\n%s\t}\n\treturn %s", x, pick(g, as).text, g.cases(x, func(inner *ctx) string { return "return " + e(inner) }, c), e(c))
		}
	case 2:
		return fmt.Sprintf("return func() (out %s) {\n\t\tdefer func() {\n\t\t\tif recover() != nil {\n\t\t\t\tout = %s\n\t\t\t}\n\t\t}()\n\t\treturn %s\n\t}()", typeText(t), e(c), e(c))
	case 3:
		x, i := g.temp(), g.temp()
		inner := &ctx{safe: true, local: true, atoms: []atom{{i, basic("int")}}}
		return fmt.Sprintf("%s := make([]int, 4)\n\tvar wg sync.WaitGroup\n\tfor %s := range %s {\n\t\twg.Go(func() { %s[%s] = %s })\n\t}\n\twg.Wait()\n\treturn %s",
			x, i, x, x, i, g.expr(inner, basic("int"), 2), e(c.with(x, types.NewSlice(basic("int")))))
	case 4:
		x, y := g.temp(), g.temp()
		return fmt.Sprintf("%s := make(chan int, 2)\n\tgo func() {\n\t\tfor i := range 4 {\n\t\t\t%s <- i * 2\n\t\t}\n\t\tclose(%s)\n\t}()\n\t%s := 0\n\tfor i := range %s {\n\t\t%s += i\n\t}\n\treturn %s", x, x, x, y, x, y, e(c.with(y, basic("int"))))
	case 5:
		x := g.temp()
		l := "local" + x
		return fmt.Sprintf("type %s struct{ n %s }\n\t%s := %s{%s}\n\t_ = fmt.Sprintf(\"%%T\", %s)\n\treturn %s", l, typeText(t), x, l, e(c), x, e(c.with(x+".n", t)))
	case 6:
		x, y := g.temp(), g.temp()
		return fmt.Sprintf("%s := %s\n\t%s := func(k int) int {\n\t\t%s += k\n\t\treturn %s\n\t}\n\t%s(2)\n\treturn %s", x, g.typed(basic("int"), g.expr(c, basic("int"), 1)), y, x, x, y, e(c.with(x, basic("int"))))
	}
	return "return " + e(c)
}

// cases are those of a type switch.
func (g *generator) cases(x string, do func(*ctx) string, c *ctx) string {
	var list []types.Type
	for _, prefix := range []string{"t", "i"} {
		for _, o := range g.objects(prefix) {
			list = append(list, o.Type())
			if prefix == "t" {
				list = append(list, types.NewPointer(o.Type()))
			}
		}
	}
	list = append(list, basic("int"), basic("string"), basic("error"), g.typ(1))
	if t := g.instance(); t != nil {
		list = append(list, t, types.NewPointer(t))
	}
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	var b strings.Builder
	seen := make(map[string]bool)
	for _, t := range list[:min(len(list), 1+g.IntN(4))] {
		if !seen[typeText(t)] {
			seen[typeText(t)] = true
			fmt.Fprintf(&b, "\tcase %s:\n\t\t_ = %s\n\t\t%s\n", typeText(t), x, do(c.with(x, t)))
		}
	}
	return b.String()
}

// statement is one at the top level of a cell.
func (g *generator) statement() (item, bool) {
	text, ok := g.statementText(&ctx{level: 5})
	if ok && g.chance(50) && readStatement(text).define == "" {
		// What panics is to end few cells.
		text = "func() {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\tfmt.Println(\"recovered\", r)\n\t\t}\n\t}()\n\t" + text + "\n}()"
	}
	return item{text: text}, ok
}

func (g *generator) statementText(c *ctx) (string, bool) {
	anything := func(types.Type) bool { return true }
	isInterface := func(t types.Type) bool { return types.IsInterface(t) }
	value := func(fits func(types.Type) bool) string {
		if as := g.atomsOf(c, fits); len(as) > 0 && g.chance(85) {
			return pick(g, as).text
		}
		t := g.typ(1)
		return g.typed(t, g.expr(c, t, 2))
	}
	// An interface value is asked as it is, or by way of any.
	direct := func() string {
		if v := value(isInterface); g.chance(60) {
			return v
		} else {
			return "any(" + v + ")"
		}
	}
	named := func() (types.Type, bool) {
		list := append(g.objects("t"), g.objects("i")...)
		if len(list) == 0 {
			return nil, false
		}
		t := pick(g, list).Type()
		if i := g.instance(); i != nil && g.chance(15) {
			t = i
		}
		if g.chance(25) && !types.IsInterface(t) {
			t = types.NewPointer(t)
		}
		return t, true
	}
	if g.chance(12) {
		return g.probe(c)
	}
	switch n := g.IntN(112); {
	case n >= 100:
		return g.use(c)
	case n < 18: // a variable, new or not
		name := g.name("v")
		if vs := g.objects("v"); len(vs) > 0 && g.chance(30) {
			v := pick(g, vs)
			name = v.Name()
			if g.chance(60) {
				return fmt.Sprintf("%s := %s", name, g.typed(v.Type(), g.expr(c, v.Type(), 2))), true
			}
		}
		t := g.typ(2)
		if types.IsInterface(t) {
			return fmt.Sprintf("%s := %s(%s)", name, typeText(t), g.expr(c, t, 2)), true
		}
		return fmt.Sprintf("%s := %s", name, g.typed(t, g.expr(c, t, 2))), true
	case n < 34:
		return g.mutation(c)
	case n < 48:
		var list []string
		for range 1 + g.IntN(3) {
			list = append(list, value(anything))
		}
		return fmt.Sprintf("fmt.Println(show.Values(%s))", strings.Join(list, ", ")), true
	case n < 53:
		if as := g.atomsOf(c, addressFree); len(as) > 0 {
			a := pick(g, as).text
			return fmt.Sprintf("fmt.Printf(\"%%T %%v %%+v %%#v\\n\", %s, %s, %s, %s)", a, a, a, a), true
		}
	case n < 60: // a type switch
		x := g.temp()
		return fmt.Sprintf("switch %s := %s.(type) {\n%s\tdefault:\n\t\tfmt.Println(\"other\", show.Value(%s))\n\t}", x, direct(),
			g.cases(x, func(inner *ctx) string {
				t := inner.atoms[len(inner.atoms)-1].typ
				return fmt.Sprintf("fmt.Println(%q, show.Value(%s), %s)", typeText(t), x, g.expr(&ctx{level: 5, local: true, atoms: []atom{{x, t}}}, basic(pick(g, []string{"int", "string"})), 1))
			}, &ctx{}), x), true
	case n < 66: // an assertion
		if t, ok := named(); ok {
			x, ok := g.temp(), g.temp()
			return fmt.Sprintf("if %s, %s := %s.(%s); %s {\n\tfmt.Println(show.Value(%s))\n} else {\n\tfmt.Println(\"no\", show.Value(%s))\n}", x, ok, direct(), typeText(t), ok, x, x), true
		}
	case n < 70:
		a := value(isInterface)
		if as := g.atomsOf(c, types.Comparable); len(as) > 0 && g.chance(60) {
			return fmt.Sprintf("fmt.Println(%s == %s)", a, pick(g, as).text), true
		}
		return fmt.Sprintf("fmt.Println(any(%s) == any(%s))", a, value(anything)), true
	case n < 73 && len(g.objects("t")) > 0: // what was converted at run time and what the compiler converts
		t := pick(g, g.objects("t"))
		e := g.typed(t.Type(), g.expr(c, t.Type(), 1))
		way := pick(g, []struct{ convert, to string }{{"stock.AsError", "error"}, {"stock.AsStringer", "fmt.Stringer"}, {"", "stock.Shape"}})
		if way.convert != "" && !types.AssignableTo(t.Type(), basic("error")) && way.to == "error" {
			return "", false
		}
		v := g.name("v")
		if way.convert == "" {
			return fmt.Sprintf("%s, _ := stock.AsShape(%s)", v, e), true
		}
		return fmt.Sprintf("%s := %s(%s)", v, way.convert, e), true
	case n < 75:
		x := g.temp()
		return fmt.Sprintf("for %s, y := range []any{%s, %s} {\n\tm := map[any]int{%s: 1, 2: 2}\n\tfmt.Println(%s, m[y], len(m))\n}", x, value(isInterface), value(types.Comparable), value(isInterface), x), true
	case n < 81: // errors
		e := g.expr(c, basic("error"), 2)
		if t, ok := named(); ok && g.chance(80) && (types.IsInterface(t) || types.AssignableTo(t, basic("error"))) {
			x := g.temp()
			return fmt.Sprintf("{\n\tvar %s %s\n\tfmt.Println(errors.As(%s, &%s), show.Value(%s))\n}", x, typeText(t), e, x, x), true
		}
		return fmt.Sprintf("fmt.Println(errors.Is(%s, %s), errors.Is(%s, stock.ErrEmpty))", e, g.expr(c, basic("error"), 1), e), true
	case n < 86:
		if ds := g.objects("do"); len(ds) > 0 {
			d := pick(g, ds).Name()
			if g.chance(50) {
				return fmt.Sprintf("fmt.Println(%s(%d))", d, g.IntN(5)), true
			}
			return fmt.Sprintf("_ = %s(%d)", d, g.IntN(5)), true
		}
	case n < 92:
		return g.ofStock(c, value(func(t types.Type) bool { return isInterface(t) || types.Comparable(t) }))
	case n < 96:
		if gs := g.objects("gen"); len(gs) > 0 {
			name := pick(g, gs).Name()
			if as := g.atomsOf(c, func(t types.Type) bool { _, ok := t.Underlying().(*types.Slice); return ok }); len(as) > 0 {
				a := pick(g, as)
				elem := a.typ.Underlying().(*types.Slice).Elem()
				x := g.temp()
				t, _ := named()
				if t == nil {
					t = basic("int")
				}
				return pick(g, []string{
					fmt.Sprintf("fmt.Println(show.Value(%s(%s, func(%s %s) string { return %s })))", name, a.text, x, typeText(elem), g.expr(&ctx{level: 4, atoms: []atom{{x, elem}}}, basic("string"), 2)),
					fmt.Sprintf("fmt.Println(show.Value(%s(%s, %s)))", name, a.text, g.expr(c, elem, 1)),
					fmt.Sprintf("fmt.Println(%s(%s...))", name, a.text),
					fmt.Sprintf("fmt.Println(%s[%s](%s))", name, pick(g, []string{"int", "error", typeText(elem)}), value(isInterface)),
					fmt.Sprintf("{\n\t%s, ok := %s[%s](%s)\n\tfmt.Println(show.Value(%s), ok)\n}", x, name, typeText(t), value(isInterface), x),
				}), true
			}
		}
	default: // method values
		var list []string
		for _, a := range g.all(c) {
			set := types.NewMethodSet(a.typ)
			for i := range set.Len() {
				m := set.At(i).Obj().(*types.Func)
				switch m.Name() {
				case "Area", "Name", "size":
					list = append(list, a.text+"."+m.Name())
				}
			}
		}
		if len(list) > 0 {
			if g.chance(50) {
				return fmt.Sprintf("%s := %s", g.name("v"), pick(g, list)), true
			}
			x := g.temp()
			return fmt.Sprintf("func() {\n\tdefer func() { fmt.Println(\"recovered\", recover()) }()\n\t%s := %s\n\tfmt.Println(%s())\n}()", x, pick(g, list), x), true
		}
	}
	return "", false
}

// probe makes an interface value that a library converts at run time, or asks one for each
// type that it can be of: there, tables of methods that are not the same show.
func (g *generator) probe(c *ctx) (string, bool) {
	as := g.atomsOf(c, func(t types.Type) bool { u, ok := t.Underlying().(*types.Interface); return ok && u.NumMethods() > 0 })
	if len(as) == 0 || g.chance(25) {
		ts := g.objects("t")
		if len(ts) == 0 {
			return "", false
		}
		t := pick(g, ts).Type()
		e := g.typed(t, g.expr(c, t, 1))
		switch v := g.name("v"); {
		case types.AssignableTo(t, basic("error")):
			return fmt.Sprintf("%s := stock.AsError(%s)", v, e), true
		case types.NewMethodSet(t).Lookup(nil, "String") != nil:
			return fmt.Sprintf("%s := stock.AsStringer(%s)", v, e), true
		default:
			return fmt.Sprintf("%s, _ := stock.AsShape(%s)", v, e), true
		}
	}
	a := pick(g, as)
	var b strings.Builder
	fmt.Fprintf(&b, "switch %s.(type) {\n", a.text)
	for _, o := range g.objects("t") {
		for _, t := range []types.Type{o.Type(), types.NewPointer(o.Type())} {
			if types.AssignableTo(t, a.typ) {
				same := "true"
				if types.Comparable(t) {
					same = fmt.Sprintf("%s == %s(*new(%s))", a.text, typeText(a.typ), typeText(t))
				}
				fmt.Fprintf(&b, "\tcase %s:\n\t\tfmt.Println(%q, %s)\n", typeText(t), typeText(t), same)
			}
		}
	}
	return b.String() + "\tdefault:\n\t\tfmt.Println(\"other\")\n\t}", true
}

// mutation changes a session variable.
func (g *generator) mutation(c *ctx) (string, bool) {
	var list []atom
	for _, v := range g.objects("v") {
		for _, a := range g.all(&ctx{local: true, atoms: []atom{{v.Name(), v.Type()}}}) {
			if !isA(a.text, "k") {
				list = append(list, a)
			}
		}
	}
	if len(list) == 0 {
		return "", false
	}
	a := pick(g, list)
	return g.change(c, a)
}

func (g *generator) change(c *ctx, a atom) (string, bool) {
	set := types.NewMethodSet(types.NewPointer(a.typ))
	if set.Lookup(nil, "Grow") != nil && g.chance(40) {
		return fmt.Sprintf("%s.Grow(%d)", a.text, 1+g.IntN(3)), true
	}
	if m := set.Lookup(nil, "Push"); m != nil && g.chance(60) {
		return fmt.Sprintf("_ = %s.Push(%s)", a.text, g.expr(c, m.Obj().(*types.Func).Signature().Params().At(0).Type(), 1)), true
	}
	switch u := a.typ.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsNumeric != 0 && g.chance(40) {
			return a.text + pick(g, []string{"++", " += 2", " *= 3"}), true
		}
		return fmt.Sprintf("%s = %s", a.text, g.expr(c, a.typ, 2)), true
	case *types.Slice:
		if g.chance(60) {
			return fmt.Sprintf("%s = append(%s, %s)", a.text, a.text, g.expr(c, u.Elem(), 1)), true
		}
	case *types.Map:
		if b, ok := u.Key().Underlying().(*types.Basic); ok && g.chance(70) {
			key := "1"
			if b.Info()&types.IsString != 0 {
				key = `"k"`
			}
			return fmt.Sprintf("if %s != nil {\n\t%s[%s] = %s\n}", a.text, a.text, key, g.expr(c, u.Elem(), 1)), true
		}
	case *types.Pointer, *types.Interface:
		// No value that is there already, which could make a circle.
		return fmt.Sprintf("%s = %s", a.text, g.expr(&ctx{safe: true, local: true, level: 5}, a.typ, 1)), true
	}
	return fmt.Sprintf("%s = %s", a.text, g.expr(c, a.typ, 2)), true
}

// localMutation is the body of a method that changes its receiver.
func (g *generator) localMutation(c *ctx, recv string, t types.Type) (string, bool) {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		if b, ok := t.Underlying().(*types.Basic); ok && b.Kind() == types.Int {
			return fmt.Sprintf("*%s += %s(k)", recv, typeText(t)), true
		}
		return "", false
	}
	for _, i := range g.Perm(s.NumFields()) {
		f := s.Field(i)
		if b, ok := f.Type().Underlying().(*types.Basic); ok {
			switch {
			case b.Info()&types.IsNumeric != 0:
				return fmt.Sprintf("%s.%s += %s(k)", recv, f.Name(), typeText(f.Type())), true
			case b.Info()&types.IsString != 0:
				return fmt.Sprintf("%s.%s += %s", recv, f.Name(), g.expr(c, f.Type(), 1)), true
			}
		}
		if l, ok := f.Type().(*types.Slice); ok {
			return fmt.Sprintf("%s.%s = append(%s.%s, %s)", recv, f.Name(), recv, f.Name(), g.expr(c, l.Elem(), 1)), true
		}
	}
	return "", false
}
