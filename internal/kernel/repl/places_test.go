package repl_test

import (
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// pages keeps the HTML of what is shown.
type pages struct {
	recorder
	markup string
}

func (p *pages) Display(d cell.Bundle, metadata map[string]any, id string) {
	p.recorder.Display(d, metadata, id)
	if text, ok := d["text/html"].(string); ok {
		p.markup += text
	}
}

func TestAFailedCellShowsItsSource(t *testing.T) {
	n := open(t)
	n.ok("func at(list []int, i int) int {\n\t// a comment\n\treturn list[i] // <- here\n}", "")
	out := &pages{}
	reply := n.execute(cell.Request{Code: "list := []int{1}\nfor i := range 3 {\n\tat(list, i)\n}"}, out)
	const want = "[cell[1], line 3, in at:\n    1  func at(list []int, i int) int {\n    2  \t// a comment\n→   3  \treturn list[i] // <- here\n    4  }\n" +
		"cell[2], line 3:\n    1  list := []int{1}\n    2  for i := range 3 {\n→   3  \tat(list, i)\n    4  }]"
	if got := out.String(); got != want {
		t.Errorf("showed\n%s\nwant\n%s", got, want)
	}
	for _, part := range []string{"cell[1], line 3, in at</div>", "return list[i] // &lt;- here", "Go&#39;s stack</summary>", "goroutine ", "panic({0x"} {
		if part = strings.Replace(part, "&#39;", "'", 1); !strings.Contains(out.markup, part) {
			t.Errorf("no %q in %s", part, out.markup)
		}
	}
	if reply.Err == nil || !strings.HasSuffix(reply.Err.Text(), "  cell[1]:3 in at\n  cell[2]:3") {
		t.Errorf("the error itself is %+v", reply.Err)
	}
	for _, code := range []string{"panic(1)", "undefined\n+1"} { // in plain sight, and told by its own text
		if got, _ := n.run(code); got != "" {
			t.Errorf("%s showed %q", code, got)
		}
	}
}
