package repl_test

import (
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Result keeps the HTML of values.
func (p *pages) Result(d cell.Bundle, metadata map[string]any) {
	p.recorder.Result(d, metadata)
	if text, ok := d["text/html"].(string); ok {
		p.markup += text
	}
}

// TestWhatTheKernelSaysOfCellsHasLinksToThem goes through the ways in which the kernel names cells:
// frames of panics and of interrupts, compile errors that are out of sight, errors that are values, and
// notes. A front end that does not say which cell is which gets none, and neither do values of cells
// that look as if they named cells.
func TestWhatTheKernelSaysOfCellsHasLinksToThem(t *testing.T) {
	long := strings.Repeat("// a comment\n", 30)
	cells := []struct{ id, code, want string }{
		{"one", "func at(list []int, i int) int {\n\treturn list[i]\n}", ""},
		{"two", "at(nil, 1)\n", "cell[1], line 2"},
		{"three", long + "at(nil, undefined)", "cell[3], line 31"},
		{"four", "at(nil, undefined)\n_ = 1", ""}, // in sight
		{"five&", "k := 1", ""},
		{"six", "k + 1", ""},
		{"five&", "k := 2", "cell[6]"},
		{"seven", "struct{ S string }{\"cell[1], line 2\"}", ""},
		{"eight", "func f() (err error) {\n\tdefer func() { err = fmt.Errorf(\"cell[1]:2: %v\", recover()) }()\n\treturn fmt.Errorf(\"%d\", at(nil, 1))\n}\nf()", "cell[1]:2"},
	}
	for _, known := range []bool{true, false} {
		n := open(t)
		for _, c := range cells {
			out, id := &pages{}, ""
			if known {
				id = c.id
			}
			n.execute(cell.Request{Code: c.code, ID: id}, out)
			links := strings.Count(out.markup, "<a ")
			if !known || c.want == "" {
				if links != 0 {
					t.Errorf("known %v: %s\nhas links: %s", known, c.code, out.markup)
				}
				continue
			}
			if !strings.Contains(out.markup, ">"+c.want+"</a>") || strings.Contains(c.want, "line") != strings.Contains(out.markup, "onclick") && !strings.Contains(c.want, ":") {
				t.Errorf("%s\nhas no link %s: %s", c.code, c.want, out.markup)
			}
			for _, part := range strings.Split(out.markup, "<a ")[1:] {
				if !strings.HasPrefix(part, `href="#cell-id=`) {
					t.Errorf("a link is %s", part)
				}
			}
		}
	}
	n, out := open(t), &pages{} // an id that is no name
	n.execute(cell.Request{Code: "x := 1", ID: "a"}, out)
	n.execute(cell.Request{Code: "y := x", ID: `b"><i>`}, out)
	n.execute(cell.Request{Code: "x := 2", ID: "a"}, out)
	if want := `<a href="#cell-id=b%22%3E%3Ci%3E">cell[2]</a>`; !strings.Contains(out.markup, want) {
		t.Errorf("no %s in %s", want, out.markup)
	}
}
