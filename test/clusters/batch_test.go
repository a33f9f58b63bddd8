package clusters

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// standIn puts a script in the place of a batch system's commands, and returns the folder with its state and a
// folder for jobs.
func standIn(t *testing.T) (state, jobs string) {
	t.Helper()
	state = t.TempDir()
	bin := t.TempDir()
	script, err := filepath.Abs("testdata/batch.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"qsub", "qstat", "qdel", "bsub", "bjobs", "bkill", "condor_submit", "condor_q", "condor_rm"} {
		if err := os.Symlink(script, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("BATCH", state)
	jobs = filepath.Join(t.TempDir(), "jobs")
	return state, jobs
}

// set writes a file of the state.
func set(t *testing.T, state, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(state, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBatchSystemsByStandIn runs engines through systems whose commands are a script: what is tested is
// that the commands and the scripts fit together, not that a real system takes them.
func TestBatchSystemsByStandIn(t *testing.T) {
	for name, launcher := range map[string]func(parallel.Queue) parallel.Launcher{"PBS": parallel.PBS, "LSF": parallel.LSF, "HTCondor": parallel.HTCondor} {
		t.Run(name, func(t *testing.T) {
			state, jobs := standIn(t)
			q := parallel.Queue{Folder: jobs, EnginesPerNode: 2, Memory: 500, Time: time.Hour}
			if name != "HTCondor" {
				q.Name, q.Prologue = "fast", "true {{ not a template"
			}
			rc, out := start(t, 5, launcher(q))
			all := engines(t, rc)
			if len(all) != 5 || all[0].Node != all[1].Node || all[3].Node == all[4].Node {
				t.Error(all)
			}
			maps(t, rc)
			run(t, "kill", "-9", strings.TrimSpace(read(t, state, "job100/pid.*")))
			await(t, 30*time.Second, func() string {
				if strings.Contains(out.String(), "job 100_") && strings.Contains(out.String(), "is gone") {
					return ""
				}
				return "not said in: " + out.String()
			})
			if ids := rc.IDs(); len(ids) != 3 {
				t.Error(ids)
			}
			if err := rc.Close(); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(jobs); len(left) != 1 || left[0].Name() != "programs" {
				t.Error("left behind:", left)
			}
			one, _ := start(t, 1, launcher(q)) // an array of one
			maps(t, one)
			set(t, state, "refuse", "you have no right to this queue\n")
			refused(t, 1, launcher(q), "you have no right to this queue")
		})
	}
}

// read returns the first file that a pattern finds in the state.
func read(t *testing.T, state, pattern string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(state, pattern))
	if len(found) == 0 {
		t.Fatal("no file", pattern)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWhatAQueueSaysOfNodes: one look for all jobs, silence and unknown words are no end, and what is
// not listed any more has ended.
func TestWhatAQueueSaysOfNodes(t *testing.T) {
	state, jobs := standIn(t)

	ctx := context.Background()
	order := parallel.Order{Name: "goparallel-test", Nodes: 3, Engines: 1, Program: "/bin/true", Ticket: func(int, parallel.TicketOptions) []byte { return []byte("{}\n") }}
	var all []parallel.Allocation
	l := parallel.Batch{
		System: "a system", Folder: jobs, Submit: []string{"bsub"}, JobID: `<([0-9]+)>`, Script: "#BSUB -J \"x[1-{{.Nodes}}]\"\nexec sleep 60\n",
		Query: []string{"bjobs"}, State: `^(?P<job>[0-9]+)\|(?P<index>[0-9]+)\|(?P<state>\S+)\|`, First: 1, Every: 500 * time.Millisecond,
		Pending: []string{"PEND"}, Running: []string{"RUN"}, Ended: []string{"EXIT"}, Cancel: []string{"bkill", "{jobs}"},
	}
	for i := range 6 {
		order.Name = "goparallel-test-" + string(rune('a'+i))
		a, err := l.Launch(ctx, order)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Stop(ctx) })
		all = append(all, a)
	}
	phase := func(want parallel.NodePhase) {
		t.Helper()
		await(t, 20*time.Second, func() string {
			for _, a := range all {
				states, err := a.Poll(ctx)
				if err != nil {
					return err.Error()
				}
				for _, s := range states {
					if s.Phase != want {
						return s.Phase.String() + " " + s.Reason
					}
				}
			}
			return ""
		})
	}
	phase(parallel.NodeRunning)
	begin, before := time.Now(), strings.Count(read(t, state, "calls"), "bjobs")
	for time.Since(begin) < 2*time.Second {
		for _, a := range all {
			a.Poll(ctx)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if looks, most := strings.Count(read(t, state, "calls"), "bjobs")-before, int(time.Since(begin)/(500*time.Millisecond))+1; looks > most {
		t.Errorf("%d looks at the queue in %v for 6 jobs", looks, time.Since(begin))
	}
	set(t, state, "state", "PEND")
	phase(parallel.NodePending)
	set(t, state, "state", "AN_UNKNOWN_WORD")
	phase(parallel.NodeUnknown)
	set(t, state, "silent", "")
	await(t, 20*time.Second, func() string {
		if _, err := all[0].Poll(ctx); err == nil || !strings.Contains(err.Error(), "the server does not answer") {
			return "silence is taken for an answer"
		}
		return ""
	})
	os.Remove(filepath.Join(state, "silent"))
	phase(parallel.NodeUnknown)
	set(t, state, "state", "gone")
	phase(parallel.NodeEnded)
}
