package repl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// typed runs a cell that somebody has typed, so that its value is kept.
func (n *notebook) typed(code, want string) {
	n.t.Helper()
	out := &recorder{}
	n.count++
	reply := n.repl.Execute(n.t.Context(), cell.Request{Code: code, Count: n.count, StoreHistory: true}, out)
	if got := out.String(); reply.Err != nil {
		n.t.Errorf("%s\nfailed: %s", code, reply.Err.Text())
	} else if got != want {
		n.t.Errorf("%s\nshowed %q, want %q", code, got, want)
	}
}

// _ is the value that a cell has shown last, _12 that of cell[12], and both keep Go's meanings.
func TestValuesOfEarlierCells(t *testing.T) {
	n := open(t)
	n.typed("6 * 7", "=> 42")
	n.typed("_ + 1", "=> 43")
	n.typed("_ + _1", "=> 85")
	n.typed("type point struct{ x, y int }\nfunc (p *point) move() { p.x++ }\n[]point{{1, 2}}", "=> [{x:1 y:2}]")
	n.typed("_[0].move()\n_, err := fmt.Sscan(`7`, &_[0].y)\nerr", "[imported fmt]=> <nil>")
	n.typed("_4[0]", "=> {x:2 y:7}")
	n.typed("_.move()\n_.x", "=> 3")
	n.typed("strconv.Atoi(`12`)", "[imported strconv]=> 12")
	n.typed("_ * 2", "=> 24")
	n.typed("http.DefaultClient.Timeout", "[imported net/http]=> 0s")
	n.typed("_ + 3", "=> 3ns") // time is imported for its type
	n.typed("for _, c := range `ab` {\n\t_ = c\n}\nfunc(_ int, s string) string { return s }(_2, `s`)", "=> s")
	n.typed("1, 2", "=> 1 2")
	n.typed("_ + `!`", "=> s!") // of several values there is none
	n.typed("_1 := 5\n_1", "=> 5")
	n.typed("_1", "=> 5")
	n.typed("any(3)", "=> 3")
	n.typed("_.(int) + 1", "=> 4")
	n.typed("var e error\ne", "=> <nil>")
	n.typed("_ == nil", "=> true")
	for code, want := range map[string]string{
		"_2 + `a`":    "invalid operation: _2 + `a`",
		"x := _2.foo": "_2.foo undefined (type int has no field or method foo)",
		"_99":         "undefined: _99",
	} {
		if text := n.fails(code, "CompileError"); !strings.Contains(text, want) {
			t.Errorf("%s: %s", code, text)
		}
	}
	n.typed("%restart", "")
	n.fails("_", "CompileError") // there is no value yet
	n.count = 100
	n.typed("1", "=> 1")
	for i := range 60 {
		n.typed(fmt.Sprintf("%d", i), fmt.Sprintf("=> %d", i))
	}
	if text := n.fails("_101", "ValueError"); !strings.Contains(text, "the last 50 are kept") {
		t.Error(text)
	}
}
