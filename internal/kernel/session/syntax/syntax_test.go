package syntax

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each cell is cut as Go reads it, whether or not it parses.
func TestSplit(t *testing.T) {
	for code, want := range map[string][]string{
		"import \"fmt\"\nx := 1; y := 2\nfmt.Println(x)":    {"import \"fmt\"", "x := 1", "y := 2", "fmt.Println(x)"},
		"// f adds.\nfunc f() {\n\tx++\n}\n\n// lost\n\nx":  {"// f adds.\nfunc f() {\n\tx++\n}", "x"},
		"for i := 0; i < 3; i++ { f() }\nif x := f(); x {}": {"for i := 0; i < 3; i++ { f() }", "if x := f(); x {}"},
		"s := `a;\nb`\nf(":             {"s := `a;\nb`", "f("},
		"//go:noinline\n\nfunc g() {}": {"//go:noinline\n\nfunc g() {}"},
	} {
		var got []string
		for _, ch := range Split([]byte(code)) {
			got = append(got, code[ch.Start:ch.End])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q is cut into %q, want %q", code, got, want)
		}
	}
	kinds := ""
	for _, ch := range Split([]byte("import \"fmt\"\nconst a = 1\ntype b int\nvar c b\nfunc (c b) d() {}\nfunc() {}()\nx;")) {
		kinds += string("sictvfp"[ch.Kind])
	}
	if kinds != "ictvfss" {
		t.Errorf("kinds are %s", kinds)
	}
}

// An edit that covers others wins over them, and an insertion comes before a replacement.
func TestApplyEdits(t *testing.T) {
	src := "for i := range xs { f(i) }"
	got := ApplyEdits([]byte(src), 4, len(src), []Edit{{Start: 20, End: 24, Text: "g()"}, {Start: 9, End: 17, Text: "0"}, {Start: 9, End: 9, Text: "+"}, {Start: 15, End: 17, Text: "ys"}, {Start: 0, End: 3, Text: "if"}})
	if got != "i := +0 { g() }" {
		t.Error(got)
	}
}

// Places in what is assembled are those of the user's text, whatever moves.
func TestAssembledCellsKeepTheirPlaces(t *testing.T) {
	code := "x := f()\nfunc f() int { return 1 }\nimport \"fmt\"\nfmt.Println(x)"
	fset := token.NewFileSet()
	c := NewCell("0123456789", []byte(code))
	a, errs := c.Assemble(fset, Arrangement{Imports: []Import{{Name: "ᐧlive", Path: "a/live"}}, Promoted: map[int]int{0: 2}})
	if errs != nil {
		t.Fatal(errs)
	}
	if text := string(a.Text); !strings.Contains(text, "var x  = f()") || strings.Index(text, "import \"fmt\"") > strings.Index(text, "func f()") {
		t.Errorf("assembled:\n%s", text)
	}
	if p := fset.Position(a.Run.Body.List[0].Pos()); p.Filename != "cell-0123456789" || p.Line != 4 || p.Column != 1 {
		t.Errorf("the statement is at %v", p)
	}
	if got := a.PlaceAt(a.Run.Body.List[0].Pos()).Chunk; got != 3 {
		t.Errorf("the statement is of chunk %d", got)
	}
}

func TestScanRefusesWhatACellDoesNotObey(t *testing.T) {
	for code, want := range map[string]string{
		"//go:linkname a b\nfunc a()": "1:1: a cell does not obey //go:linkname; take the line out",
		"ᐧx := 1":                     "1:1: ᐧx: names with ᐧ are kept for the code that is made of cells",
		"x := \"a":                    "1:6: string literal not terminated",
		"//go:noinline\nx := 1":       "",
		"//go:build ignore\nx := 1":   "",
	} {
		got := ""
		if _, errs := NewCell("", []byte(code)).Scan(); errs != nil {
			got = errs.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
	if notes, errs := NewCell("", []byte("//go:noinlin\nfunc f() {}")).Scan(); errs != nil || len(notes) != 1 || !strings.Contains(notes[0], "did you mean //go:noinline?") {
		t.Errorf("a directive that nobody knows: %q, %v", notes, errs)
	}
}

// Long chains of texts become trees whose depth grows with the logarithm of their length, and say
// what they said; what else is added, and short chains, stay as Go reads them.
func TestLongChainsAreBalanced(t *testing.T) {
	chain := func(n int, part func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = part(i)
		}
		return strings.Join(parts, " + // a comment\n\t")
	}
	text := func(i int) string { return strconv.Quote(strconv.Itoa(i) + ",") }
	for _, c := range []struct {
		name, value string
		depth       int
	}{
		{"texts", chain(1000, text), 10},
		{"more", chain(4000, text), 12},
		{"few", chain(90, text), 89},
		{"numbers", chain(200, func(i int) string { return strconv.Itoa(i) }), 199},
		{"with a name", chain(200, func(i int) string { return map[bool]string{true: "a", false: text(i)}[i == 100] }), 199},
		{"behind a name", "a + " + chain(200, text), 200},
	} {
		fset := token.NewFileSet()
		src, errs := Parse(fset, []byte("package main\nconst a = \"\"\nconst c = "+c.value+"\n"))
		if errs != nil {
			t.Fatal(c.name, errs)
		}
		depth := 0
		var down func(e ast.Expr, n int)
		down = func(e ast.Expr, n int) {
			depth = max(depth, n)
			if e, ok := e.(*ast.BinaryExpr); ok {
				if e.OpPos <= e.X.End() || e.OpPos >= e.Y.Pos() {
					t.Fatalf("%s: an operator is not between its sides", c.name)
				}
				down(e.X, n+1)
				down(e.Y, n+1)
			}
		}
		value := src.File.Decls[1].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values[0]
		if down(value, 0); depth != c.depth {
			t.Errorf("%s: a tree of depth %d, want %d", c.name, depth, c.depth)
		}
		if got := src.Slice(value); got != c.value {
			t.Errorf("%s: it says %.60s …", c.name, got)
		}
		if strings.Contains(c.name, "name") || c.name == "numbers" {
			continue
		}
		plain, _ := parser.ParseExpr(c.value)
		if got, want := constantOf(t, value), constantOf(t, plain); got != want {
			t.Errorf("%s: the value is %.60s …, want %.60s …", c.name, got, want)
		}
	}
}

func constantOf(t *testing.T, e ast.Expr) string {
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	if err := types.CheckExpr(token.NewFileSet(), nil, token.NoPos, e, info); err != nil {
		t.Fatal(err)
	}
	return constant.StringVal(info.Types[e].Value)
}
