package difftest

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A generator makes one script. What it writes next is chosen by what the model says is
// there; a piece that does not compile is thrown away, so it need not be right about
// everything.
type generator struct {
	*rand.Rand
	m     *model
	s     *script
	draft entry
	scope *types.Package // of the draft
	names int
	temps int
	// cooked has the numbers of the recipes that names were made by.
	cooked map[string]int
}

// generate makes the script of a seed and a number. Scripts of the same family begin
// with the same cells, which the session has compiled for one of them already.
func generate(importer types.Importer, seed uint64, number, family, shared, cells int) *script {
	g := &generator{m: newModel(importer), cooked: make(map[string]int), s: &script{name: fmt.Sprintf("%d of seed %d", number, seed)}}
	for i := range cells {
		switch i {
		case 0:
			g.Rand = rand.New(rand.NewPCG(seed, uint64(family)<<32))
		case shared:
			g.Rand = rand.New(rand.NewPCG(seed, uint64(family)<<32|uint64(number+1)))
		}
		for {
			c := g.cell(i)
			if len(c.items) == 0 && c.last == "" && c.del == "" {
				continue
			}
			if _, err := g.m.step(c); err == nil {
				g.s.cells = append(g.s.cells, c)
				break
			}
		}
	}
	g.s.model = g.m
	return g.s
}

// chance reports true in n of 100 cases.
func (g *generator) chance(n int) bool { return g.IntN(100) < n }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// cell makes a cell.
func (g *generator) cell(i int) entry {
	g.draft = entry{}
	g.scope = g.m.pkg
	if i == 0 {
		g.draft.imports = slices.Sorted(maps.Keys(packages))
		g.look(g.draft)
		g.first()
		for range 4 {
			g.declare()
		}
		for range 4 {
			g.try(g.statement)
		}
		return g.draft
	}
	n := g.IntN(100)
	switch {
	case n < 12:
		return pick(g, g.s.cells).clone()
	case n < 16:
		if names := g.deletable(); len(names) > 0 {
			return entry{del: pick(g, names)}
		}
	case n < 45:
		for range 1 + g.IntN(2) {
			g.edit()
		}
	case n < 75:
		for range 1 + g.IntN(4) {
			g.declare()
		}
	}
	for range 2 + g.IntN(8) {
		g.try(g.statement)
	}
	if n >= 93 && n < 96 {
		g.draft.items = append(g.draft.items, item{text: pick(g, []string{
			"fmt.Println(nowhere)", "var wrong int = \"text\"\n_ = wrong", "fmt.Println(1 + \"a\")", "if true {", "show.Nothing(3)",
		})})
	} else if n >= 96 {
		g.try(func() (item, bool) {
			return item{text: pick(g, []string{"panic(\"stop\")", "panic(fmt.Errorf(\"wrapped: %w\", stock.ErrEmpty))",
				"fmt.Println([]int{1, 2}[len(fmt.Sprint())+5])", "(*stock.Box)(nil).Grow(1)", "var none map[string]int\nnone[\"a\"] = 1",
				"fmt.Println(any(3).(string))", "_ = any(3).(fmt.Stringer)"})}, true
		})
		g.try(g.statement)
	}
	if g.chance(12) {
		g.readAbove()
	}
	if g.chance(50) {
		g.shuffle()
	}
	if g.chance(30) {
		c := &ctx{}
		var list []string
		for range 1 + g.IntN(3) {
			list = append(list, g.expr(c, types.Typ[pick(g, []types.BasicKind{types.Int, types.String, types.Bool})], 2))
		}
		was := g.draft.clone()
		// A line that begins with ! is for the shell.
		list[0] = "(" + list[0] + ")"
		g.draft.last = strings.Join(list, ", ")
		if !g.look(g.draft) {
			g.draft = was
		}
	}
	return g.draft
}

// first declares what most scripts can use.
func (g *generator) first() {
	g.try(func() (item, bool) { return item{true, g.constant(g.name("k"))}, true })
	for range 2 {
		g.try(func() (item, bool) { return item{true, g.leaf(g.name("leaf"))}, true })
	}
	for range 2 {
		name := g.name("t")
		g.try(func() (item, bool) { return item{true, g.typeDecl(name)}, true })
		for _, m := range []string{"Area", "Name", pick(g, []string{"Error", "String", "size", "with"})} {
			g.try(func() (item, bool) { return g.method(name, m) })
		}
	}
	g.try(func() (item, bool) { return item{true, g.interfaceDecl(g.name("i"))}, true })
	name := g.name("own")
	g.cooked[name] = g.IntN(len(recipes))
	g.cook(name, recipes[g.cooked[name]])
	for range 2 {
		g.try(func() (item, bool) { return item{true, g.variable(g.name("v"))}, true })
	}
}

