package clusters

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// slurm is a launcher for these machines, whose folder is one that all see.
func slurm(t *testing.T) parallel.Slurm {
	t.Helper()
	if _, err := os.Stat(filepath.Join(machines(t), "slurm.conf")); err != nil {
		t.Skip("Slurm is not installed")
	}
	folder, err := os.MkdirTemp("/tmp", "goparallel-jobs-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left, _ := filepath.Glob(folder + "/goparallel-*"); len(left) > 0 {
			t.Error("left behind:", left)
		}
		os.RemoveAll(folder)
	})
	return parallel.Slurm{Folder: folder}
}

// emptyQueue checks that no job is left.
func emptyQueue(t *testing.T) {
	t.Helper()
	await(t, 20*time.Second, func() string { return run(t, "squeue", "-h") })
	awaitNone(t, 10*time.Second)
}

func TestSlurm(t *testing.T) {
	t.Setenv("SLURM_JOB_ID", "77") // as in a job, or in a session of one
	t.Setenv("SBATCH_PARTITION", "none")
	t.Setenv("SLURM_CPU_BIND", "none of yours")
	t.Setenv("GOPARALLEL_TEST_SECRET", "hush")
	s := slurm(t)
	s.Partition, s.Time, s.Memory, s.EnginesPerNode, s.Prologue = "debug", 10*time.Minute, 300, 2, "export GOPARALLEL_TEST_PROLOGUE='a b'\n"
	s.Extra = []string{"--comment=mine"}
	begin := time.Now()
	rc, _ := start(t, 5, s)
	t.Logf("five engines on three nodes: %v", time.Since(begin))
	hosts := map[string]int{}
	for _, w := range engines(t, rc) {
		hosts[w.Host]++
		for _, v := range w.Variables {
			if strings.Contains(v, "none of yours") || v == "SLURM_JOB_ID=77" || strings.Contains(v, "hush") {
				t.Error("a variable of who submitted:", v)
			}
		}
		if !slices.Contains(w.Variables, "GOPARALLEL_TEST_PROLOGUE=a b") {
			t.Error("the prologue did not count:", w.Variables)
		}
	}
	if len(hosts) != 3 {
		t.Error(hosts)
	}
	maps(t, rc)
	if queue := run(t, "squeue", "-h", "-r", "-o", "%P %l %m %C %k %j"); strings.Count(queue, "debug 10:00 300M 2 mine goparallel-") != 3 {
		t.Error(queue)
	}
	secrets(t, s.Folder)
	if _, err := rc.LoadBalanced().MapSync(end, []int{1}); err == nil || !strings.Contains(err.Error(), "no more") {
		t.Error(err)
	}
	maps(t, rc)
	if err := rc.Close(); err != nil {
		t.Error(err)
	}
	emptyQueue(t)
}

// secrets looks for the tickets' keys where others could read them.
func secrets(t *testing.T, folder string) {
	t.Helper()
	tickets, _ := filepath.Glob(folder + "/goparallel-*/ticket.*")
	if len(tickets) == 0 {
		t.Fatal("no tickets")
	}
	data, err := os.ReadFile(tickets[0])
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), `"Key":"`)
	if !ok {
		t.Fatal("a ticket without a key")
	}
	key := rest[:60]
	for _, ticket := range tickets {
		if info, err := os.Stat(ticket); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(ticket, info.Mode(), err)
		}
	}
	job := strings.Fields(run(t, "squeue", "-h", "-r", "-o", "%A"))[0]
	seen := run(t, "scontrol", "show", "job", job) + run(t, "bash", "-c", "scontrol write batch_script "+job+" -; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; cat "+folder+"/goparallel-*/out.*")
	if strings.Contains(seen, key) {
		t.Error("a key is seen by others")
	}
}

func TestSlurmRefusals(t *testing.T) {
	s := slurm(t)
	for _, c := range []struct {
		change func(*parallel.Slurm)
		want   []string
	}{
		{func(s *parallel.Slurm) { s.Partition = "nope" }, []string{"invalid partition specified: nope", "sbatch"}},
		{func(s *parallel.Slurm) { s.Memory = 999999 }, []string{"sbatch"}},
		{func(s *parallel.Slurm) { s.Prologue = "uname() { [ $1 = -m ] && echo vax || echo Linux; }" }, []string{"ended before it connected", "FAILED", "is Linux vax, and this program runs on Linux "}},
		{func(s *parallel.Slurm) { s.Prologue = "echo no module xyz; false" }, []string{"job ", "ended before it connected", "FAILED", "no module xyz", "the prologue failed"}},
		{func(s *parallel.Slurm) { s.Template = strings.Replace(template, "PROGRAM", "/none/such", 1) }, []string{"ended before it connected", "/none/such"}},
		{func(s *parallel.Slurm) { s.Template = "{{.None}}" }, []string{"template", "None"}},
		{func(s *parallel.Slurm) { s.Extra = []string{"--a\nrm"} }, []string{"no flag"}},
		{func(s *parallel.Slurm) { s.Nodes, s.EnginesPerNode = 1, 1 }, []string{"2 engines", "1 nodes of 1 engines"}},
		{func(s *parallel.Slurm) { s.Folder = "/proc/none" }, []string{"the folder for jobs"}},
		{func(s *parallel.Slurm) { s.Folder = "/tmp/a folder" }, []string{"/tmp/a folder", "set Folder"}},
	} {
		changed := s
		c.change(&changed)
		refused(t, 2, changed, c.want...)
	}
	// Another user's folder, or one that others can write to.
	if err := os.Chmod(s.Folder, 0o777); err != nil {
		t.Fatal(err)
	}
	refused(t, 1, s, "others can write to the folder")
	os.Chmod(s.Folder, 0o700)
	emptyQueue(t)
}

