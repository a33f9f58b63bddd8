package clusters

import (
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

var long = flag.Bool("long", false, "also run tests that wait for limits of minutes")

// hoard takes so many megabytes.
var hoard = parallel.Func("hoard", func(mb int) int {
	block := make([]byte, mb<<20)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	return len(block) >> 20
})

// TestSlurmMemory: Slurm limits a job's memory, and the kernel ends the engine that needs more. The error names the engine's node and job, the limit, and
// what to do; its node goes on, and so do the other items.
func TestSlurmMemory(t *testing.T) {
	s := slurm(t)
	s.EnginesPerNode, s.CPUs, s.Memory = 2, 2, 400
	rc, _ := start(t, 2, s)
	if limited := run(t, "scontrol", "show", "config"); !strings.Contains(limited, "task/cgroup") {
		t.Skip("Slurm limits no memory here: there are no control groups for it")
	}
	ys, err := rc.LoadBalanced().MapSync(hoard, []int{1, 2000, 3}, parallel.ChunkSize(1))
	if err == nil {
		t.Fatal(ys)
	}
	for _, want := range []string{"it ended 3 engine processes; the last on n", " (job ", "_0) was killed by signal 9 (killed) when memory ran out: all processes here together may use 400 MiB", "ask for more memory"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
	if ys[0] != 1 || ys[2] != 3 {
		t.Error(ys)
	}
	maps(t, rc)
	rc.Close()
	emptyQueue(t)
}

// TestSlurmLeavesANode: a node that is drained keeps what runs there and gets nothing new; one that is set down is lost, and its items run on others.
func TestSlurmLeavesANode(t *testing.T) {
	s := slurm(t)
	s.EnginesPerNode, s.CPUs = 2, 2
	rc, out := start(t, 4, s)
	all := engines(t, rc)
	host := all[0].Host
	job := run(t, "squeue", "-h", "-r", "-w", host, "-o", "%i")
	t.Cleanup(func() { exec.Command("scontrol", "update", "nodename="+host, "state=resume").Run() })
	run(t, "scontrol", "update", "nodename="+host, "state=drain", "reason=test")
	maps(t, rc)
	if ids := rc.IDs(); len(ids) != 4 {
		t.Error("engines of a node that is drained:", ids)
	}
	r := rc.LoadBalanced().Map(nap, many(200, 50), parallel.ChunkSize(1))
	time.Sleep(300 * time.Millisecond)
	run(t, "scontrol", "update", "nodename="+host, "state=down", "reason=test")
	if ys, err := r.Get(); err != nil || len(ys) != 200 {
		t.Error(len(ys), err)
	}
	await(t, 40*time.Second, func() string {
		said := out.String()
		for _, want := range []string{"job " + job + " on " + host + " is gone", "NODE_FAIL"} {
			if !strings.Contains(said, want) {
				return fmt.Sprintf("%q is not said in %q", want, said)
			}
		}
		return ""
	})
	run(t, "scontrol", "update", "nodename="+host, "state=resume")
	rc.Close()
	emptyQueue(t)
}

// TestSlurmRequeues: a site, or a template, may requeue jobs all the same. What comes again is another process, which nobody has asked for: it is not let in,
// ends, and leaves the queue.
func TestSlurmRequeues(t *testing.T) {
	s := slurm(t)
	s.Template = strings.Replace(strings.Replace(template, "PROGRAM", "{{.Program}}", 1), " --no-requeue", " --requeue", 1)
	rc, out := start(t, 2, s)
	job := strings.Fields(run(t, "squeue", "-h", "-r", "-o", "%i"))[0]
	run(t, "scontrol", "requeue", job)
	ys, err := rc.LoadBalanced().MapSync(nap, many(40, 50))
	if err != nil || len(ys) != 40 {
		t.Error(len(ys), err)
	}
	await(t, 40*time.Second, func() string {
		if said := out.String(); !strings.Contains(said, "job "+job+" on ") || !strings.Contains(said, "is gone") {
			return "not said in: " + said
		}
		return ""
	})
	await(t, 60*time.Second, func() string {
		if left := run(t, "squeue", "-h", "-r", "-o", "%i"); strings.Contains(left, job) {
			return left
		}
		return ""
	})
	if ids := rc.IDs(); len(ids) != 1 {
		t.Error("engines:", ids)
	}
	maps(t, rc)
	rc.Close()
	emptyQueue(t)
}

// TestSlurmTimeLimit: engines drain before the limit, and unfinished items move and count as no failure.
func TestSlurmTimeLimit(t *testing.T) {
	if !*long {
		t.Skip("runs with -long: Slurm's limits are minutes")
	}
	s := slurm(t)
	s.EnginesPerNode, s.CPUs, s.Time, s.Drain = 2, 2, 3*time.Minute, 10*time.Second // Slurm looks every 30 s, and announces ends up to a minute earlier
	rc, out := start(t, 2, s)
	first := run(t, "squeue", "-h", "-r", "-o", "%i")
	time.Sleep(50 * time.Second) // so that the second node goes on when the first one ends
	ctx, cancel := deadline(time.Minute)
	defer cancel()
	if _, err := rc.AddEngines(ctx, 2); err != nil {
		t.Fatal(err)
	}
	const drains = " will end soon: it was told to end by signal 15"
	for until := time.Now().Add(2 * time.Minute); !strings.Contains(out.String(), drains); {
		r := rc.LoadBalanced().Map(nap, many(30, 500))
		if ys, err := r.Get(); err != nil || len(ys) != 30 || r.Explain().Retried != 0 {
			t.Fatal(len(ys), err, r.Explain())
		}
		if time.Now().After(until) {
			t.Fatal("no end was announced: ", out)
		}
	}
	if said := out.String(); !strings.Contains(said, "job "+first+" on n") || strings.Count(said, drains) != 1 {
		t.Errorf("another node than the first drained: %q", said)
	}
	await(t, 30*time.Second, func() string {
		if ids := rc.IDs(); len(ids) != 2 {
			return fmt.Sprint("engines that run: ", ids)
		}
		return ""
	})
	maps(t, rc)
	rc.Close()
	emptyQueue(t)
}

// TestSlurmOutput: a job whose output cannot be written does not begin, and Slurm says so in a word alone.
func TestSlurmOutput(t *testing.T) {
	s := slurm(t)
	s.Extra = []string{"--output=/proc/none/out.%a"}
	refused(t, 1, s, "job ", "ended before it connected", "FAILED", " on n", "JobLaunchFailure", "be able to write where --output says")
	emptyQueue(t)
}
