package launchers

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// submitted submits an array to a system of three commands, whose jobs wait for ever.
func submitted(t *testing.T, dir string) backend.Allocation {
	t.Helper()
	b := Batch{
		System: "a system", Folder: filepath.Join(dir, "jobs"), Submit: []string{"sh", "-c", "cat > /dev/null; echo 7"}, JobID: "(.*)", Script: "none",
		Query: []string{"sh", "-c", "cat " + dir + "/queue || true"}, State: `^(?P<job>[0-9]+) (?P<index>[0-9]+) (?P<state>\S+)$`, Pending: []string{"PEND"},
		Cancel:      []string{"sh", "-c", "rm " + dir + "/queue"},
		CancelNamed: []string{"sh", dir + "/cancel", "{name}"}, None: "no such (job|array)",
	}
	if err := os.WriteFile(dir+"/queue", []byte("7 0 PEND\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	order := backend.Order{Name: "goparallel-test", Nodes: 1, Engines: 1, Program: "/bin/true", Ticket: func(int, backend.TicketOptions) []byte { return []byte("{}\n") }}
	a, err := b.Launch(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestJobsOfAKilledProgramLeaveTheQueue without anybody who looks for them, also where the system does not answer at first, or has none any more.
func TestJobsOfAKilledProgramLeaveTheQueue(t *testing.T) {
	if dir := os.Getenv("TEST_KILLED"); dir != "" {
		submitted(t, dir)
		fmt.Println("submitted")
		select {}
	}
	for name, cancel := range map[string]string{
		"at once":         `echo "$1" >> DIR/cancelled`,
		"not at first":    `[ -e DIR/asked ] && echo "$1" >> DIR/cancelled || { touch DIR/asked; echo the server does not answer >&2; exit 1; }`,
		"nothing is left": `echo "$1" >> DIR/cancelled; echo no such array >&2; exit 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(dir+"/cancel", []byte(strings.ReplaceAll(cancel, "DIR", dir)), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestJobsOfAKilledProgramLeaveTheQueue$")
			cmd.Env = append(os.Environ(), "TEST_KILLED="+dir, "XDG_STATE_HOME="+dir)
			out, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "submitted\n" {
				t.Error(line, err)
			}
			if left := remains(dir); len(left) != 2 {
				t.Error("a folder of tickets and a note are wanted, there are", left)
			}
			cmd.Process.Kill()
			cmd.Wait()
			for end := time.Now().Add(30 * time.Second); len(remains(dir)) > 0; time.Sleep(50 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("still there:", remains(dir))
				}
			}
			if text, err := os.ReadFile(dir + "/cancelled"); err != nil || string(text) != "goparallel-test\n" {
				t.Errorf("%q %v", text, err)
			}
		})
	}
}

// remains lists what an array has left in files.
func remains(dir string) []string {
	tickets, _ := filepath.Glob(dir + "/jobs/goparallel-*")
	notes, _ := filepath.Glob(dir + "/goparallel/jobs/*")
	return append(tickets, notes...)
}

// TestKeepersEndWithTheirJobs, and cancel nothing where the program has.
func TestKeepersEndWithTheirJobs(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	a := submitted(t, dir)
	k := a.(*array).keeper
	if k == nil {
		t.Fatal("nobody keeps the jobs")
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-k.p.Ended():
	default:
		t.Error("the keeper runs")
	}
	if left := remains(dir); len(left) > 0 {
		t.Error(left)
	}
	if _, err := os.Stat(dir + "/cancelled"); err == nil {
		t.Error("it has cancelled")
	}
}
