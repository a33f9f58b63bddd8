package host

import (
	"strings"
	"testing"
)

func TestFunctionNamesAreTheUsersOwn(t *testing.T) {
	for _, c := range []struct{ function, want string }{
		{"main.pow10", "pow10"},
		{"main.pow10ᐧ2", "pow10"},
		{"main.ᐧPow10ᐧ12", "Pow10"},
		{"main.(*pointᐧ2).move", "(*point).move"},
		{"main.Map[...]", "Map"},
		{"main.Map[...].func1", "a function literal in Map"},
		{"main.ᐧrun_0a1b2c3d4e5f", ""},
		{"main.ᐧrun_0a1b2c3d4e5f.func2.1", "a function literal"},
		{"main.ᐧinit1_0a1b2c3d4e5f", ""},
		{"main.ᐧlit1_0a1b2c3d4e5f", "a function literal"},
		{"main.glob..func1", "a function literal"},
	} {
		if got := (frame{function: c.function, file: "cell-0a1b2c3d4e5f"}).label(); got != c.want {
			t.Errorf("%s is shown as %q, want %q", c.function, got, c.want)
		}
	}
}

// TestNamesInTexts has texts with a cell's functions: a stack as an error of an engine
// has it, what an engine prints, and what a cell prints.
func TestNamesInTexts(t *testing.T) {
	cellName := func(id string) string { return "cell[" + strings.TrimLeft(id, "0") + "]" }
	for _, c := range []struct {
		name       func(string, func(string) string) string
		text, want string
	}{
		{nameStacks, "panic: no\nmain.ᐧlit1_07(…)\n\t/tmp/cell-07:3\ncreated by main.ᐧlit1_07.func2\n\t/tmp/cell-07:2",
			"panic: no\n  cell[7]:3 in a function literal\n  cell[7]:2 started by a function literal"},
		{nameStacks, "main.fᐧ2({0x1, 0x2})\n\tcell-07:3 +0x1f\ncreated by main.ᐧrun_07 in goroutine 7\n\tcell-07:2 +0x4", "  cell[7]:3 in f\n  cell[7]:2 started it"},
		{nameCells, "[stderr:0] main.ᐧlit2_07.func1(…)\n[stderr:0] \tcell-07:4\n[stderr:0] created by main.(*p).run\n[stderr:0] \tcell-07:5\n",
			"[stderr:0] a function literal(…)\n[stderr:0] \tcell[7]:4\n[stderr:0] created by (*p).run\n[stderr:0] \tcell[7]:5\n"},
		{nameCells, "main.f(0x1)\n\t/tmp/x/cell-07:4 +0x1\n", "f(0x1)\n\tcell[7]:4 +0x1\n"},
		{nameCells, "main.f is no cell's here\n", "main.f is no cell's here\n"},
	} {
		if got := c.name(c.text, cellName); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}
