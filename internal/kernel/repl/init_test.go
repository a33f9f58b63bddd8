package repl_test

import (
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// TestInitialisationsThatDoNotEnd imports packages whose init functions end the process or
// wait for ever, in the host and in an engine.
func TestInitialisationsThatDoNotEnd(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":             "module example.com/lab\n\ngo 1.27\n",
		"leaving/leaving.go": "package leaving\n\nimport \"os\"\n\nconst X = 1\n\nfunc init() { os.Exit(4) }\n\nfunc F() int { return X }\n",
		"waiting/waiting.go": "package waiting\n\nimport \"fmt\"\n\nfunc init() {\n\tfmt.Println(\"started\")\n\tselect {}\n}\n\nfunc F() int { return 2 }\n",
		"asleep/asleep.go":   "package asleep\n\nimport (\"fmt\"; \"time\")\n\nfunc init() {\n\tfmt.Println(\"started\")\n\ttime.Sleep(time.Hour)\n}\n\nfunc F() int { return 2 }\n",
		"here/here.go":       "package here\n\nimport (\"os\"; \"time\")\n\n// The engine's own copy waits; the notebook's does not.\nfunc init() {\n\tif os.Getenv(\"LAB_HOST\") == \"\" {\n\t\ttime.Sleep(time.Hour)\n\t}\n}\n\nfunc F(x int) int { return x + 2 }\n",
	})
	n := openIn(t, dir)
	n.ok("kept := 7", "")
	if got := n.fails("import \"example.com/lab/leaving\"\nleaving.F()", "Exited"); !strings.Contains(got, "os.Exit(4)") || !strings.Contains(got, "values are gone") {
		t.Error(got)
	}
	n.ok("kept := 8", "")
	for _, name := range []string{"waiting", "asleep"} {
		took, reply := n.interrupt("import \"example.com/lab/"+name+"\"\n"+name+".F()", 0)
		if reply.Err == nil || reply.Err.Name != "Interrupted" || took > promptly {
			t.Errorf("%s: interrupted, it ended after %v with %+v", name, took, reply.Err)
		}
		n.ok("kept", "=> 8")
		// It has not been initialised, and is not taken as if it had been.
		if got, reply := n.run(name + ".F()"); reply.Err == nil {
			t.Errorf("%s is used although it was not initialised: %s", name, got)
		}
	}
	n.ok("import (\"context\"; \"os\"; \"github.com/goparallel/goparallel/parallel\")\nrc, err := parallel.Start(context.Background(), 1)\nos.Setenv(\"LAB_HOST\", \"yes\")\nerr", "=> <nil>")
	n.ok("import \"example.com/lab/here\"\nhere.F(1)", "=> 3")
	took, reply := n.interrupt("rc.LoadBalanced().MapSync(here.F, []int{1})", 2*time.Second)
	if reply.Err == nil || reply.Err.Name != "Interrupted" || took > promptly {
		t.Errorf("an engine's initialisation: interrupted, it ended after %v with %+v", took, reply.Err)
	}
	n.ok("kept", "=> 8")
}

// TestTheLongestCell runs a cell of a megabyte and interrupts it at several points of its
// way through the kernel.
func TestTheLongestCell(t *testing.T) {
	n := open(t)
	n.ok("x := 1", "")
	code := strings.Repeat("x = 7\n", 170_000)
	for _, after := range []time.Duration{time.Millisecond, 300 * time.Millisecond, 2 * time.Second} {
		out := &recorder{}
		timer := time.AfterFunc(after, func() {
			for !n.repl.Executes() && t.Context().Err() == nil { // on a busy machine the cell begins later
				time.Sleep(time.Millisecond)
			}
			n.repl.Interrupt()
		})
		begin := time.Now()
		reply := n.execute(cell.Request{Code: code}, out)
		timer.Stop()
		if took := time.Since(begin); reply.Err == nil || reply.Err.Name != "Interrupted" || took > after+time.Minute {
			t.Errorf("interrupted after %v, it ended after %v with %+v", after, took, reply.Err)
		}
	}
	n.ok("x", "=> 1")
}
