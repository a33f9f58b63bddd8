package program

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/sessiontest"
)

// checked is a session that compiles nothing.
type checked struct{ *sessiontest.Notebook }

func (s checked) Names() (names []session.Name) {
	for _, d := range s.State.Current() {
		names = append(names, session.Name{Name: d.Name})
	}
	return names
}

func (s checked) Take(_ context.Context, source string, _ int) (*check.Cell, *session.Unit, error) {
	c, code := s.Run(source)
	return c, &session.Unit{Code: code, Shown: rewrite.ShownType(c)}, nil
}

func (s checked) Mod(context.Context, []string) (string, error) { return "module m\n", nil }

// programOf makes a program of cells, which must be Go, and returns its files and notes as one text.
func programOf(t *testing.T, cells ...string) string {
	t.Helper()
	n := sessiontest.New(t)
	p := New(checked{n})
	for i, source := range cells {
		if err := p.Add(t.Context(), source, i+1); err != nil {
			t.Fatalf("%s\n%v", source, err)
		}
	}
	files, notes, err := p.Files()
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
		if name != "main.go" || len(cells) == 0 {
			fmt.Fprintf(&text, "-- %s\n%s", name, strings.TrimPrefix(string(files[name]), "package main\n"))
		}
	}
	conf := types.Config{Importer: n.Index, Sizes: check.Sizes}
	if _, err := conf.Check("main", fset, parsed, nil); err != nil {
		t.Errorf("the program is no Go: %v\n%s", err, &text)
	}
	for _, note := range notes {
		fmt.Fprintf(&text, "note: %s\n", note)
	}
	return regexp.MustCompile("\n\\s*\n").ReplaceAllString(text.String(), "\n")
}

// What the files of cells are. Lines about the notebook's cells, and empty ones, are left out.
func TestPrograms(t *testing.T) {
	for _, test := range []struct {
		name  string
		cells []string
		want  string
	}{
		{"nothing", nil, "-- main.go\n// Command of the cells of a notebook, as goparallel export has written it.\npackage main\nfunc main() {\n}"},
		{"variables are the package's", []string{"x := 3\nfunc twice(n int) int { return 2 * n }\ntwice(x)", "x := x + 1\nx;"}, `
-- cell01.go
var x int
func twice(n int) int { return 2 * n }
func cell1() {
	x = 3
	show(twice(x))
}
-- cell02.go
func cell2() {
	x = x + 1
	_ = x
}`},
		{"a variable of another type is another one", []string{"x := 1", "x := \"text\"\nlen(x)"}, `
-- cell01.go
var x int
func cell1() {
	x = 1
}
-- cell02.go
var x2 string
func cell2() {
	x2 = "text"
	show(len(x2))
}`},
		{"the last function counts", []string{"func f() int { return 1 }", "func f() int { return 2 }\nfunc g() int { return f() }"}, `
-- cell02.go
func f() int { return 2 }
func g() int { return f() }
note: f of cell[1] is declared again by cell[2], and the program has that one from its start`},
		{"a declaration that is repeated stands once", []string{"func f() int { return 1 }", "func f() int { return 1 }\nf()"}, `
-- cell01.go
func f() int { return 1 }
-- cell02.go
func cell2() {
	show(f())
}`},
		{"the last method counts", []string{"type p struct{ X int }\nfunc (q p) Get() int { return q.X }", "func (q p) Get() int { return -q.X }"}, `
-- cell01.go
type p struct{ X int }
-- cell02.go
func (q p) Get() int { return -q.X }
note: p.Get of cell[1] is declared again by cell[2], and the program has that one from its start`},
		{"of constants in one declaration some are declared again", []string{"const a, b = iota, iota + 1", "const a = 7"}, `
-- cell01.go
const _, b = iota, iota + 1
-- cell02.go
const a = 7
note: a of cell[1] is declared again by cell[2], and the program has that one from its start`},
		{"of constants and types in groups some are declared again", []string{"const (\n\ta = iota + 1\n\tb\n)\ntype (\n\tm int\n\tn []m\n)", "const b = 7\ntype m string", "n{}[:b-a]"}, `
-- cell01.go
const (
	a = iota + 1
	_
)
type (
	_ int
	n []m
)
-- cell02.go
const b = 7
type m string
-- cell03.go
func cell3() {
	show(n{}[:b-a])
}
note: b of cell[1] is declared again by cell[2], and the program has that one from its start
note: m of cell[1] is declared again by cell[2], and the program has that one from its start`},
		{"imports go before variables", []string{"import \"strings\"\nstrings.ToUpper(\"a\")", "strings := 5\nstrings"}, `
-- cell01.go
import "strings"
func cell1() {
	show(strings.ToUpper("a"))
}
-- cell02.go
var strings2 int
func cell2() {
	strings2 = 5
	show(strings2)
}`},
		{"names of the program's own", []string{"show := 1\ncell2 := 3", "func main() {}\nmain()\nshow + cell2"}, `
-- cell01.go
var cell22 int
var show2 int
func cell1() {
	show2 = 1
	cell22 = 3
}
-- cell02.go
func main2() {}
func cell2() {
	main2()
	show(show2 + cell22)
}`},
		{"values of earlier cells", []string{"os.Open(\"/none\")", "6 * 7", "_ + 1", "_2 + _3"}, `
-- cell01.go
import "os"
func cell1() {
	showResults(os.Open("/none"))
}
-- cell02.go
// shown2 is the value that the notebook's cell[2] shows.
var shown2 int
func cell2() {
	shown2 = 6 * 7
	show(shown2)
}
-- cell03.go
// shown3 is the value that the notebook's cell[3] shows.
var shown3 int
func cell3() {
	shown3 = shown2 + 1
	show(shown3)
}
-- cell04.go
func cell4() {
	show(shown2 + shown3)
}`},
		{"init functions run with their cell", []string{"func init() { println(1) }\nvar v = 4\nv;"}, `
-- cell01.go
var v int
func cell1Init() { println(1) }
func cell1() {
	v = 4
	cell1Init()
	_ = v
}`},
		{"a type that cannot be written", []string{"x := binary.LittleEndian"}, `
-- cell01.go
import "encoding/binary"
func cell1() {
	x := binary.LittleEndian
	_ = x
}
note: x of cell[1] has a type that cannot be written, encoding/binary.littleEndian, and is known to that cell alone`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := regexp.MustCompile(`(?m)^// cell\d+ is .*\n`).ReplaceAllString(programOf(t, test.cells...), "")
			if strings.TrimSpace(got) != strings.TrimSpace(test.want) {
				t.Errorf("the program is\n%s", got)
			}
		})
	}
}

