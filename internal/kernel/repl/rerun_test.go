package repl_test

import (
	"context"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// typist is an Output with a user who answers at once.
type typist struct{ recorder }

func (*typist) Input(context.Context, string, bool) (string, error) { return "typed", nil }

// TestRerunBringsTheValuesBack ends the host after cells of all kinds, and does what
// is proposed: then all values are as they were.
func TestRerunBringsTheValuesBack(t *testing.T) {
	n := open(t)
	n.ok("import (\"fmt\"; \"os\"; \"syscall\"; \"time\"; \"github.com/goparallel/goparallel/kernel/display\")\nvar _, _ = syscall.Kill, time.Now", "") // 1
	n.fails("import \"strings\"\nfunc double(x int) int { return 2 * x }\npanic(\"declares\")", "panic")                                                // 2
	n.ok("a := double(4)\nvar up = strings.ToUpper(\"x\")", "")                                                                                         // 3
	n.fails("a += 10\npanic(\"half\")", "panic")                                                                                                        // 4
	n.fails("a += \"x\"", "CompileError")                                                                                                               // 5
	n.fails("func mend(x int) int { return x / 0 * x }\nb := 1", "CompileError")                                                                        // 6
	n.fails("func mend(x int) int { zero := 0; return x / zero }\nb := mend(1)", "panic")                                                               // 7
	n.ok("func mend(x int) int { return x + 1 }\nb := mend(1)", "")                                                                                     // 8
	n.execute(cell.Request{Code: "display.Input(\"a pure question\")", AllowStdin: true}, &typist{})                                                    // 9
	n.execute(cell.Request{Code: "name, askErr := display.Input(\"a name\")", AllowStdin: true}, &typist{})                                             // 10
	n.interrupt("func half(x int) int { return x / 2 }\nfmt.Println(\"started\")\nfor {\n}", 0)                                                         // 11
	n.interrupt("fmt.Println(\"started\")\nfor {\n}", 0)                                                                                                // 12
	n.ok("c := half(a)", "")                                                                                                                            // 13
	n.ok("%rerun 1\nlate := 5", "cell[1]: import (\"fmt\"; \"os\"; \"syscall\"; \"time\"; \"github.com/goparal…\n")                                     // 14
	n.fails("fmt.Sprint([]int{}[a])", "panic")                                                                                                          // 15
	n.fails("type pair struct{ x, y int }\nfunc (p pair) sum() int { return p.x + p.y }\nvar list []int\nlist[0] = 1", "panic")                         // 16
	n.ok("list = append(list, pair{1, 2}.sum(), late)", "")                                                                                             // 17
	const values = "[]any{a, b, c, up, name, late, list}"
	const want = "=> [18 2 9 X typed 5 [3 5]]"
	n.ok(values, want) // 18
	got := n.fails("type gone int\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", "Exited")
	if want := "The session's values are gone; %rerun 1-4,8,10-11,13-14,16-18 runs the cells again (cell[10] asks for input)."; !strings.Contains(got, want) {
		t.Fatalf("no %q in\n%s", want, got)
	}
	for _, again := range []string{"%rerun 1-4,8,10-11,13-14,16-18", "%rerun", "%rerun 1-50"} {
		out := &typist{}
		if reply := n.execute(cell.Request{Code: again, AllowStdin: true}, out); reply.Err != nil {
			t.Fatalf("%s stopped: %s\n%s", again, reply.Err.Text(), out)
		}
		n.ok(values, want)
		n.fails("gone(1)", "CompileError")
		n.ok("%restart", "")
	}
}
