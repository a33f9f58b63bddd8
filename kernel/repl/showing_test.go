package repl_test

import (
	"strings"
	"testing"
)

// TestShowingEndsNoSession shows values in a real session that would end a program
// which prints them.
func TestShowingEndsNoSession(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"fmt"
	"sync"
)
kept := 7
type endless struct{}
func (e endless) String() string { return fmt.Sprint([]any{e}...) }
type ring struct{ next *ring }
func (r *ring) Error() string { return "ring " + r.next.Error() }
type locked struct{ mu *sync.Mutex }
func (l locked) String() string { l.mu.Lock(); return "" }
type page struct{}
func (page) HTML() string { panic("no page") }
type loop struct{}
func (l loop) HTML() string { return fmt.Sprint(l.HTML()) }
type node struct { V int; Next any }`, "")
	for _, c := range []struct{ code, want string }{
		{"a := []any{nil}\na[0] = a\na", "=> [<cycle>]"},
		{"m := map[string]any{}\nm[\"m\"] = m\nm, 1", "=> map[m:<cycle>] 1"},
		{"endless{}", "=> …\n(String of main.endless calls itself without end)"},
		{"[]any{1, endless{}}", "=> [1 …\n(String of main.endless calls itself without end)"},
		{"loop{}", "=> {}\n(HTML of main.loop calls itself without end)"},
		{"struct{ E endless }{}, 2", "calls itself without end) 2"},
	} {
		got, reply := n.run(c.code)
		if reply.Err != nil || !strings.HasSuffix(got, c.want) {
			t.Errorf("%s\nshowed %q, want %q; %+v", c.code, got, c.want, reply.Err)
		}
	}
	got, reply := n.run("var l any\nfor i := range 1_000_000 { l = node{i, l} }\nl")
	if reply.Err != nil || !strings.HasPrefix(got, "=> {V:999999 Next:{V:999998 Next:") || len(got) > 100_000 {
		t.Errorf("%.200q, %+v", got, reply.Err)
	}
	// As the value of a panic, too.
	r := n.fails("r := &ring{}\nr.next = r\npanic(r)", "panic")
	if want := "(*main.ring) whose text cannot be had: its method Error calls itself without end"; !strings.Contains(r, want) {
		t.Errorf("no %q in\n%s", want, r)
	}
	if got := n.fails("page{}", "panic"); !strings.Contains(got, "panic: no page\n\n  cell[1]:13 in page.HTML") {
		t.Errorf("got\n%s", got)
	}
	n.ok("kept", "=> 7")
}
