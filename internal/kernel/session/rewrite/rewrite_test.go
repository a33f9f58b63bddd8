package rewrite_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/sessiontest"
)

// code returns what is made of the last of some cells.
func code(t *testing.T, cells ...string) string {
	t.Helper()
	n := sessiontest.New(t)
	text := ""
	for _, cell := range cells {
		_, made := n.Run(cell)
		text = made.Text
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", text, 0); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return text
}

// functionOf returns the text of a function of generated code.
func functionOf(t *testing.T, text, name string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			return text[fset.Position(f.Pos()).Offset:fset.Position(f.End()).Offset]
		}
	}
	t.Fatalf("no function %s in\n%s", name, text)
	return ""
}

// Code looks at the word of interrupts in each loop and where a function may call itself, and nowhere else.
func TestWhereCodePolls(t *testing.T) {
	polls := regexp.MustCompile(`Flag|ᐧpoll|ᐧs\d*\b`)
	for _, c := range []struct {
		name, body string
		polls      bool
	}{
		{"no loop", "func f(x int) int { return x + 1 }", false},
		{"a loop without an end", "func f(x int) int { for x > 0 { x = -x }; return x }", true},
		{"a loop that counts", "func f(x int) int { s := 0; for i := 0; i < x; i++ { s += i }; return s }", true},
		{"a recursion", "func f(x int) int { if x < 2 { return x }; return f(x-1) + f(x-2) }", true},
		{"a goto", "func f(x int) int {\nagain: x--; if x > 0 { goto again }; return x }", true},
		{"a wait", "func f(x int) int { c := make(chan int); <-c; return x }", true},
	} {
		text := functionOf(t, code(t, c.body), "fᐧ1")
		if got := polls.MatchString(text); got != c.polls {
			t.Errorf("%s: polls %v, want %v\n%s", c.name, got, c.polls, text)
		}
	}
}

// A loop that is cheap, but for loops in it, pays for a look once in a strip; and one whose steps are known to be
// positive does not even count its iterations.
func TestWhichLoopsAreCut(t *testing.T) {
	for _, c := range []struct {
		name, body   string
		strips, ends int // loops that are cut, and those of them that know where a strip ends
	}{
		{"a sieve", "func f(n int, s []bool) { for i := 2; i < n; i++ { for j := 2 * i; j < n; j += i { s[j] = true } } }", 2, 2},
		{"a step that may be 0", "func f(n int, s []bool) { for i := 0; i < n; i++ { for j := 2 * i; j < n; j += i { s[j] = true } } }", 2, 1},
		{"a step that is changed", "func f(n int, s []bool) { for i := 2; i < n; i++ { for j := 2 * i; j < n; j += i { s[j] = true }; i-- } }", 2, 0},
		{"a step that is changed in the loop", "func f(n int, s []bool) { for i := 2; i < n; i++ { for j := 2 * i; j < n; j += i { i = 0 } } }", 2, 0},
		{"a parameter as step", "func f(n, k int, s []bool) { for j := 0; j < n; j += k { s[j] = true } }", 1, 0},
		{"a constant step", "func f(n int, s []bool) { for j := 0; j < n; j += 3 { s[j] = true } }", 1, 1},
		{"a step down", "func f(n int, s []bool) { for j := n; j > 0; j += -3 { s[j] = true } }", 1, 0},
		{"a counter that overflows soon", "func f(n int32, s []bool) { for j := int32(0); j < n; j += 3 { s[j] = true } }", 1, 0},
		{"a loop around one that does not look", "func f(n int) (s int) { for i := 0; i < n; i++ { for j := 0; j < 5; j++ { s += j } }; return s }", 0, 0},
		{"a loop around one that waits", "func f(n int, c chan int) (s int) { for i := 0; i < n; i++ { for x := range c { s += x } }; return s }", 0, 0},
		{"a loop around a labelled one", "func f(n int) (s int) { for i := 0; i < n; i++ {\nl:\nfor j := 0; j < n; j++ { s += j; continue l } }; return s }", 0, 0},
	} {
		text := functionOf(t, code(t, c.body), "fᐧ1")
		ends := strings.Count(text, "ᐧend1 :=") + strings.Count(text, "ᐧend2 :=")
		if strips := ends + strings.Count(text, "ᐧk1 :=") + strings.Count(text, "ᐧk2 :="); strips != c.strips || ends != c.ends {
			t.Errorf("%s: %d strips, %d with ends, want %d and %d\n%s", c.name, strips, ends, c.strips, c.ends, text)
		}
	}
}

// Another unit's function is called through a variable, and its variables and types by their symbols.
func TestReferencesToEarlierCells(t *testing.T) {
	text := code(t, "var total int\ntype point struct{ x int }\nfunc (p point) twice() int { return 2 * p.x }\nfunc add(k int) { total += k }", "add(point{2}.twice())\ntotal")
	for _, want := range []string{"ᐧƒadd", "ᐧƒpointᐧtwice", "type point struct", "var total int"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "total += k") || strings.Contains(text, "2 * p.x") {
		t.Errorf("code of an earlier cell is in\n%s", text)
	}
}

// A generic function has no code of its own: who uses it compiles it.
func TestGenericFunctionsAreCompiledWhereTheyAreUsed(t *testing.T) {
	text := code(t, "func largest[T int | string](xs ...T) T { m := xs[0]; for _, x := range xs { m = max(m, x) }; return m }", "largest(1, 2) + 3")
	if !strings.Contains(text, "func largest[") || !strings.Contains(text, "max(m, x)") {
		t.Errorf("its text is not in\n%s", text)
	}
}

