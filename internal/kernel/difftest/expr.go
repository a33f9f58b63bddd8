package difftest

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// A ctx is where an expression or statement stands.
type ctx struct {
	atoms []atom // local variables
	level int    // functions of lower levels may be called
	safe  bool   // what can panic may not stand here
	deref bool   // but pointers may be followed
	local bool   // session variables may not be read
	alone bool   // nothing may be called
}

// An atom is an expression that is known to have a type.
type atom struct {
	text string
	typ  types.Type
}

func (c *ctx) with(text string, t types.Type) *ctx {
	inner := *c
	inner.atoms = append(append([]atom{}, c.atoms...), atom{text, t})
	return &inner
}

func basic(name string) types.Type { return types.Universe.Lookup(name).Type() }

// all lists the atoms of a place, with the fields of structs.
func (g *generator) all(c *ctx) []atom {
	var list []atom
	var add func(a atom, depth int)
	add = func(a atom, depth int) {
		list = append(list, a)
		t := a.typ
		if p, ok := t.Underlying().(*types.Pointer); ok && (!c.safe || c.deref) {
			t = p.Elem()
		}
		if s, ok := t.Underlying().(*types.Struct); ok && depth > 0 {
			for f := range s.Fields() {
				if f.Exported() || f.Pkg() == g.scope {
					add(atom{a.text + "." + f.Name(), f.Type()}, depth-1)
				}
			}
		}
	}
	for _, a := range c.atoms {
		add(a, 2)
	}
	if !c.local {
		for _, v := range g.objects("v") {
			add(atom{v.Name(), v.Type()}, 2)
		}
	}
	for _, k := range g.objects("k") {
		if t, ok := k.Type().(*types.Basic); ok && t.Info()&types.IsUntyped != 0 {
			list = append(list, atom{k.Name(), types.Default(t)})
		} else {
			list = append(list, atom{k.Name(), k.Type()})
		}
	}
	return list
}

// atomsOf lists those that fit.
func (g *generator) atomsOf(c *ctx, fits func(types.Type) bool) []atom {
	var list []atom
	for _, a := range g.all(c) {
		if fits(a.typ) {
			list = append(list, a)
		}
	}
	return list
}

