package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// goparallel runs the command and returns what it prints.
func goparallel(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(binary, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("goparallel %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestANotebookFindsItsResultsAgain leaves a long map to a cluster by a crash of the notebook's kernel, and kills an engine after that: a
// new notebook finds the results, of a type that cells declare, by the call's id.
func TestANotebookFindsItsResultsAgain(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	goparallel(t, "cluster", "start", "-n", "2", "--name", "books")
	t.Cleanup(func() { exec.Command(binary, "cluster", "stop", "--name", "books").Run() })
	const connect = `import ("context"; "fmt"; "time"; "github.com/goparallel/goparallel/parallel")
rc, err := parallel.Connect(context.Background(), "books")
if err != nil { panic(err) }
type point struct { x, y int; name string }
`
	first := start(t)
	first.run(connect)
	first.run("k := 7")
	id := strings.TrimSpace(first.run(`prefix := "p"
r := rc.LoadBalanced().Map(func(x int) point { time.Sleep(50 * time.Millisecond); return point{x, x * k, prefix} }, make([]int, 100), parallel.ChunkSize(1), parallel.Label("long map"))
fmt.Println(r.ID())`))
	pids := regexp.MustCompile(`\d+`).FindAllString(first.run(`fmt.Println(rc.Pid(0), rc.Pid(1))`), -1)
	first.process.Process.Kill()
	<-first.ended
	if list := goparallel(t, "cluster", "list"); !strings.Contains(list, "books") {
		t.Fatal(list)
	}
	var pid int
	fmt.Sscan(pids[0], &pid)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("engine %s: %v", pids[0], err)
	}

	second := start(t)
	second.run(connect)
	if h := second.run("h, err := rc.History(context.Background())\nfmt.Println(h, err)"); !strings.Contains(h, id) || !strings.Contains(h, "long map") {
		t.Error(h)
	}
	if got := second.run(fmt.Sprintf(`again, err := rc.Fetch[point](context.Background(), %q)
if err != nil { panic(err) }
ps, err := again.Get()
fmt.Println(len(ps), ps[0] == point{0, 0, "p"}, ps[99].name, err)`, id)); !strings.HasSuffix(got, "100 true p <nil>\n") {
		t.Error(got)
	}
	if got := second.run(`type point struct { x int }
_, err = rc.Fetch[point](context.Background(), "` + id + `")
fmt.Println(err)`); !strings.Contains(got, "of another type main.point, which was declared again since") {
		t.Error(got)
	}
	engines := goparallel(t, "cluster", "engines", "--name", "books")
	if !strings.Contains(engines, "2 engines") {
		t.Error(engines)
	}
	goparallel(t, "cluster", "stop", "--name", "books")
	// The cell looks at the clock itself, since it takes a while to compile on a busy machine.
	if got := second.fail("began := time.Now()\nrc.LoadBalanced().MapSync(func(x int) int { return x }, []int{1})\n_, err = rc.LoadBalanced().MapSync(func(x int) int { return x }, []int{1})\nif took := time.Since(began); took > 3*time.Second {\n\tpanic(took)\n}\npanic(err)"); !strings.Contains(got, "goparallel cluster start --name books") {
		t.Error(got)
	}
	for _, pid := range regexp.MustCompile(`(?m)^\d+ +(\d+) `).FindAllStringSubmatch(engines, -1) {
		var n int
		fmt.Sscan(pid[1], &n)
		waitForEnd(t, n)
	}
}

// TestWhereEnginesComeFrom: flags that do not fit each other are told apart before anything is started.
func TestWhereEnginesComeFrom(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	batch := filepath.Join(t.TempDir(), "batch.json")
	if err := os.WriteFile(batch, []byte(`{"System": "x", "Sumbit": ["y"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ flags, want string }{
		{"--slurm --ssh=a -n 2", "both --slurm and --ssh"},
		{"--partition=debug", "--partition is about engines on other machines: say which system"},
		{"--listen=:7000", "--listen is about engines on other machines"},
		{"--sge -n 2 --qos=high --queue=all.q", "--qos has no meaning with --sge"},
		{"--slurm", "say how many engines each program is given: -n"},
		{"--slurm --nodes=2 --engines-per-node=2 -n 5", "2 nodes of 2 engines each have 4"},
		{"--ssh=-oProxyCommand=x -n 1", "no host"},
		{"--slurm -n 1 --template=/none/such", "--template: open /none/such"},
		{"--batch=" + batch + " -n 1", "unknown field \"Sumbit\""},
	} {
		out, err := exec.Command(binary, append([]string{"cluster", "start", "--name", "flags"}, strings.Fields(c.flags)...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v, %s; want %q", c.flags, err, out, c.want)
		}
	}
	if list := goparallel(t, "cluster", "list"); strings.Contains(list, "flags") {
		t.Error(list)
	}
}

// TestKeysOfClients makes a client's key by the command, and takes it back.
func TestKeysOfClients(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	goparallel(t, "cluster", "start", "-n", "1", "--name", "keys")
	t.Cleanup(func() { exec.Command(binary, "cluster", "stop", "--name", "keys").Run() })
	refused := func(want string, args ...string) {
		t.Helper()
		out, err := exec.Command(binary, append([]string{"cluster", "keys", "--name", "keys"}, args...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("keys %s: %v, %s", strings.Join(args, " "), err, out)
		}
	}
	path := strings.TrimSpace(goparallel(t, "cluster", "keys", "add", "ann", "--name", "keys"))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	refused("ann has a key already", "add", "ann")
	if list := goparallel(t, "cluster", "keys", "--name", "keys"); !strings.Contains(list, path) {
		t.Error(list)
	}
	goparallel(t, "cluster", "keys", "revoke", "ann", "--name", "keys")
	if list := goparallel(t, "cluster", "keys", "--name", "keys"); strings.Contains(list, "ann") {
		t.Error(list)
	}
	refused("given no key to ann", "revoke", "ann")
}