// readAbove uses a variable and then declares it anew, of any type.
func (g *generator) readAbove() {
	vs := g.objects("v")
	if len(vs) == 0 {
		return
	}
	v := pick(g, vs).Name()
	statement := func(text string) {
		g.try(func() (item, bool) { return item{text: text}, true })
	}
	reader := ""
	if g.chance(60) { // a function that takes every type
		reader = g.name("f")
		g.try(func() (item, bool) {
			return item{true, fmt.Sprintf("func %s() string { return show.Value(%s) }", reader, v)}, true
		})
	}
	statement(pick(g, []string{
		fmt.Sprintf("fmt.Println(show.Value(%s))", v),
		fmt.Sprintf("%s := []any{%s}", g.name("v"), v),
		fmt.Sprintf("func() { fmt.Println(show.Value(%s)) }()", v),
	}))
	t := g.typ(1)
	value := g.typed(t, g.expr(&ctx{level: 5}, t, 2))
	if g.chance(30) {
		value = pick(g, []string{"show.Value(" + v + ")", "[]any{" + v + "}"})
	} else if types.IsInterface(t) {
		value = fmt.Sprintf("%s(%s)", typeText(t), value)
	}
	statement(v + " := " + value)
	if reader != "" {
		statement("fmt.Println(" + reader + "())")
	}
}

// shuffle moves declarations, but for those of variables, to anywhere in the cell.
func (g *generator) shuffle() {
	var decls, rest []item
	for _, it := range g.draft.items {
		if it.declares && !strings.HasPrefix(it.text, "var ") {
			decls = append(decls, it)
		} else {
			rest = append(rest, it)
		}
	}
	for _, it := range decls {
		rest = slices.Insert(rest, g.IntN(len(rest)+1), it)
	}
	g.draft.items = rest
}

// look checks a cell; if the model takes it, the scope is as after it.
func (g *generator) look(c entry) bool {
	p, err := g.m.plan(c, true)
	if err != nil || p.refused != "" {
		return false
	}
	g.scope = p.pkg
	return true
}

// try adds an item to the cell if it compiles.
func (g *generator) try(make func() (item, bool)) bool {
	for range 5 {
		it, ok := make()
		if !ok {
			continue
		}
		c := g.draft.clone()
		if it.declares {
			at := len(c.items)
			if strings.HasPrefix(it.text, "var ") && g.chance(70) {
				if at = slices.IndexFunc(c.items, func(i item) bool { return !i.declares }); at < 0 {
					at = len(c.items)
				}
			}
			c.items = slices.Insert(c.items, at, it)
		} else {
			c.items = append(c.items, it)
		}
		if g.look(c) {
			g.draft = c
			return true
		}
	}
	return false
}

// name makes a new name, with a capital or without.
func (g *generator) name(prefix string) string {
	g.names++
	if g.chance(40) {
		prefix = string(unicode.ToUpper(rune(prefix[0]))) + prefix[1:]
	}
	return prefix + strconv.Itoa(g.names)
}

func (g *generator) temp() string {
	g.temps++
	return "x" + strconv.Itoa(g.temps)
}

// isA reports whether a name was made with a prefix.
func isA(name, prefix string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(name), prefix)
	_, err := strconv.Atoi(rest)
	return ok && err == nil
}

// level orders functions: each calls only those of a lower one, so that no edit makes a
// circle of calls.
func level(name string) int {
	n, err := strconv.Atoi(strings.TrimLeft(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		return 100
	}
	return n % 5
}

// objects lists what is declared, by kind of name.
func (g *generator) objects(prefix string) []types.Object {
	if g.scope == nil {
		return nil
	}
	lost := make(map[string]bool)
	for _, d := range g.m.decls {
		if d.lost {
			lost[d.names[0]] = true
		}
	}
	var list []types.Object
	for _, name := range g.scope.Scope().Names() {
		obj := g.scope.Scope().Lookup(name)
		if !isA(name, prefix) || lost[name] {
			continue
		}
		is := false // a name can have come to mean something else
		switch prefix {
		case "v":
			_, is = obj.(*types.Var)
		case "k":
			_, is = obj.(*types.Const)
		case "leaf", "f", "do", "gen":
			_, is = obj.(*types.Func)
		default:
			_, is = obj.(*types.TypeName)
		}
		if is {
			list = append(list, obj)
		}
	}
	return list
}

// deletable are names of the session.
func (g *generator) deletable() []string {
	var names []string
	for _, d := range g.m.decls {
		if d.recv == "" && (d.kind != token.CONST || len(d.names) == 1) {
			names = append(names, d.names[0])
		}
	}
	return names
}
