package decl

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// declared makes a state of a file of package main, without symbols.
func declared(t *testing.T, source string) *State {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", "package main\n"+source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object), Types: make(map[ast.Expr]types.TypeAndValue)}
	pkg, err := (&types.Config{}).Check("main", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	st := NewState(pkg)
	add := func(id *ast.Ident, kind syntax.Kind, node ast.Node) *Decl {
		d := &Decl{Name: id.Name, Symbol: id.Name, Kind: kind, Obj: info.Defs[id], Node: node, Info: info}
		st.Of[d.Obj] = d
		return d
	}
	var methods []*ast.FuncDecl
	for _, each := range file.Decls {
		switch each := each.(type) {
		case *ast.FuncDecl:
			if each.Recv != nil {
				methods = append(methods, each)
				continue
			}
			d := add(each.Name, syntax.FuncDecl, each)
			d.Generic = each.Type.TypeParams != nil
			st.Names[d.Name] = d
		case *ast.GenDecl:
			for _, spec := range each.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					st.Names[spec.Name.Name] = add(spec.Name, syntax.TypeDecl, spec)
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						if each.Tok == token.CONST {
							st.Names[id.Name] = add(id, syntax.ConstDecl, each)
						} else {
							st.Names[id.Name] = add(id, syntax.VarDecl, nil)
						}
					}
				}
			}
		}
	}
	for _, f := range methods {
		recv := f.Recv.List[0].Type
		if star, ok := recv.(*ast.StarExpr); ok {
			recv = star.X
		}
		m := &Decl{Name: f.Name.Name, Symbol: f.Name.Name, Kind: syntax.FuncDecl, Obj: info.Defs[f.Name], Node: f, Info: info, Recv: st.Names[recv.(*ast.Ident).Name]}
		m.Recv.Methods = append(m.Recv.Methods, m)
	}
	for _, d := range st.Names {
		if d.Kind == syntax.VarDecl {
			st.VariableUses(d, info)
			continue
		}
		for _, each := range append([]*Decl{d}, d.Methods...) {
			each.Uses = make(map[*Decl]bool)
			st.TextUses(each.Node, info, each.Uses)
			delete(each.Uses, each)
		}
	}
	return st
}

