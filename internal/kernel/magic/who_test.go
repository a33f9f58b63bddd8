package magic

import (
	"context"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// declared is a Kernel with these names.
type declared struct {
	Kernel
	names []Name
}

func (d declared) Values(_ context.Context, names []string) (texts []string) {
	for _, name := range names {
		texts = append(texts, "value of "+name)
	}
	return texts
}

func (d declared) Names() []Name { return append([]Name(nil), d.names...) }

// printed keeps what is printed.
type printed struct {
	cell.Discard
	text string
}

func (p *printed) Stream(_, text string) { p.text += text }

func TestWhoListsTypesThatAreAskedFor(t *testing.T) {
	k := declared{names: []Name{
		{"a", "variable", "int"}, {"b", "variable", "map[string][]int"}, {"c", "variable", "func(x int, y string) error"},
		{"f", "function", "func(x int)"}, {"g", "variable", "int"}, {"p", "type", "struct{ X, Y int }"},
	}}
	for _, c := range []struct{ code, want string }{
		{"%who", "a\t b\t c\t g\n"},
		{"%who int", "a\t g\n"},
		{"%who map[string][]int", "b\n"},
		{"%who int, map[string][]int", "a\t b\t g\n"},
		{"%who func(x int,y string) error", "c\n"},
		{"%who []string", "The session has no variable of such a type.\n"},
		{"%who --long", "error"},
		{"%who [", "error"},
		{"%whos function", "Name   Kind       Type\n----------------------\nf      function   func(x int)\n"},
		{"%whos type int", "Name   Kind       Type   Value\n------------------------------\na      variable   int    value of a\ng      variable   int    value of g\np      type       struct{ X, Y int }\n"},
		{"%whos -v", "error"},
		{"%whos int -v", "error"}, // which is a difference, too
		{"%who a+g", "error"},
		{"%who f(1)", "error"},
	} {
		text, wrong := Rewrite(c.code)
		if wrong != nil {
			t.Fatal(wrong)
		}
		out := &printed{}
		if err := text.Actions[0].Do(context.Background(), k, out); err != nil {
			out.text = "error"
		}
		if got := strings.ReplaceAll(out.text, "\n\n", "\n"); got != c.want {
			t.Errorf("%s printed %q, want %q", c.code, got, c.want)
		}
	}
}
