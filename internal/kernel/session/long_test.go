package session_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLongSessions declares a chain of functions and asks at its end for what is
// looked for through all of it: whether something waits, what an initialiser refers
// to, and what a redefinition reaches.
func TestLongSessions(t *testing.T) {
	n := open(t)
	const length = 200
	var chain strings.Builder
	chain.WriteString("var base = 1\nvar gate = make(chan int, 1)\nfunc g0() int { return base }\nfunc w0() int { return <-gate }\n")
	for i := 1; i < length; i++ {
		fmt.Fprintf(&chain, "func g%d() int { return g%d() + 1 }\nfunc w%[1]d() int { return w%d() + 1 }\n", i, i-1)
	}
	if got := n.run(chain.String()); got != "" {
		t.Fatal(got)
	}
	for _, c := range []struct{ code, want string }{
		{"g199()", "200\n"},
		{"gate <- 3\nw199()", "202\n"},
		// The variable that the chain reads is initialised before what calls the chain.
		{"var sum = g199()\nvar base = 1001\nsum", "1200\n"},
		{"var first = w199()\nvar gate = func() chan int { c := make(chan int, 1); c <- 5; return c }()\nfirst", "204\n"},
		{"func g0() int { return 10 * base }", ""},
		{"g199()", "10209\n"},
		{"type base string", "*"},
		{"1 + 1", "2\n"},
	} {
		if got := n.run(c.code); got != c.want && c.want != "*" {
			t.Errorf("%s\ngot  %q\nwant %q", c.code, got, c.want)
		}
	}
}