// expr is an expression of a type.
func (g *generator) expr(c *ctx, t types.Type, depth int) string {
	if g.chance(55) {
		if as := g.atomsOf(c, func(a types.Type) bool { return types.Identical(a, t) }); len(as) > 0 {
			return pick(g, as).text
		}
	}
	if depth > 0 && g.chance(35) {
		if calls := g.calls(c, t); len(calls) > 0 {
			return pick(g, calls)(depth - 1)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return g.basic(c, t, u, depth)
	case *types.Interface:
		return g.implementation(c, t, u, depth)
	}
	return g.literal(c, t, depth)
}

// calls lists what can be called for a value of a type.
func (g *generator) calls(c *ctx, t types.Type) (list []func(depth int) string) {
	if c.alone {
		return nil
	}
	args := func(f *types.Signature, depth int) string {
		var all []string
		for p := range f.Params().Variables() {
			all = append(all, g.expr(c, p.Type(), depth))
		}
		return "(" + strings.Join(all, ", ") + ")"
	}
	returns := func(f *types.Signature) bool {
		return f.Results().Len() == 1 && types.Identical(f.Results().At(0).Type(), t) && !f.Variadic()
	}
	for _, o := range g.objects("leaf") {
		if f, ok := o.(*types.Func); ok && returns(f.Signature()) {
			list = append(list, func(depth int) string { return f.Name() + args(f.Signature(), depth) })
		}
	}
	if c.safe {
		return list
	}
	for _, o := range g.objects("f") {
		if f, ok := o.(*types.Func); ok && level(f.Name()) < c.level && returns(f.Signature()) {
			list = append(list, func(depth int) string { return f.Name() + args(f.Signature(), depth) })
		}
	}
	if c.level == 0 {
		return list
	}
	for _, a := range g.all(c) {
		if f, ok := a.typ.Underlying().(*types.Signature); ok && returns(f) && c.level >= 5 {
			list = append(list, func(depth int) string { return a.text + args(f, depth) })
		}
		set := types.NewMethodSet(a.typ)
		for i := range set.Len() {
			m := set.At(i).Obj().(*types.Func)
			if !returns(m.Signature()) || !m.Exported() && m.Pkg() != g.scope {
				continue
			}
			switch m.Name() {
			case "Area", "Name", "String", "Error", "Unwrap", "size", "Is", "with":
				list = append(list, func(depth int) string { return a.text + "." + m.Name() + args(m.Signature(), depth) })
			}
		}
	}
	return list
}

// errorValues are errors that wrap nothing.
var errorValues = []string{"stock.ErrEmpty", "errors.New(\"new\")", "stock.Code(3)", "error(nil)"}

// basic is an expression of a type of numbers, texts or booleans.
func (g *generator) basic(c *ctx, t types.Type, u *types.Basic, depth int) string {
	convert := func(text string) string {
		if _, ok := t.(*types.Named); ok {
			return typeText(t) + "(" + text + ")"
		}
		return text
	}
	operand := func() string { return g.expr(c, t, depth-1) }
	switch info := u.Info(); {
	case info&types.IsBoolean != 0:
		if depth <= 0 {
			return convert(pick(g, []string{"true", "false"}))
		}
		switch g.IntN(4) {
		case 0:
			return convert(g.expr(c, basic("int"), depth-1) + pick(g, []string{" < ", " == ", " >= "}) + g.expr(c, basic("int"), depth-1))
		case 1:
			return convert(g.expr(c, basic("string"), depth-1) + pick(g, []string{" < ", " == ", " != "}) + g.expr(c, basic("string"), depth-1))
		case 2:
			return "!(" + operand() + ")"
		}
		return "(" + operand() + pick(g, []string{" && ", " || "}) + operand() + ")"
	case info&types.IsString != 0:
		if depth <= 0 || g.chance(30) {
			return convert(strconv.Quote(pick(g, []string{"", "a", "go", "xyz", "δ"})))
		}
		switch g.IntN(5) {
		case 0:
			return convert("fmt.Sprint(" + g.expr(c, basic("int"), depth-1) + ")")
		case 1:
			return convert("strings.ToUpper(string(" + operand() + "))")
		case 2:
			if as := g.atomsOf(c, addressFree); len(as) > 0 && !c.safe && c.level > 0 {
				return convert(fmt.Sprintf("show.Plain(fmt.Sprintf(%q, %s))", pick(g, []string{"%v", "%T", "%+v", "%#v"}), pick(g, as).text))
			}
		}
		return "(" + operand() + " + " + operand() + ")"
	case info&types.IsFloat != 0:
		if depth <= 0 || g.chance(40) {
			return convert(pick(g, []string{"0.5", "2.25", "10.0"}))
		}
		return "(" + operand() + pick(g, []string{" + ", " * ", " - "}) + operand() + ")"
	}
	if depth <= 0 || g.chance(30) {
		return convert(strconv.Itoa(g.IntN(9)))
	}
	if g.chance(30) {
		sized := func(t types.Type) bool {
			switch u := t.Underlying().(type) {
			case *types.Slice, *types.Map, *types.Array:
				return true
			case *types.Basic:
				return u.Info()&types.IsString != 0
			}
			return false
		}
		if as := g.atomsOf(c, sized); len(as) > 0 {
			text := "len(" + pick(g, as).text + ")"
			if typeText(t) == "int" {
				return text
			}
			return typeText(t) + "(" + text + ")"
		}
	}
	if g.chance(15) && !c.safe {
		if as := g.atomsOf(c, func(s types.Type) bool {
			l, ok := s.Underlying().(*types.Slice)
			return ok && types.Identical(l.Elem(), t)
		}); len(as) > 0 {
			return fmt.Sprintf("%s[%d]", pick(g, as).text, g.IntN(2))
		}
	}
	if g.chance(20) {
		return fmt.Sprintf("(%s / %d)", operand(), 2+g.IntN(3))
	}
	return "(" + operand() + pick(g, []string{" + ", " * ", " - ", " % 7 + ", " ^ "}) + operand() + ")"
}

// implementation is a value for an interface.
func (g *generator) implementation(c *ctx, t types.Type, u *types.Interface, depth int) string {
	var as []atom
	for _, a := range g.all(c) {
		if types.AssignableTo(a.typ, t) && !types.Identical(a.typ, t) {
			as = append(as, a)
		}
	}
	if len(as) > 0 && g.chance(60) {
		return pick(g, as).text
	}
	if typeText(t) == "error" && g.chance(60) {
		if depth <= 0 || g.chance(40) {
			return pick(g, errorValues)
		}
		return fmt.Sprintf("fmt.Errorf(%q, %s)", pick(g, []string{"wrap: %w", "also %w"}), g.expr(c, t, depth-1))
	}
	var list []types.Type
	for _, o := range g.objects("t") {
		for _, each := range []types.Type{o.Type(), types.NewPointer(o.Type())} {
			if types.AssignableTo(each, t) {
				list = append(list, each)
			}
		}
	}
	if i := g.instance(); i != nil && g.chance(40) {
		for _, each := range []types.Type{i, types.NewPointer(i)} {
			if types.AssignableTo(each, t) {
				list = append(list, each)
			}
		}
	}
	if u.NumMethods() == 0 {
		list = append(list, basic("int"), basic("string"), types.NewSlice(basic("int")))
	}
	if len(list) > 0 && g.chance(90) && depth > -2 {
		each := pick(g, list)
		return g.typed(each, g.expr(c, each, depth-1))
	}
	return typeText(t) + "(nil)"
}

// literal writes a value of a type that is made of others.
func (g *generator) literal(c *ctx, t types.Type, depth int) string {
	name := typeText(t)
	some := func(n int, each func(i int) string) string {
		var all []string
		for i := range n {
			all = append(all, each(i))
		}
		return name + "{" + strings.Join(all, ", ") + "}"
	}
	n := g.IntN(4)
	if depth < -1 {
		n = 0
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if _, ok := u.Elem().Underlying().(*types.Struct); ok && (depth > 0 || g.chance(50)) {
			return "&" + g.literal(c, u.Elem(), depth-1)
		}
		if depth > 0 || g.chance(50) {
			return "new(" + typeText(u.Elem()) + ")"
		}
		return "(" + name + ")(nil)"
	case *types.Struct:
		var all []string
		for f := range u.Fields() {
			if g.chance(75) && depth > -1 && (f.Exported() || f.Pkg() == g.scope) {
				all = append(all, f.Name()+": "+g.expr(c, f.Type(), depth-1))
			}
		}
		return name + "{" + strings.Join(all, ", ") + "}"
	case *types.Slice:
		return some(n, func(int) string { return g.expr(c, u.Elem(), depth-1) })
	case *types.Array:
		return some(min(n, int(u.Len())), func(int) string { return g.expr(c, u.Elem(), depth-1) })
	case *types.Map:
		if _, ok := u.Key().Underlying().(*types.Basic); ok {
			return some(min(n, 2), func(i int) string {
				key := strconv.Itoa(i)
				if u.Key().Underlying().(*types.Basic).Info()&types.IsString != 0 {
					key = strconv.Quote(key)
				}
				return key + ": " + g.expr(c, u.Elem(), depth-1)
			})
		}
		return some(min(n, 2), func(i int) string {
			key := strconv.Itoa(i)
			if as := g.atomsOf(c, func(t types.Type) bool { return types.Comparable(t) && !types.IsInterface(t) }); len(as) > 0 && i == 0 {
				key = pick(g, as).text
				if _, ok := types.Unalias(pick(g, as).typ).(*types.Basic); ok {
					key = strconv.Itoa(i)
				}
			}
			return key + ": " + g.expr(c, u.Elem(), depth-1)
		})
	case *types.Chan:
		return "make(" + name + ", 3)"
	case *types.Signature:
		if u.Results().Len() != 1 || u.Variadic() || depth < -2 { // the result may be of this type again, for ever
			return "(" + name + ")(nil)"
		}
		inner := *c
		inner.level = min(c.level, 4)
		var params []string
		for p := range u.Params().Variables() {
			x := g.temp()
			params = append(params, x+" "+typeText(p.Type()))
			inner = *inner.with(x, p.Type())
		}
		r := u.Results().At(0).Type()
		text := fmt.Sprintf("func(%s) %s { return %s }", strings.Join(params, ", "), typeText(r), g.expr(&inner, r, depth-1))
		if _, ok := t.(*types.Named); ok {
			return name + "(" + text + ")"
		}
		return text
	}
	return "*new(" + name + ")"
}

// addressFree reports whether fmt prints a value of the type without addresses.
func addressFree(t types.Type) bool { return noAddress(t, 0) }

func noAddress(t types.Type, depth int) bool {
	if depth > 5 {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Struct:
		for f := range u.Fields() {
			if !noAddress(f.Type(), depth+1) {
				return false
			}
		}
		return true
	case *types.Slice:
		return noAddress(u.Elem(), depth+1)
	case *types.Array:
		return noAddress(u.Elem(), depth+1)
	case *types.Map:
		_, ok := u.Key().Underlying().(*types.Basic)
		return ok && noAddress(u.Elem(), depth+1)
	}
	return false
}
