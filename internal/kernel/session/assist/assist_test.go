package assist_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/session/assist"
	"github.com/goparallel/goparallel/internal/kernel/session/docs"
	"github.com/goparallel/goparallel/internal/kernel/session/sessiontest"
)

// at is the place of the bar in code, in code points, and the code without it.
func at(code string) (string, int) {
	before, after, _ := strings.Cut(code, "|")
	return before + after, utf8.RuneCountInString(before)
}

func assistant(t *testing.T, cells ...string) assist.Assistant {
	n := sessiontest.New(t)
	for _, cell := range cells {
		n.Run(cell)
	}
	return assist.Assistant{Env: n.Env(), Docs: docs.New(n.Index, "", n.Fset)}
}

// The names that fit come nearest first, also where the code around the cursor is half typed.
func TestCandidates(t *testing.T) {
	a := assistant(t, "type point struct{ x, y int }\nfunc (p point) norm() int { return p.x }\nfunc (p *point) move(dx int) {}\nvar points []point\nvar pi = 3.1", "import \"strings\"")
	for _, c := range []struct {
		code string
		want []string // the first ones, in order
		not  []string
	}{
		{"points[0].|", []string{"x", "y"}, []string{"point"}},
		{"points[0].n|", []string{"norm"}, []string{"x"}},
		{"p := points[0]\np.m|", []string{"move"}, nil},
		{"for _, q := range points { q.|", []string{"x", "y"}, nil},
		{"strings.ToUp|", []string{"ToUpper", "ToUpperSpecial"}, nil},
		{"po|", []string{"point", "points"}, []string{"pi"}},
		{"plenty := 1\np|", []string{"plenty"}, nil},
		{"point{|", []string{"x: ", "y: "}, nil},
		{"point{x: 1, |", []string{"y: "}, []string{"x: "}},
		{"var é, ö = 1, pi\né + p|", []string{"pi"}, nil},
		{"fo|", []string{"for"}, nil},
		{"\"p|", nil, []string{"pi", "points"}},
		{"// p|", nil, []string{"pi", "points"}},
		{"1.|", nil, []string{"x"}},
	} {
		code, cursor := at(c.code)
		got := a.Complete(t.Context(), code, cursor)
		var texts []string
		for _, item := range got.Items {
			texts = append(texts, item.Text)
		}
		for i, want := range c.want {
			if i >= len(texts) || texts[i] != want {
				t.Errorf("%s: %q, want first %q", c.code, texts, c.want)
				break
			}
		}
		for _, not := range c.not {
			if slices.Contains(texts, not) {
				t.Errorf("%s: %q has %s", c.code, texts, not)
			}
		}
		if len(c.want) > 0 && got.End != cursor {
			t.Errorf("%s: replaces up to %d, and the cursor is at %d", c.code, got.End, cursor)
		}
	}
}

// A question sees one state of the session, and changes nothing of it.
func TestQuestionsChangeNothing(t *testing.T) {
	a := assistant(t, "var total int")
	before := len(a.State.Names)
	code, cursor := at("type other struct{ a int }\nvar total string\ntot|")
	a.Complete(t.Context(), code, cursor)
	a.Inspect(t.Context(), code, cursor, 0)
	if d := a.State.Names["total"]; len(a.State.Names) != before || d == nil || d.Obj.Type().String() != "int" {
		t.Errorf("%d names, total is %v", len(a.State.Names), d)
	}
}

// What is known of a name is its declaration, with the comment above it.
func TestInspection(t *testing.T) {
	a := assistant(t, "// area is what a point has.\nfunc area(x, y int) (square int) { return x * y }\n\ntype point struct{ x int }")
	for _, c := range []struct {
		code string
		want []string
	}{
		{"ar|ea(1, 2)", []string{"func area(x int, y int) (square int)", "area is what a point has."}},
		{"area(1, |", []string{"func area("}},
		{"point|", []string{"type point struct"}},
		{"len|", []string{"len"}},
		{"noth|ing", nil},
		{"\"area|\"", nil},
	} {
		code, cursor := at(c.code)
		got := a.Inspect(t.Context(), code, cursor, 0)
		text, _ := got.Data["text/plain"].(string)
		if got.Found != (c.want != nil) {
			t.Errorf("%s: found %v: %s", c.code, got.Found, text)
		}
		for _, want := range c.want {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: no %q in\n%s", c.code, want, text)
			}
		}
	}
}

// Cells that are not at their end, and those that no end could mend.
func TestCompleteness(t *testing.T) {
	for code, want := range map[string]cell.Completeness{
		"":                   {Status: "complete"},
		"x := 1":             {Status: "complete"},
		"func f() {":         {Status: "incomplete", Indent: "\t"},
		"f(g(1,\n":           {Status: "incomplete", Indent: "\t\t"},
		"x := `a":            {Status: "incomplete"},
		"x +":                {Status: "incomplete"},
		"type t":             {Status: "incomplete"},
		"x := )":             {Status: "invalid"},
		"if x { }\nelse { }": {Status: "invalid"},
		"// only a comment":  {Status: "complete"},
	} {
		if got := assist.IsComplete(code); got != want {
			t.Errorf("%q: %+v, want %+v", code, got, want)
		}
	}
}
