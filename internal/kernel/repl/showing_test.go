package repl_test

import (
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// shown is a cell, the name of the error that it ends with, or "", and texts that it shows, in
// their order. An empty one stands for the beginning, and at the end for the end.
type shown struct {
	code, err string
	parts     []string
}

// shows runs cells.
func (n *notebook) shows(cells []shown) {
	n.t.Helper()
	for _, c := range cells {
		got, reply := n.run(c.code)
		name := ""
		if reply.Err != nil {
			name, got = reply.Err.Name, got+colour.ReplaceAllString(reply.Err.Text(), "")
		}
		at, ok := 0, name == c.err
		for i, part := range c.parts {
			k := strings.Index(got[at:], part)
			if i == 1 && c.parts[0] == "" {
				ok = ok && k == 0
			}
			if i > 0 && part == "" {
				ok = ok && at == len(got)
			}
			if ok = ok && k >= 0; ok {
				at += k + len(part)
			}
		}
		if !ok {
			n.t.Errorf("%s\nended with %q and showed %.2000q, want %q with %q", c.code, name, got, c.err, c.parts)
		}
	}
}

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
	n.shows([]shown{
		{"a := []any{nil}\na[0] = a\na", "", []string{"", "=> [<cycle>]", ""}},
		{"m := map[string]any{}\nm[\"m\"] = m\nm, 1", "", []string{"", "=> map[m:<cycle>] 1", ""}},
		{"endless{}", "", []string{"", "=> …\n(String of main.endless calls itself without end)", ""}},
		{"[]any{1, endless{}}", "", []string{"", "=> [1 …\n(String of main.endless calls itself without end)", ""}},
		{"loop{}", "", []string{"=> {}\n(HTML of main.loop calls itself without end)", ""}},
		{"struct{ E endless }{}, 2", "", []string{"calls itself without end) 2", ""}},
		// As the value of a panic, too.
		{"r := &ring{}\nr.next = r\npanic(r)", "panic", []string{"(*main.ring) whose text cannot be had: its method Error calls itself without end"}},
		{"page{}", "panic", []string{"panic: no page\n\n  cell[1]:13 in page.HTML"}},
		{"var l any\nfor i := range 1_000_000 { l = node{i, l} }\nl", "", []string{"", "=> {V:999999 Next:{V:999998 Next:"}},
	})
	if got, _ := n.run("l"); len(got) > 100_000 {
		t.Errorf("a long list is %d bytes", len(got))
	}
	n.ok("kept", "=> 7")
}

func TestErrorsThatAreValuesAreMarked(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"context"
	"errors"
	"os"
	"github.com/goparallel/goparallel/parallel"
)
type odd struct{ n int }
func (o *odd) Error() string { return "odd" }
func check(n int) (int, error) {
	if n%2 == 1 {
		return 0, &odd{n}
	}
	return n, nil
}
func parity(n int) (int, *odd) { return n, nil }
func both() (error, error) { return nil, nil }
rc, err := parallel.Start(context.Background(), 1)
err`, "=> <nil>")
	for _, c := range []struct{ code, want string }{
		{"check(2)", "=> 2"},
		{"check(3)", "=> error: *main.odd: odd\n0"},
		{"parity(2)", "=> 2 odd"},
		{"both()", "=> <nil>"},
		{"a, b := check(2)\na, b", "=> 2 <nil>"},
		{"c, d := check(3)\nd, c", "=> error: *main.odd: odd\n0"},
		{"d, err", "=> error: *main.odd: odd\n<nil>"},
		{"nil, nil", "=> <nil> <nil>"},
		{"d.(*odd)", "=> error: *main.odd: odd"},
		{"[]error{d}", "=> [odd]"},
		{"os.Remove(\"/none\")", "=> error: *fs.PathError: remove /none: no such file or directory"},
		{"os.Open(\"/none\")", "=> error: *fs.PathError: open /none: no such file or directory\n<nil>"},
		{"os.Open(\"/none\");", ""},
		{"errors.Join(d, nil)", "=> error: *errors.joinError: odd"},
	} {
		n.ok(c.code, c.want)
	}
	n.ok(`r := rc.All().Map(func(x int) int { return 6 / x }, []int{3, 0})
_, _ = r.Get()
good := rc.All().Map(func(x int) int { return 6 / x }, []int{3})
_, _ = good.Get()`, "")
	n.shows([]shown{
		{"r", "", []string{"error: *parallel.MapError: item 1 on engine 0: panic: runtime error: integer divide by zero\n", "\nended: 2 of 2 items done after "}},
		{"good", "", []string{"", "=> ended: 1 of 1 items done after "}},
		{"rc.Close()", "", []string{"", ""}},
		{"rc.All().MapSync(func(x int) int { return x }, []int{1, 2})", "", []string{"", "=> error: ", "\n[0 0]", ""}},
	})
}

func TestAnInterruptEndsTheShowingOfAValue(t *testing.T) {
	n := open(t)
	n.ok("import \"fmt\"\ntype slow struct{ c chan string }\nfunc (s slow) String() string { fmt.Println(\"begun\"); return <-s.c }\nkept := 3", "")
	out := &recorder{}
	go func() {
		out.waitFor(t, "begun")
		n.repl.Interrupt()
	}()
	reply := n.execute(cell.Request{Code: "slow{make(chan string)}"}, out)
	if reply.Err == nil || reply.Err.Name != "Interrupted" {
		t.Errorf("%+v after %q", reply.Err, out)
	}
	n.ok("kept", "=> 3")
}

// TestPanicsOfItemsEndNoProcess panics, here and on an engine, with values whose text
// would end a program.
func TestPanicsOfItemsEndNoProcess(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"context"
	"fmt"
	"github.com/goparallel/goparallel/parallel"
)
rc, err := parallel.Start(context.Background(), 1)
type endless struct{}
func (e endless) Error() string { return fmt.Sprint([]any{e}...) }
func fall(kind int) (int, error) {
	switch kind {
	case 0:
		a := []any{nil}
		a[0] = a
		panic(a)
	case 1:
		panic(endless{})
	}
	return 0, endless{}
}
pid := rc.IDs()`, "")
	for _, view := range []string{"rc.Auto()", "rc.LoadBalanced()"} {
		n.shows([]shown{{"_, err = " + view + ".MapErrSync(fall, []int{0, 1, 2})\npanic(err)", "panic",
			[]string{"panic: [<cycle>]", "whose text cannot be had: its method Error calls itself without end"}}})
	}
	n.ok("len(pid)", "=> 1")
}

// TestManyDisplaysAreQuick shows a thousand things, which takes a tenth of a second.
func TestManyDisplaysAreQuick(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"time"
	"github.com/goparallel/goparallel/kernel/display"
)
display.Text("ready")`, "[ready]")
	got, reply := n.run("start := time.Now()\nfor range 1000 { display.HTML(\"<b>x</b>\") }\ntime.Since(start) < 10*time.Second")
	if reply.Err != nil || strings.Count(got, "[x]") != 1000 || !strings.HasSuffix(got, "=> true") {
		t.Errorf("%d shown, %q, %+v", strings.Count(got, "[x]"), got[max(0, len(got)-50):], reply.Err)
	}
}
