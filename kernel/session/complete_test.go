package session_test

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	n := open(t)
	n.run("import (\"strings\"; \"fmt\")\ntype point struct{ x, y int }\nfunc (p point) area() int { return p.x * p.y }\np := point{1, 2}\nfmt.Sprint(strings.ToUpper(\"\"))")
	for _, test := range []struct{ code, want, not string }{
		{"strings.ToU|", "ToUpper", "ToLower"},
		{"p.|", "area", "Println"},
		{"p.|", "x", ""},
		{"po|", "point", "p"},
		{"q := point{}\nq.ar|", "area", ""},
		{"func f() {\n\tcounter := 1\n\tcou|\n}", "counter", ""},
		{"for i := range 3 { fmt.Prin|", "Println", "Sprint"},
		{"é := 1; fmt.Sprintl|", "Sprintln", ""},
		{"retu|", "return", ""},
	} {
		before, after, _ := strings.Cut(test.code, "|")
		got := n.session.Complete(context.Background(), before+after, len([]rune(before)))
		var names []string
		for _, item := range got.Items {
			names = append(names, item.Text)
		}
		if !slices.Contains(names, test.want) || test.not != "" && slices.Contains(names, test.not) {
			t.Errorf("%q: got %v, want %s and not %q", test.code, names, test.want, test.not)
		}
	}
}

func TestInspect(t *testing.T) {
	n := open(t)
	n.run("import \"strings\"\n// double doubles.\nfunc double(n int) int { return 2 * n }\nstrings.ToUpper(\"\")")
	for code, want := range map[string]string{
		"double(3)":             "double doubles.",
		"strings.ToUpper(\"\")": "func ToUpper(s string) string",
	} {
		got := n.session.Inspect(context.Background(), code, strings.IndexByte(code, '(')-1, 1)
		if text, _ := got.Data["text/plain"].(string); !got.Found || !strings.Contains(text, want) {
			t.Errorf("%s: got %q, want %q in it", code, text, want)
		}
	}
	if got := n.session.Inspect(context.Background(), "nothing", 2, 0); got.Found {
		t.Errorf("unknown name: got %v", got.Data)
	}
}

func TestIsComplete(t *testing.T) {
	n := open(t)
	for code, want := range map[string]string{
		"x := 1": "complete", "for {": "incomplete", "x := `raw": "incomplete", "x := ": "incomplete", "): oops": "invalid", "": "complete",
	} {
		if got := n.session.IsComplete(code); got.Status != want {
			t.Errorf("%q: got %s, want %s", code, got.Status, want)
		}
	}
}