// template is a script of a user's own.
const template = `#!/bin/bash
#SBATCH --job-name={{.Name}} --array={{.First}}-{{.Last}} --ntasks=1 --output={{.Folder}}/out.%a --no-requeue
export {{.Variable}}
exec srun PROGRAM < {{.Folder}}/ticket.$SLURM_ARRAY_TASK_ID
`

func TestSlurmWithATemplate(t *testing.T) {
	s := slurm(t)
	s.Template = strings.Replace(template, "PROGRAM", "{{.Program}}", 1)
	rc, _ := start(t, 2, s)
	maps(t, rc)
}

// TestSlurmPending: who waits is told why, and what was asked for is taken back.
func TestSlurmPending(t *testing.T) {
	s := slurm(t)
	s.EnginesPerNode, s.Extra = 2, []string{"--begin=now+1hour"}
	out := new(text)
	ctx, cancel := deadline(20 * time.Second)
	defer cancel()
	rc, err := parallel.Start(ctx, 4, parallel.On(s), parallel.Output(out, out))
	if err == nil {
		rc.Close()
		t.Fatal("it began")
	}
	for _, want := range []string{"0 of 4 engines had connected", "nodes: 2 PENDING (BeginTime)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
	if said := out.String(); !strings.Contains(said, "0 of 4 engines are connected after 4s; waiting for engines 0, 1, 2, 3; nodes: 2 PENDING (") {
		t.Error(said)
	}
	emptyQueue(t)
	// Some of the engines can begin.
	s.Extra = nil
	s.CPUs = 2
	rc, _ = start(t, 8, s, parallel.AtLeast(6))
	maps(t, rc)
}

func TestSlurmFaults(t *testing.T) {
	s := slurm(t)
	for _, c := range []struct {
		name string
		hit  func(t *testing.T, job string, w where)
		want []string
	}{
		{"killed", func(t *testing.T, job string, w where) { run(t, "kill", "-9", fmt.Sprint(w.Node)) }, []string{"is gone", "FAILED", "on n"}},
		{"cancelled", func(t *testing.T, job string, w where) { run(t, "scancel", job) }, []string{"will end soon", "is gone", "CANCELLED"}},
		{"preempted", func(t *testing.T, job string, w where) {
			go exec.Command("srun", "-p", "urgent", "-w", w.Host, "-n2", "--mem=100", "sleep", "1").Run()
		}, []string{"is gone", "PREEMPTED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.EnginesPerNode, s.CPUs = 2, 2
			rc, out := start(t, 4, s)
			all := engines(t, rc)
			job := run(t, "squeue", "-h", "-r", "-w", all[0].Host, "-t", "RUNNING", "-o", "%i")
			r := rc.LoadBalanced().Map(nap, many(120, 50), parallel.ChunkSize(1))
			time.Sleep(300 * time.Millisecond)
			c.hit(t, job, all[0])
			if ys, err := r.Get(); err != nil || len(ys) != 120 {
				t.Error(len(ys), err)
			}
			await(t, 40*time.Second, func() string {
				said := out.String()
				for _, want := range append(c.want, "job "+job) {
					if !strings.Contains(said, want) {
						return fmt.Sprintf("%q is not said in %q", want, said)
					}
				}
				return ""
			})
			if ids := rc.IDs(); len(ids) != 2 {
				t.Error("engines that run:", ids)
			}
		})
		emptyQueue(t)
	}
}

// TestSlurmWhenTheClientIsKilled: nodes that run end at once, one that cannot be reached soon after, and what waits leaves the queue.
func TestSlurmWhenTheClientIsKilled(t *testing.T) {
	if os.Getenv(killed) != "" {
		s := parallel.Slurm{Folder: os.Getenv(killed), EnginesPerNode: 2, CPUs: 2}
		rc, _ := start(t, 8, s, parallel.AtLeast(6)) // on four nodes, where there are three
		for _, w := range engines(t, rc) {
			fmt.Println("process", w.Host, w.Pid, w.Node)
		}
		fmt.Println("they run")
		rc.LoadBalanced().MapSync(nap, many(2, 3_600_000))
	}
	s := slurm(t)
	client, out := clientToKill(t, s.Folder)
	// One node cannot be reached at that time: nobody tells it.
	run(t, "ip", "link", "set", "v1", "down")
	t.Cleanup(func() { exec.Command("ip", "link", "set", "v1", "up").Run() })
	client.Process.Kill()
	client.Wait()
	cutOff := regexp.MustCompile(`(?m)^process n1 ([0-9]+) ([0-9]+)$`).FindAllStringSubmatch(out.String(), -1)
	if len(cutOff) != 2 {
		t.Fatal(out)
	}
	await(t, 15*time.Second, func() string {
		for _, pid := range append(cutOff[0][1:], cutOff[1][1]) {
			if text, _ := os.ReadFile("/proc/" + pid + "/stat"); len(text) > 0 && !strings.Contains(string(text), ") Z ") {
				return "process " + pid + " of the node that cannot be reached runs"
			}
		}
		return ""
	})
	run(t, "ip", "link", "set", "v1", "up")
	emptyQueue(t) // what waited there as well, and nobody had to cancel it
	await(t, 5*time.Second, func() string {
		left, _ := filepath.Glob(s.Folder + "/goparallel-*")
		return strings.Join(left, " ")
	})
}
