package clusters

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

var programIs = parallel.Func("program is", func(int) string { path, _ := os.Executable(); return path })

// TestSlurmWithoutAFolder: nodes that see nothing of this machine's get the program through srun, once, and wait, fail, are cancelled and end as others do.
func TestSlurmWithoutAFolder(t *testing.T) {
	s := slurm(t)
	s.Folder, s.NoFolder = "", true
	s.Partition, s.Time, s.Memory, s.EnginesPerNode, s.CPUs = "debug", 10*time.Minute, 300, 2, 2
	s.Prologue = "export GOPARALLEL_TEST_PROLOGUE='a b'\ncat" // which must not have the ticket
	t.Setenv("GOPARALLEL_TEST_SECRET", "hush")
	t.Setenv("SLURM_JOB_ID", "77")
	begin := time.Now()
	rc, out := start(t, 4, s)
	t.Logf("four engines on two nodes: %v", time.Since(begin))
	paths, err := rc.All().MapSync(programIs, many(4, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil || !strings.Contains(path, "/goparallel/programs/") {
			t.Error("not the node's own:", path)
		}
	}
	all := engines(t, rc)
	if all[0].Node != all[1].Node || all[0].Host == all[2].Host || strings.Contains(strings.Join(all[0].Variables, " "), "hush") || !strings.Contains(strings.Join(all[0].Variables, " "), "PROLOGUE=a b") {
		t.Error(all)
	}
	maps(t, rc)
	r := rc.LoadBalanced().Map(nap, many(120, 50), parallel.ChunkSize(1))
	job := run(t, "squeue", "-h", "-w", all[0].Host, "-t", "RUNNING", "-o", "%i")
	run(t, "scancel", job)
	if ys, err := r.Get(); err != nil || len(ys) != 120 {
		t.Error(len(ys), err)
	}
	await(t, 20*time.Second, func() string {
		if said := out.String(); !strings.Contains(said, "job "+job+" on "+all[0].Host+" is gone") || !strings.Contains(said, "CANCELLED") {
			return "not said in: " + said
		}
		return ""
	})
	if err := rc.Close(); err != nil {
		t.Error(err)
	}
	emptyQueue(t)

	bad := s
	bad.Partition = "nope"
	refused(t, 1, bad, "ended before it connected", "invalid partition specified: nope")
	bad = s
	bad.Prologue = "echo no module xyz; false"
	refused(t, 1, bad, "job ", "ended before it connected", "no module xyz", "the prologue failed")
	bad = s
	bad.Extra = []string{"--begin=now+1hour"}
	ctx, cancel := deadline(12 * time.Second)
	defer cancel()
	if rc, err := parallel.Start(ctx, 2, parallel.On(bad), parallel.Output(out, out)); err == nil {
		rc.Close()
		t.Error("it began")
	} else if !strings.Contains(err.Error(), "nodes: 1 PENDING (BeginTime)") {
		t.Error(err)
	}
	emptyQueue(t)
	await(t, 10*time.Second, func() string {
		left, _ := exec.Command("pgrep", "-f", "job-name=goparallel-").Output()
		return string(left)
	})
}

// TestSlurmWithoutAFolderWhenTheClientIsKilled: what runs ends, and what waits leaves the queue, though its srun was left to itself.
func TestSlurmWithoutAFolderWhenTheClientIsKilled(t *testing.T) {
	if os.Getenv(killed) != "" {
		rc, _ := start(t, 8, parallel.Slurm{NoFolder: true, EnginesPerNode: 2, CPUs: 2}, parallel.AtLeast(6)) // on four nodes, where there are three
		fmt.Println("they run")
		rc.LoadBalanced().MapSync(nap, many(2, 3_600_000))
	}
	slurm(t)
	client, _ := clientToKill(t, "yes")
	client.Process.Kill()
	client.Wait()
	emptyQueue(t)
	await(t, 10*time.Second, func() string {
		left, _ := exec.Command("pgrep", "-f", "job-name=goparallel-").Output()
		return string(left)
	})
}