// What views send to engines is registered where the program begins, and notes say what engines do not have there.
func TestFunctionsForEngines(t *testing.T) {
	const head = "import \"github.com/goparallel/goparallel/parallel\"\nk := 3\nvar v *parallel.View\n"
	for _, test := range []struct {
		name, cell string
		want       []string
	}{
		{"a function", "func sq(x int) int { return x * x }\nfunc sum(x ...int) int { return 0 }\nv.MapSync(sq, []int{1})", []string{"func init() { parallel.Register(sq) }", "MapSync(sq, "}},
		{"a literal", "v.MapSync(func(x int) int { return x + 1 }, []int{1})", []string{`var mapped = parallel.Func("mapped", func(x int) int { return x + 1 })`, "MapSync(mapped, "}},
		{"a literal with an error", "v.MapErrSync(func(x int) (int, error) { return x, nil }, []int{1})", []string{`var mapped = parallel.FuncErr("mapped", `}},
		{"a literal that reads a variable", "v.MapSync(func(x int) int { return x + k }, []int{1})",
			[]string{`parallel.Func("mapped", `, "note: cell[2] gives MapSync a function literal that reads k, of which engines of a program have the value from their own start"}},
		{"a literal that captures", "func over(y int) { v.MapSync(func(x int) int { return x + y }, []int{1}) }",
			[]string{"MapSync(func(x int) int { return x + y }, ", "note: cell[2] gives MapSync a function literal that captures y, which engines of a program do not know"}},
		{"a literal that runs here", "parallel.Timeit(func() { k++ })\nfunc time(y int) { parallel.Timeit(func() { y++ }) }", []string{"parallel.Timeit(func() { y++ })"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := programOf(t, head, test.cell)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("the program lacks %s:\n%s", want, got)
				}
			}
			if notes := strings.Count(strings.Join(test.want, "\n"), "note: "); strings.Count(got, "note: ") != notes {
				t.Errorf("%d notes were expected:\n%s", notes, got)
			}
		})
	}
	got := programOf(t, head+"func sq(x int) int { return x * x }", "func sq(x int) int { return -x }\nv.MapSync(sq, []int{1})")
	if n := strings.Count(got, "parallel.Register(sq)"); n != 1 {
		t.Errorf("a function that is declared twice is registered %d times:\n%s", n, got)
	}
}
