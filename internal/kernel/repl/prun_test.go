package repl_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestProfilesOverEngines profiles calls of views: what engines do is in the table and in the flame graph,
// under their functions' names; engines that die meanwhile, or are busy with an earlier call, hold nobody up, and
// %explain means the user's call still.
func TestProfilesOverEngines(t *testing.T) {
	n := open(t)
	n.ok("rc, err := parallel.Start(context.Background(), 2)\nview := rc.LoadBalanced()", "[imported context, github.com/goparallel/goparallel/parallel]")
	n.ok("func busy(k int) (s float64) {\n\tfor i := range 150_000_000 + k {\n\t\ts += float64(i)\n\t}\n\treturn s\n}", "")
	for range 2 { // and again
		n.matches("%prun view.MapSync(busy, []int{1, 2, 3, 4})",
			`[^\n]* of processor time in [^\n]*, [^\n]* of it on 2 engines\n.*%  main\.busy\n.* (9\d|100)\.\d%  engines\n.*\[Flame graph of .* of processor time: engines (9\d|100)%.*\]`)
	}
	n.matches("%explain", `.*4 items.*`)
	if got, _ := n.run("%%prun\nrc.All().ApplySync(func() float64 { return busy(1) + busy(2) })"); strings.Contains(got, "ᐧ") || strings.Contains(got, "internal/parallel/engine") || !strings.Contains(got, " engines\n") {
		t.Errorf("what runs the items is in the table:\n%s", got)
	}
	got, _ := n.run("r := rc.Targets(0).Map(func(int) int { for { time.Sleep(time.Second) } }, []int{1})\ntime.Sleep(100 * time.Millisecond)\n%prun busy(1)\nr.Cancel()")
	if !regexp.MustCompile(`%prun does not know what all engines do`).MatchString(got) || !strings.Contains(got, "main.busy\n") {
		t.Errorf("with an engine that is busy: %s", got)
	}
	n.matches("%prun view.MapSync(busy, []int{1, 2})", `.* of it on 2 engines\n.*`)
	if got, reply := n.run("%%prun\nrc.Targets(0).ApplySync(func() int { os.Exit(3); return 0 })\nbusy(1)"); reply.Err != nil || !strings.Contains(got, "main.busy\n") {
		t.Errorf("with an engine that dies: %s, %v", got, reply.Err)
	}
	n.ok("rc.Close()", "")
	n.matches("%prun busy(1)", `[^\n]* of processor time in [0-9.]+m?s\n.*`)
}
