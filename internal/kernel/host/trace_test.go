package host

import (
	"testing"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
)

func TestNamesOfUnitsAreThoseOfAProgram(t *testing.T) {
	for _, c := range []struct{ symbol, want string }{
		{"session.ᐧrun_0a1b2c3d4e5f", "main.main"},
		{"session.ᐧrun_0a1b2c3d4e5f.func2.1", "main.main.func2.1"},
		{"session.ᐧlit12_0a1b2c3d4e5f", "main.main.func12"},
		{"session.ᐧlit1_0a1b2c3d4e5f.func1", "main.main.func1.func1"},
		{"session.ᐧinit1_0a1b2c3d4e5f", "main.init.1"},
		{"session.pow10ᐧ2", "main.pow10"},
		{"session.pointᐧp_moveᐧ3", "main.(*point).move"},
		{"session.(*listᐧ2[go.shape.int]).ᐧPushᐧ3.func1", "main.(*list[go.shape.int]).Push.func1"},
		{"session.list[go.shape.struct { session.x int }].ᐧpopᐧ1", "main.list[go.shape.struct { session.x int }].pop"},
		{"fmt.Println", "fmt.Println"},
	} {
		if got := userName(c.symbol); got != c.want {
			t.Errorf("%s is called %s, want %s", c.symbol, got, c.want)
		}
	}
}

func TestFunctionNamesAreTheUsersOwn(t *testing.T) {
	for _, c := range []struct{ function, want string }{
		{"main.pow10", "pow10"},
		{"main.pow10ᐧ2", "pow10"},
		{"main.ᐧPow10ᐧ12", "Pow10"},
		{"main.(*pointᐧ2).move", "(*point).move"},
		{"main.Map[...]", "Map"},
		{"main.Map[...].func1", "a function literal in Map"},
		{"main.main", ""},
		{"main.main.func2.1", "a function literal"},
		{"main.init.1", ""},
		{"main.init.1.func2", "a function literal"},
		{"main.main.func1.func2", "a function literal"},
		{"main.glob..func1", "a function literal"},
	} {
		if got := label(traceback.Frame{Function: c.function, File: "cell-0a1b2c3d4e5f"}); got != c.want {
			t.Errorf("%s is shown as %q, want %q", c.function, got, c.want)
		}
	}
}

// TestNamesInTexts has texts with a cell's functions: a stack as an error of an engine
// has it, what an engine prints, and what a cell prints.
func TestNamesInTexts(t *testing.T) {
	cellName := func(id string) string {
		if id == "07" {
			return "cell[7]"
		}
		return "cell"
	}
	for _, c := range []struct {
		name       func(string, func(string) string) string
		text, want string
	}{
		{nameStacks, "panic: no\nmain.main.func1(…)\n\t/tmp/cell-07:3\ncreated by main.main.func1.func2\n\t/tmp/cell-07:2",
			"panic: no\n  cell[7]:3 in a function literal\n  cell[7]:2 started by a function literal"},
		{nameStacks, "main.fᐧ2({0x1, 0x2})\n\tcell-07:3 +0x1f\ncreated by main.main in goroutine 7\n\tcell-07:2 +0x4", "  cell[7]:3 in f\n  cell[7]:2 started it"},
		{nameCells, "[stderr:0] main.main.func2.func1(…)\n[stderr:0] \tcell-07:4\n[stderr:0] created by main.(*p).run\n[stderr:0] \tcell-07:5\n",
			"[stderr:0] a function literal(…)\n[stderr:0] \tcell[7]:4\n[stderr:0] created by (*p).run\n[stderr:0] \tcell[7]:5\n"},
		{nameCells, "main.f(0x1)\n\t/tmp/x/cell-07:4 +0x1\n", "f(0x1)\n\tcell[7]:4 +0x1\n"},
		{nameCells, "source=cell-07:4 at (cell-07:5)", "source=cell[7]:4 at (cell[7]:5)"},
		{nameCells, "[cell-07 4] {File:cell-07} \"cell-07\"", "[cell[7] 4] {File:cell[7]} \"cell[7]\""},
		{nameCells, "stem-cell-07x, cell-unknown and cell-", "stem-cell-07x, cell-unknown and cell-"},
		{nameCells, "main.f is no cell's here\n", "main.f is no cell's here\n"},
	} {
		if got := c.name(c.text, cellName); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}