func names(set map[*Decl]bool) string {
	var list []string
	for d := range set {
		list = append(list, d.Name)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

const shop = "type item struct{ price int }\nfunc (i item) cost() int { return i.price * rate }\nconst rate = 2\nvar stock []item\n" +
	"func total() int { s := 0; for _, i := range stock { s += i.cost() }; return s }\nfunc report() string { return string(rune(total())) }\nfunc apart() int { return 1 }\nvar n int\n"

func TestWhatRefersToWhat(t *testing.T) {
	st := declared(t, shop)
	for name, want := range map[string]string{
		"report": "cost item rate report stock total", // with the methods of types on the way
		"stock":  "cost item rate stock",
		"apart":  "apart",
		"rate":   "rate",
	} {
		if got := names(st.Names[name].Closure(nil)); got != want {
			t.Errorf("%s refers to %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"item":   "report stock total",
		"rate":   "item report stock total",
		"total":  "report",
		"report": "",
		"n":      "",
	} {
		if got := names(Dependants(maps.Values(st.Names), map[*Decl]bool{st.Names[name]: true})); got != want {
			t.Errorf("%s is what depends on %s, want %s", got, name, want)
		}
	}
	if got := Reads(map[*Decl]bool{st.Names["report"]: true, st.Names["n"]: true}); !slices.Equal(got, []string{"n", "stock"}) {
		t.Errorf("it reads %q", got)
	}
}

// The next state is another one: what is changed in it is not seen by who reads this one.
func TestNextStateIsApart(t *testing.T) {
	st := declared(t, shop)
	st.Imports["fmt"], st.DotImports = "fmt", []string{"math"}
	next := st.Next()
	if next.Names["n"] != st.Names["n"] || len(next.Of) != len(st.Of) {
		t.Error("the next state begins with other declarations")
	}
	next.Set("fresh", &Decl{Name: "fresh"})
	next.Drop("n")
	next.Imports["fmt"], next.Auto["fmt"], next.Stale["n"], next.Lost["n"], next.Altered["item"] = "other/fmt", true, "why", "why", true
	next.Know(types.NewVar(token.NoPos, st.Pkg, "fresh", types.Typ[types.Int]), next.Names["fresh"])
	next.Lose("item", st.Names["item"])
	next.DotImports = append(next.DotImports, "os")
	if st.Names["fresh"] != nil || st.Names["n"] == nil || st.Imports["fmt"] != "fmt" || len(st.Auto)+len(st.Stale)+len(st.Lost)+len(st.Altered)+len(st.Gone) > 0 || len(st.Of) != len(st.Names) || len(st.DotImports) != 1 {
		t.Errorf("the state has changed: %+v", st)
	}
	if next.Gone["item"] == nil || next.Gone["item.cost"] == nil || next.Before("item") != st.Names["item"] {
		t.Error("what is lost is not gone with its methods")
	}
	// What follows the next one leaves that as it is, too.
	after := next.Next()
	after.Drop("fresh")
	after.Know(types.Universe.Lookup("len"), st.Names["n"])
	if next.Names["fresh"] == nil || len(next.Of) != len(st.Of)+1 {
		t.Errorf("the next state has changed: %+v", next)
	}
	after.Drop("unknown")
}

// To begin a cell costs next to nothing, however much earlier ones have declared.
func BenchmarkNext(b *testing.B) {
	st := NewState(types.NewPackage("session", "main"))
	for i := range 2000 {
		d := &Decl{Name: fmt.Sprint("name", i), Obj: types.NewVar(token.NoPos, st.Pkg, fmt.Sprint("name", i), types.Typ[types.Int])}
		st.Set(d.Name, d)
		st.Know(d.Obj, d)
	}
	for b.Loop() {
		st.Next()
	}
}

// A version that a program can tell no difference of keeps the symbol.
func TestSymbolsOfVersions(t *testing.T) {
	y := NewSymbols()
	st := NewState(nil)
	take := func(source string) map[string]string {
		next := declared(t, source)
		st.Pkg = next.Pkg
		own := make(map[*Decl]bool)
		for obj, d := range next.Of {
			st.Of[obj] = d
		}
		for _, d := range next.Names {
			d.Symbol = ""
			own[d] = true
			for _, m := range d.Methods {
				own[m] = true
			}
		}
		y.Assign(st, own)
		symbols := make(map[string]string)
		for name, d := range next.Names {
			symbols[name] = d.Symbol
			st.Names[name] = d
		}
		return symbols
	}
	const first = "type p struct{ x int }\nvar v p\nfunc f(a p) {}\nfunc Main() {}\nfunc len() {}\n"
	before := take(first)
	for name, want := range map[string]string{"p": "p", "v": "v", "f": "f", "Main": "ᐧMain", "len": "lenᐧ1"} {
		if before[name] != want {
			t.Errorf("%s has the symbol %s, want %s", name, before[name], want)
		}
	}
	if again := take(first); !maps.Equal(again, before) {
		t.Errorf("the same declarations have the symbols %v, and had %v", again, before)
	}
	other := take("type p struct{ x, y int }\nvar v p\nfunc f(a p) {}\nfunc Main(x int) {}\nfunc len() {}\n")
	for name, keeps := range map[string]bool{"p": false, "v": false, "f": false, "Main": false, "len": true} {
		if (other[name] == before[name]) != keeps {
			t.Errorf("%s had the symbol %s, and has %s", name, before[name], other[name])
		}
	}
	// A signature that comes back is the one that was.
	if back := take("type p struct{ x int }\nfunc Main() {}\n"); back["Main"] != before["Main"] || back["p"] == before["p"] {
		t.Errorf("%v", back)
	}
}

// What can be carried over, and what is dropped on the way, follows from the types.
func TestCarriable(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		can            bool
		dropped        string
	}{
		{"a field more", "struct{ x int }", "struct{ x, y int }", true, ""},
		{"a field less", "struct{ x int; y string }", "struct{ x int }", true, "y"},
		{"another order", "struct{ x int; y string }", "struct{ y string; x int }", true, ""},
		{"a field of another type", "struct{ x int }", "struct{ x string }", true, "x"},
		{"a number for a struct", "struct{ x int }", "int", false, ""},
		{"a longer array", "[2]int", "[3]int", false, ""},
		{"behind pointers and in maps", "map[string]*[]struct{ x int }", "map[string]*[]struct{ x, y int }", true, ""},
		{"a field of a field", "struct{ in struct{ x, y int } }", "struct{ in struct{ x int } }", true, "y"},
		{"a channel", "chan struct{ x int }", "chan struct{ x, y int }", false, ""},
		{"a channel in a field", "struct{ c chan struct{ x int } }", "struct{ c chan struct{ x, y int } }", true, "c"},
		{"a named type for one that is not", "int", "named", false, ""},
	} {
		st := declared(t, "type named int\nvar v "+c.from+"\nvar w "+c.to+"\n")
		can, dropped := st.Carriable(st.Names["v"].Obj.Type(), st.Names["w"].Obj.Type())
		var fields []string
		for _, d := range dropped {
			fields = append(fields, d.field)
		}
		if can != c.can || c.can && strings.Join(fields, " ") != c.dropped {
			t.Errorf("%s: %v, and %q is dropped; want %v and %q", c.name, can, fields, c.can, c.dropped)
		}
	}
}

// Constants of one group go together, and a method goes by its type.
func TestGroups(t *testing.T) {
	st := declared(t, "const ( a, b = iota, iota\n c, d )\nconst e = 1\ntype t int\nfunc (t) m() {}\n")
	for d, want := range map[*Decl]string{st.Names["b"]: "a b c d", st.Names["e"]: "e", st.Names["t"].Methods[0]: "t.m", st.Names["t"]: "t"} {
		if got := strings.Join(d.Group(), " "); got != want {
			t.Errorf("%s goes with %s, want %s", d.Name, got, want)
		}
	}
}

// Each unit is loaded once, after those that it needs.
func TestModulesInOrder(t *testing.T) {
	a := &Unit{ID: "a"}
	b := &Unit{ID: "b", Needs: []*Unit{a}}
	c := &Unit{ID: "c", Needs: []*Unit{a, b}, Foreign: []string{"example.com/m"}}
	var order []string
	for _, m := range c.Modules() {
		order = append(order, m.ID+":"+strings.Join(m.Needs, ","))
	}
	if want := []string{"a:", "b:a", "c:a,b"}; !slices.Equal(order, want) {
		t.Errorf("%q, want %q", order, want)
	}
}
