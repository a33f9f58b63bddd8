package clusters

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// TestSlurmReplacesLostNodes: what is cancelled or preempted is asked for again while the call goes on, once, and not at once where it went as soon as it had come.
func TestSlurmReplacesLostNodes(t *testing.T) {
	s := slurm(t)
	s.EnginesPerNode, s.CPUs = 2, 2
	rc, out := start(t, 4, s, parallel.Adapt(4, 4, time.Minute))
	all := engines(t, rc)
	r := rc.LoadBalanced().Map(nap, many(1000, 50), parallel.ChunkSize(1))
	most := 0
	replaced := func(last int) {
		t.Helper()
		await(t, 40*time.Second, func() string {
			most = max(most, len(strings.Fields(run(t, "squeue", "-h", "-r", "-o", "%i"))))
			if ids := rc.IDs(); len(ids) != 4 || ids[3] != last {
				return "not replaced: " + out.String()
			}
			return ""
		})
	}
	run(t, "scancel", run(t, "squeue", "-h", "-r", "-w", all[0].Host, "-t", "RUNNING", "-o", "%i"))
	replaced(5)
	if said := out.String(); strings.Contains(said, "no more engines for now") || !strings.Contains(said, "will end soon") {
		t.Error(said)
	}
	where, err := rc.Targets(5).MapSync(whereIs, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	go exec.Command("srun", "-p", "urgent", "-w", where[0].Host, "-n2", "--mem=100", "sleep", "1").Run()
	replaced(7)
	if said := out.String(); strings.Count(said, "no more engines for now, the next attempt is in 15s: job ") != 1 {
		t.Error(said)
	}
	if most > 4 { // two that are there, one that ends, and the other user's
		t.Errorf("%d jobs were in the queue at once", most)
	}
	if ys, err := r.Get(); err != nil || len(ys) != 1000 || r.Explain().Retried != 0 {
		t.Error(len(ys), err)
	}
	await(t, 20*time.Second, func() string { // of three arrays, one of which has ended
		if left, _ := filepath.Glob(s.Folder + "/goparallel-*"); len(left) != 2 {
			return strings.Join(left, " ")
		}
		return ""
	})
	if err := rc.Close(); err != nil {
		t.Error(err)
	}
	emptyQueue(t)
}
