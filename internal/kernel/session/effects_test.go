package session_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEffects runs the cells of testdata/effects: Go files whose functions and
// variables have a comment that begins with "changes" and says what a call could
// change in the caller's process, as the registry has it; "changes nothing" where
// that is nothing. A line that is "// ---" begins the next cell.
func TestEffects(t *testing.T) {
	files, err := filepath.Glob("testdata/effects/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no cells in testdata/effects", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go"), func(t *testing.T) {
			n := open(t)
			n.run(`import (
				_ "github.com/goparallel/goparallel/parallel"
				"github.com/goparallel/goparallel/internal/parallel/registry"
			)`)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, cells, _ := strings.Cut(string(text), "package main\n")
			for cell := range strings.SplitSeq(cells, "\n// ---\n") {
				if out := n.run(cell); out != "" {
					t.Fatalf("%s\n%s", cell, out)
				}
			}
			want := expectations(t, file)
			var ask strings.Builder
			for _, e := range want {
				fmt.Fprintf(&ask, "{ what, known := registry.Writes(%s); fmt.Printf(\"%s|%%s|%%v\\n\", what, known) }\n", e.name, e.name)
			}
			out := n.run("import \"fmt\"\n" + ask.String())
			got := strings.Split(strings.TrimSpace(out), "\n")
			if len(got) != len(want) {
				t.Fatalf("%d answers to %d questions:\n%s", len(got), len(want), out)
			}
			for i, e := range want {
				if line := fmt.Sprintf("%s|%s|true", e.name, e.what); got[i] != line {
					t.Errorf("got  %s\nwant %s", got[i], line)
				}
			}
		})
	}
}

// TestEffectsOfValues asks for function literals, method values, instances and
// imported functions, for functions of cells from before the import, and for
// callers of what is declared again.
func TestEffectsOfValues(t *testing.T) {
	n := open(t)
	ask := func(want string, exprs ...string) {
		t.Helper()
		var cell strings.Builder
		for _, e := range exprs {
			fmt.Fprintf(&cell, "fmt.Println(registry.Writes(%s))\n", e)
		}
		if got := n.run(cell.String()); got != strings.TrimPrefix(want, "\n") {
			t.Errorf("cell %d, of %s: got\n%s\nwant%s", n.count, exprs, got, want)
		}
	}
	n.run("var total int\nfunc early(x int) int { total += x; return helper(x) }\nfunc helper(x int) int { return x }\nfunc late(x int) int { return helper(x) }")
	n.run(`import (
		"fmt"
		"math"
		"os"
		"regexp"
		"slices"
		"sort"
		"strings"
		_ "github.com/goparallel/goparallel/parallel"
		"github.com/goparallel/goparallel/internal/parallel/registry"
	)`)
	ask(`
assigns to total, a session variable true
 true
`, "early", "late")
	ask(`
 true
may change the parameter x true
 true
ends the process true
`, "math.Sqrt", "sort.Ints", "strings.ToUpper", "os.Exit")
	n.run(`
type account struct { balance int; log []string }
func (a *account) pay(n int) int { a.balance -= n; return a.balance }
func (a account) rest(n int) int { a.balance -= n; return a.balance }
func (a account) note(s string) int { a.log[0] = s; return 1 }
var acc account
var re = regexp.MustCompile("a")
var sb strings.Builder
func twice[T int | float64](x T) T { return 2 * x }
func overwrite[T any](xs []T) int { var none T; xs[0] = none; return 1 }
func makers() (list []func(int) int) {
	k, ks := 0, []int{1}
	list = append(list, func(x int) int { return x + k + ks[0] })
	list = append(list, func(x int) int { k += x; return k })
	list = append(list, func(x int) int { ks[0]++; return 1 })
	list = append(list, func(x int) int { k := x; k++; return k + total })
	list = append(list, func(x int) int { total++; return 1 })
	list = append(list, func(x int) int { return list[0](x) })
	return list
}
fs := makers()
for _, f := range fs { f(0) }
`)
	ask(`
 true
assigns to k, a captured variable true
assigns to ks[0], memory of the captured variable ks true
 true
assigns to total, a session variable true
calls list[0], a function that is known only when it runs true
`, "fs[0]", "fs[1]", "fs[2]", "fs[3]", "fs[4]", "fs[5]")
	n.run("pays, rests, notes := acc.pay, acc.rest, acc.note\nfinds, writes := re.FindString, sb.WriteString")
	ask(`
assigns to a.balance, memory of the receiver a true
 true
assigns to a.log[0], memory of the receiver a true
 true
may change the receiver b true
`, "pays", "rests", "notes", "finds", "writes")
	ask(`
 true
assigns to xs[0], memory of the parameter xs true
 true
may change the parameter x true
`, "twice[int]", "overwrite[string]", "slices.Max[[]int]", "slices.Sort[[]int]")

	// A function that is declared again is new in all that call it, directly or not.
	n.run("func helper(x int) int { total++; return x }")
	ask(`
assigns to total, a session variable true
calls helper, which assigns to total, a session variable true
`, "early", "late")
	n.run("f := func(x int) int { return late(x) + acc.rest(1) }")
	ask("\ncalls late, which calls helper, which assigns to total, a session variable true\n", "f")
	n.run("func helper(x int) int { return x + 1 }")
	ask("\n true\n", "late")
	n.run("f := func(x int) int { return late(x) + acc.rest(1) }")
	ask("\n true\n", "f")
	n.run("func (a account) rest(n int) int { total = n; return 1 }")
	n.run("f := func(x int) int { return late(x) + acc.rest(1) }")
	ask("\ncalls account.rest, which assigns to total, a session variable true\n", "f")
}

type expectation struct{ name, what string }

// expectations reads the comments of a file's declarations.
func expectations(t *testing.T, file string) (list []expectation) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	add := func(doc *ast.CommentGroup, name string) {
		text := strings.Join(strings.Fields(doc.Text()), " ")
		switch {
		case text == "changes nothing":
			list = append(list, expectation{name, ""})
		case strings.HasPrefix(text, "changes: "):
			list = append(list, expectation{name, strings.TrimPrefix(text, "changes: ")})
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Doc != nil && d.Recv == nil {
				add(d.Doc, name)
			}
		case *ast.GenDecl:
			if d.Doc != nil && d.Tok == token.VAR {
				add(d.Doc, d.Specs[0].(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b expectation) int { return cmp.Compare(a.name, b.name) })
	return list
}
