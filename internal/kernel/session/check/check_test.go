package check_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/sessiontest"
)

// What is wrong with a cell is said at its place, with what may be meant.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		name       string
		before     []string // cells
		cell       string
		line       int
		message    string // a part of it
		hint, text string
	}{
		{"an unknown name", []string{"total := 1"}, "x := 1\ny := totl + x", 2, "undefined: totl", "total", "y := totl + x"},
		{"a type of an earlier cell", []string{"type point struct{ x int }"}, "point{}.y", 1, "y undefined", "", "point{}.y"},
		{"a constant that fits nowhere", nil, "1 << 70", 1, "overflows", "", "1 << 70"},
		{"statements after a syntax error", nil, "a := 1\nif a {", 2, "expected", "", ""},
		{"a duplicate method", nil, "type p int\nfunc (p) m() {}\nfunc (p) m() {}", 3, "already declared", "", ""},
		{"what another cell has as a function", []string{"func f() {}"}, "f()+1", 1, "f()", "", ""},
		{"a circle of types", nil, "type a struct{ b b }\ntype b struct{ a a }", 1, "invalid recursive type", "", ""},
		{"an assignment to what a package has", nil, "import \"fmt\"\nfmt.Nothing = 1", 2, "undefined: fmt.Nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := sessiontest.New(t)
			for _, cell := range c.before {
				n.Run(cell)
			}
			_, err := n.Check(c.cell)
			var errs *diag.Errors
			if !errors.As(err, &errs) || len(errs.List) == 0 {
				t.Fatalf("the cell is taken, or fails with %v", err)
			}
			d := errs.List[0]
			if d.Line != c.line || !strings.Contains(d.Message, c.message) || !strings.Contains(d.Hint, c.hint) || c.text != "" && d.Text != c.text {
				t.Errorf("line %d: %q (%q) in %q", d.Line, d.Message, d.Hint, d.Text)
			}
		})
	}
}

// What Go forbids in a program and a cell may do: unused variables and imports, values as statements,
// declarations again, in any order.
func TestWhatACellMay(t *testing.T) {
	for _, cells := range [][]string{
		{"func f() { x := 1 }"},
		{"import \"os\"\n1 + 1"},
		{"x := 1", "x := \"a\"", "y := x + \"b\""},
		{"func f() int { return g() }\nfunc g() int { return 1 }\nf()"},
		{"type t struct{ next *t }", "func (x *t) last() *t { return x.next }", "new(t).last()"},
		{"a := b\nvar b = 2"},
		{"type point struct{ x int }\np := point{1}", "type point struct{ x, y int }", "p.y"},
	} {
		n := sessiontest.New(t)
		for i, cell := range cells {
			if _, err := n.Check(cell); err != nil {
				t.Errorf("cell %d of %q: %v", i+1, cells, err)
				break
			}
			n.Run(cell)
		}
	}
}

// A cell that changes a declaration brings with it what depends on that, and nothing else.
func TestDependantsAreCompiledAgain(t *testing.T) {
	n := sessiontest.New(t)
	n.Run("type point struct{ x int }\nfunc norm(p point) int { return p.x }\nfunc twice(p point) int { return 2 * norm(p) }\nfunc other() int { return 1 }\nvar origin point")
	n.Run("var where = twice(origin)")
	again := func(cell string) (names []string) {
		c, err := n.Check(cell)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range c.Extra {
			names = append(names, d.FullName())
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	for cell, want := range map[string][]string{
		"type point struct{ x, y int }":             {"norm", "origin", "twice"},
		"func norm(p point) int { return -p.x }":    {"twice"},
		"func other() int { return 2 }":             nil,
		"type point struct{ x int }":                nil, // as it was
		"func fresh() int { return twice(origin) }": nil,
	} {
		if got := again(cell); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", cell, got, want)
		}
	}
}

// What a cell declares, changes, reads and writes is what it says in its text, and through the functions
// that it calls.
func TestReadsAndWrites(t *testing.T) {
	n := sessiontest.New(t)
	n.Run("var count, limit int\nfunc add(k int) { count += k }\nfunc level() int { return limit }")
	for _, c := range []struct {
		cell                    string
		declares, reads, writes string
		acts                    bool
	}{
		{"count + level()", "", "count level limit", "", false},
		{"add(level())", "", "add count level limit", "count", false},
		{"x := limit\nvar y = 2", "x y", "limit", "", false},
		{"type t int\nfunc (t) m() {}", "t t.m", "", "", false},
		{"import \"fmt\"\nfmt.Println(limit)\nlimit++", "fmt", "limit", "limit", true},
		{"limit = 3", "", "limit", "limit", true},
		{"limit++", "", "limit", "limit", true},
	} {
		cell, err := n.Check(c.cell)
		if err != nil {
			t.Fatal(err)
		}
		reads, writes := cell.ReadsAndWrites()
		declares := cell.DeclaredNames()
		slices.Sort(declares)
		got := []string{strings.Join(declares, " "), strings.Join(reads, " "), strings.Join(writes, " ")}
		if want := []string{c.declares, c.reads, c.writes}; !slices.Equal(got, want) || cell.Acts() != c.acts {
			t.Errorf("%s\ndeclares, reads, writes %q and acts %v, want %q and %v", c.cell, got, cell.Acts(), want, c.acts)
		}
	}
}
