package clusters

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// TestANodeThatIsCutOff is given up soon, and ends its engines by itself: nothing of it counts when it
// can be reached again.
func TestANodeThatIsCutOff(t *testing.T) {
	s := slurm(t)
	s.EnginesPerNode, s.CPUs = 2, 2
	rc, out := start(t, 4, s)
	all := engines(t, rc)
	cut := all[0].Host
	link := "v" + strings.TrimPrefix(cut, "n")
	run(t, "ip", "link", "set", link, "down") // this process is in the name space of the bridge
	t.Cleanup(func() { exec.Command("ip", "link", "set", link, "up").Run() })
	begin := time.Now()
	ys, err := rc.LoadBalanced().MapSync(nap, many(400, 50))
	if err != nil || len(ys) != 400 {
		t.Error(len(ys), err)
	}
	await(t, 40*time.Second, func() string {
		if said := out.String(); !strings.Contains(said, "on "+cut+" is gone: its machine cannot be reached: for 3s") {
			return "not said in: " + said
		}
		return ""
	})
	t.Logf("it is said after %v", time.Since(begin))
	await(t, 10*time.Second, func() string { // it cannot be told: it finds out
		for _, w := range all[:2] {
			if syscall.Kill(w.Pid, 0) == nil && !strings.Contains(stat(w.Pid), ") Z ") {
				return "an engine of the node that was cut off runs"
			}
		}
		return ""
	})
	run(t, "ip", "link", "set", link, "up")
	if ids := rc.IDs(); len(ids) != 2 {
		t.Error(ids)
	}
	maps(t, rc)
	rc.Close()
	emptyQueue(t)
}

// TestSlurmAPushedValue: it goes to each node once, however many engines that has.
func TestSlurmAPushedValue(t *testing.T) {
	s := slurm(t)
	s.EnginesPerNode, s.CPUs = 2, 2
	rc, _ := start(t, 4, s)
	nodes := map[string]bool{}
	for _, w := range engines(t, rc) {
		nodes[w.Host] = true
	}
	sent := func(host string) (bytes int) {
		text := run(t, "ip", "-s", "-j", "link", "show", "dev", "v"+strings.TrimPrefix(host, "n"))
		if _, found, ok := strings.Cut(text, `"tx":{"bytes":`); ok {
			fmt.Sscan(found, &bytes)
		}
		return bytes
	}
	before := map[string]int{}
	for host := range nodes {
		before[host] = sent(host)
	}
	wide := make([]float64, 4<<20)
	began := time.Now()
	if err := rc.All().Push("wide", wide); err != nil {
		t.Fatal(err)
	}
	t.Logf("32 MB to %d engines on %d nodes: %v", len(rc.IDs()), len(nodes), time.Since(began))
	for host := range nodes {
		if got := sent(host) - before[host]; got < 32<<20 || got > 40<<20 {
			t.Errorf("%d bytes went to %s for a value of %d", got, host, 32<<20)
		}
	}
}

// stat is what Linux says of a process, or "".
func stat(pid int) string {
	text, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "stat"))
	if err != nil {
		return ""
	}
	return string(text)
}

// TestSlurmIsSilent: while the controller stands still nothing is concluded, and jobs go on.
func TestSlurmIsSilent(t *testing.T) {
	s := slurm(t)
	rc, out := start(t, 2, s)
	pid := strings.TrimSpace(run(t, "cat", filepath.Join(machines(t), "slurmctld.pid")))
	run(t, "kill", "-STOP", pid)
	resume := func() { exec.Command("kill", "-CONT", pid).Run() }
	t.Cleanup(resume)
	maps(t, rc)
	ctx, cancel := deadline(8 * time.Second)
	defer cancel()
	if _, err := parallel.Start(ctx, 1, parallel.On(s), parallel.Output(out, out)); err == nil {
		t.Error("a job was submitted to a controller that stands still")
	}
	maps(t, rc)
	if ids := rc.IDs(); len(ids) != 2 {
		t.Error(ids, out)
	}
	resume()
	rc.Close()
	run(t, "bash", "-c", "squeue -h -o %A | xargs -r scancel") // what the second submission may have left
	emptyQueue(t)
	left, _ := filepath.Glob(s.Folder + "/goparallel-*")
	for _, dir := range left {
		os.RemoveAll(dir)
	}
}
