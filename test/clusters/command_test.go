package clusters

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// goparallel returns how to run the command, with a place of its own for clusters.
func goparallel(t *testing.T) func(args ...string) (string, error) {
	t.Helper()
	binary := os.Getenv("GOPARALLEL")
	if binary == "" {
		t.Skip("there is no goparallel: test/clusters.sh builds it")
	}
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	return func(args ...string) (string, error) {
		cmd := exec.Command(binary, args...)
		cmd.WaitDelay = time.Second
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
}

// started starts a cluster that lives on.
func started(t *testing.T, run func(...string) (string, error), name string, flags ...string) {
	t.Helper()
	if out, err := run(append([]string{"cluster", "start", "--name", name}, flags...)...); err != nil {
		t.Fatal(out, err)
	}
	t.Cleanup(func() { run("cluster", "stop", "--name", name) })
}

// connect connects to a cluster, which a minute must be enough for.
func connect(t *testing.T, name string) *parallel.Client {
	t.Helper()
	ctx, cancel := deadline(time.Minute)
	defer cancel()
	rc, err := parallel.Connect(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rc.Close() })
	return rc
}

// TestClusterStartSlurm: clusters that live on have their engines where the flags say, and end what they have begun.
func TestClusterStartSlurm(t *testing.T) {
	s := slurm(t)
	run := goparallel(t)
	started(t, run, "s", "-n", "4", "--slurm", "--partition=debug", "--engines-per-node=2", "--cpus=2", "--memory=300", "--time=10m", "--folder="+s.Folder,
		"--flag=--comment=mine", "--prologue=export GOPARALLEL_TEST_PROLOGUE='a b'\ntrue", "--listen=:7100-7199")
	rc := connect(t, "s")
	maps(t, rc)
	hosts := map[string]bool{}
	for _, w := range engines(t, rc) {
		hosts[w.Host] = true
		if !strings.Contains(strings.Join(w.Variables, "\n"), "PROLOGUE=a b") {
			t.Error("the prologue did not count:", w.Variables)
		}
	}
	if len(hosts) != 2 {
		t.Error(hosts)
	}
	if queue, err := command("squeue", "-h", "-r", "-o", "%P %l %m %C %k %j"); strings.Count(queue, "debug 10:00 300M 2 mine goparallel-") != 2 {
		t.Error(queue, err)
	}
	if out, err := run("cluster", "stop", "--name", "s"); err != nil || out != "" {
		t.Error(out, err)
	}
	if queue, err := command("squeue", "-h"); queue != "" || err != nil {
		t.Error("stop has not waited for the end of the jobs:", queue, err)
	}
	emptyQueue(t)
}

func TestClusterStartSSH(t *testing.T) {
	run := goparallel(t)
	started(t, run, "h", "-n", "2", "--ssh=n1,n2", "--ssh-option=-F", "--ssh-option="+filepath.Join(machines(t), "ssh_config"))
	rc := connect(t, "h")
	maps(t, rc)
	if all := engines(t, rc); all[0].Host != "n1" || all[1].Host != "n2" {
		t.Error(all)
	}
}

// TestClusterStopSlurmWhenTheControllerIsKilled cancels what waits in the queue by its name, where its keeper was killed as well.
func TestClusterStopSlurmWhenTheControllerIsKilled(t *testing.T) {
	s := slurm(t)
	run := goparallel(t)
	started(t, run, "k", "-n", "8", "--slurm", "--engines-per-node=2", "--cpus=2", "--at-least=6", "--folder="+s.Folder) // on four nodes, where there are three
	rc := connect(t, "k")
	maps(t, rc)
	list, err := run("cluster", "list")
	pid := regexp.MustCompile(`(?m)^k +([0-9]+) `).FindStringSubmatch(list)
	if err != nil || pid == nil {
		t.Fatal(list, err)
	}
	keepers, err := command("pgrep", "-f", "^/bin/sh -c read -r word.* --name=goparallel-")
	if err != nil {
		t.Fatal(keepers, err)
	}
	if out, err := command("kill", append([]string{"-9", pid[1]}, strings.Fields(keepers)...)...); err != nil { // as at the end of a login that ends all
		t.Fatal(out, err)
	}
	out, err := run("cluster", "stop", "--name", "k")
	if err != nil || !strings.Contains(out, "cancelled the jobs goparallel-") || !strings.Contains(out, "which process "+pid[1]+" on login had left") {
		t.Error(out, err)
	}
	emptyQueue(t)
	if left, _ := filepath.Glob(s.Folder + "/goparallel-*"); len(left) > 0 {
		t.Error("left behind:", left)
	}
	if out, err := run("cluster", "stop", "--name", "k"); err == nil || !strings.Contains(out, "has ended") {
		t.Error("there was nothing to stop any more:", out, err)
	}
}

// TestClusterStopSlurmKeepsWhatRuns: jobs of a program that runs are nobody's leftovers, and those of another machine cannot be told.
func TestClusterStopSlurmKeepsWhatRuns(t *testing.T) {
	s := slurm(t)
	run := goparallel(t)
	rc, _ := start(t, 1, s)
	if out, err := run("cluster", "stop", "--name", "none"); err == nil || !strings.Contains(out, "there is no cluster") || strings.Contains(out, "cancelled") {
		t.Error(out, err)
	}
	maps(t, rc)
	written, _ := filepath.Glob(os.Getenv("XDG_STATE_HOME") + "/goparallel/jobs/*.json")
	if len(written) != 1 {
		t.Fatal(written)
	}
	text, err := os.ReadFile(written[0])
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), `"Host":"login"`, `"Host":"login2"`, 1))
	if err := os.WriteFile(written[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _ := run("cluster", "stop", "--name", "none"); !strings.Contains(out, fmt.Sprintf("process %d on login2 has submitted", os.Getpid())) {
		t.Error(out)
	}
	maps(t, rc)
	if out, _ := run("cluster", "stop", "--name", "none", "--elsewhere"); !strings.Contains(out, "cancelled the jobs goparallel-") {
		t.Error(out)
	}
	emptyQueue(t)
}

// TestClusterStartSlurmNobodyWaits: a program that does not wait for its engines any more leaves no job in the queue.
func TestClusterStartSlurmNobodyWaits(t *testing.T) {
	s := slurm(t)
	run := goparallel(t)
	started(t, run, "w", "-n", "1", "--slurm", "--flag=--begin=now+1hour", "--linger=100ms", "--folder="+s.Folder)
	out := new(text)
	ctx, cancel := context.WithTimeout(context.Background(), 7*time.Second)
	defer cancel()
	if rc, err := parallel.Connect(ctx, "w", parallel.Output(out, out)); err == nil {
		rc.Close()
		t.Error("there are engines")
	}
	if said := out.String(); !strings.Contains(said, "0 of 1 engines are connected after 4s; waiting for engine 0; nodes: 1 PENDING (BeginTime)") {
		t.Errorf("who waits was told %q", said)
	}
	emptyQueue(t)
}

// command runs another command.
func command(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}