// A method of a generic type is called as it is, so that the compiler can put it in place of the call, in code
// that is over before there is another version; what may outlive the version calls the newest.
func TestWhereVersionsOfGenericMethodsAreCalled(t *testing.T) {
	const typ = "type box[T any] struct{ v T }\nfunc (b *box[T]) get() T { return b.v }\nfunc (b box[E]) Twice() []E { return []E{b.get(), b.get()} }\n" +
		"func short(b *box[int]) int { return b.get() }\nfunc long(b *box[int]) { for { b.get() } }\nfunc kept(b *box[int]) func() int { return b.get }\nfunc lit(b *box[int]) func() int { return func() int { return b.get() } }"
	for name, text := range map[string]string{"the cell that declares the type": code(t, typ), "another cell": code(t, typ, "func short(b *box[int]) int { return b.get() + 1 }\nfunc long(b *box[int]) { for { b.get(); b.get() } }\n"+
		"func kept(b *box[int]) func() int { f := b.get; return f }\nfunc lit(b *box[int]) func() int { return func() int { return b.get() + 1 } }")} {
		for f, direct := range map[string]bool{"shortᐧ": true, "longᐧ": false, "keptᐧ": false, "litᐧ": false, "ᐧTwiceᐧ": true, "get": true} {
			if name := f; strings.HasSuffix(f, "ᐧ") {
				if f += "1"; !strings.Contains(text, "func "+f+"(") && !strings.Contains(text, ") "+f+"(") {
					f = name + "2"
				}
			}
			if got := strings.Contains(functionOf(t, text, f), ".ᐧgetᐧ1("); got != direct {
				t.Errorf("%s: %s calls the version: %v, want %v\n%s", name, f, got, direct, functionOf(t, text, f))
			}
		}
	}
}

// What is declared again has another symbol where the program can tell a difference, and the same where not.
func TestSymbolsOfVersions(t *testing.T) {
	n := sessiontest.New(t)
	symbols := func(cell string) map[string]string {
		_, made := n.Run(cell)
		list := make(map[string]string)
		for name, d := range made.Names {
			list[name] = d.Symbol
		}
		return list
	}
	first := symbols("type point struct{ x int }\nfunc norm(p point) int { return p.x }\nvar origin point\nfunc Main() {}\nfunc min(x int) int { return x }")
	for name, want := range map[string]string{"point": "point", "norm": "norm", "origin": "origin", "Main": "ᐧMain", "min": "minᐧ1"} {
		if first[name] != want {
			t.Errorf("%s has the symbol %s, want %s", name, first[name], want)
		}
	}
	second := symbols("func norm(p point) int { return -p.x }")
	if second["norm"] != first["norm"] {
		t.Errorf("a function of the same signature became %s", second["norm"])
	}
	third := symbols("type point struct{ x, y int }")
	if third["point"] == first["point"] || third["origin"] == first["origin"] || third["norm"] == first["norm"] {
		t.Errorf("another type has left symbols as they were: %v", third)
	}
}

// The statements of a cell keep their lines, so that errors and stacks name those of the cell.
func TestLinesAreThoseOfTheCell(t *testing.T) {
	text := code(t, "x := 1\n\n\nfunc f() int {\n\treturn x / (x - 1)\n}\ny := f()")
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	lines := make(map[string]int)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.QUO {
				lines["the division"] = fset.Position(n.Pos()).Line
			}
		case *ast.AssignStmt:
			if id, ok := n.Lhs[0].(*ast.Ident); ok && (id.Name == "y" || id.Name == "x") {
				lines[id.Name] = fset.Position(n.Rhs[0].Pos()).Line
			}
		}
		return true
	})
	for what, want := range map[string]int{"x": 1, "the division": 5, "y": 7} {
		if lines[what] != want {
			t.Errorf("%s is on line %d, want %d\n%s", what, lines[what], want, text)
		}
	}
}

// Code that runs once is compiled without inlining, and code with loops or generic types is not.
func TestOnce(t *testing.T) {
	n := sessiontest.New(t)
	for _, c := range []struct {
		cell string
		once bool
	}{
		{"a := 1\nb := a + 2", true},
		{"for i := range 3 { _ = i }", false},
		{"func f() int { return 1 }", false},
	} {
		if _, made := n.Run(c.cell); made.Once != c.once {
			t.Errorf("%s: once %v", c.cell, made.Once)
		}
	}
}

// A unit needs those whose declarations it uses, each once, the first ones first.
func TestUnitsThatAreNeeded(t *testing.T) {
	n := sessiontest.New(t)
	_, a := n.Run("func a() int { return 1 }")
	_, b := n.Run("func b() int { return a() }")
	_, _ = n.Run("func unused() int { return b() }")
	_, last := n.Run("a() + b()")
	if want := []string{a.ID, b.ID}; len(last.Needs) != 2 || !slices.Equal([]string{last.Needs[0].ID, last.Needs[1].ID}, want) {
		t.Errorf("%v, want %v", last.Needs, want)
	}
	var modules []string
	for _, m := range last.Modules() {
		modules = append(modules, m.ID)
	}
	if want := []string{a.ID, b.ID, last.ID}; !slices.Equal(modules, want) {
		t.Errorf("the modules are %v, want %v", modules, want)
	}
}
