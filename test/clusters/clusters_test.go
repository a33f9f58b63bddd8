// Package clusters tests launchers with the real daemons: sshd and Slurm on machines that are network
// namespaces of this one. test/clusters.sh starts those and runs the tests on the login node; without it
// they are skipped.
package clusters

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

// where an engine is.
type where struct {
	Host      string
	Pid, Node int
	Variables []string // that it has of Slurm
}

var (
	whereIs = parallel.Func("where is", func(int) where {
		host, _ := os.Hostname()
		w := where{Host: host, Pid: os.Getpid(), Node: os.Getppid()}
		for _, v := range os.Environ() {
			if strings.HasPrefix(v, "SLURM_") && !strings.HasPrefix(v, "SLURM_CONF=") || strings.HasPrefix(v, "GOPARALLEL_TEST_") {
				w.Variables = append(w.Variables, v)
			}
		}
		return w
	})
	square = parallel.Func("square", func(x int) int { return x * x })
	nap    = parallel.Func("nap", func(ms int) int { time.Sleep(time.Duration(ms) * time.Millisecond); return ms })
	end    = parallel.Func("end", func(int) int { fmt.Fprintln(os.Stderr, "no more"); os.Exit(3); return 0 })
)

// machines returns the folder of the machines; without any the test is skipped.
func machines(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MACHINES")
	if dir == "" {
		t.Skip("there are no machines: test/clusters.sh makes them")
	}
	return dir
}

// text is a writer that can be read meanwhile.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *text) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *text) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start starts n engines, which a minute must be enough for.
func start(t *testing.T, n int, l parallel.Launcher, options ...parallel.StartOption) (*parallel.Client, *text) {
	t.Helper()
	out := new(text)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rc, err := parallel.Start(ctx, n, append(options, parallel.On(l), parallel.Output(out, out))...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() {
		if err := rc.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(out)
		}
	})
	return rc, out
}

// refused starts what must fail, and looks for what the error must say.
func refused(t *testing.T, n int, l parallel.Launcher, want ...string) {
	t.Helper()
	out := new(text)
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	rc, err := parallel.Start(ctx, n, parallel.On(l), parallel.Output(out, out))
	if err == nil {
		rc.Close()
		t.Errorf("it was started; want an error with %q", want)
		return
	}
	if ctx.Err() != nil {
		t.Error("it was waited for")
	}
	for _, each := range want {
		if !strings.Contains(err.Error(), each) {
			t.Errorf("%v\nwant %q", err, each)
		}
	}
}

// engines returns where the engines are.
func engines(t *testing.T, rc *parallel.Client) (all []where) {
	t.Helper()
	for _, id := range rc.IDs() {
		w, err := rc.Targets(id).MapSync(whereIs, []int{0})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, w...)
	}
	return all
}

// maps has the engines work.
func maps(t *testing.T, rc *parallel.Client) {
	t.Helper()
	xs := make([]int, 10000)
	for i := range xs {
		xs[i] = i
	}
	ys, err := rc.LoadBalanced().MapSync(square, xs)
	if err != nil || len(ys) != len(xs) || ys[9999] != 9999*9999 {
		t.Error(len(ys), err)
	}
}

// run runs a command and returns what it prints.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// processes lists those of this test that run as nodes or engines somewhere. All machines are in
// one name space of processes.
func processes(t *testing.T) (found []string) {
	t.Helper()
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	me, _ := os.Stat("/proc/self/exe")
	for _, dir := range dirs {
		if filepath.Base(dir) == fmt.Sprint(os.Getpid()) {
			continue
		}
		info, err := os.Stat(dir + "/exe")
		cmd, _ := os.ReadFile(dir + "/cmdline")
		if err == nil && info.Size() == me.Size() {
			found = append(found, filepath.Base(dir)+" "+strings.ReplaceAll(string(cmd), "\x00", " "))
		}
	}
	return found
}

// awaitNone waits until no process is left on the machines.
func awaitNone(t *testing.T, limit time.Duration) {
	t.Helper()
	await(t, limit, func() string { return strings.Join(processes(t), "\n") })
}

// await waits until nothing is wrong any more.
func await(t *testing.T, limit time.Duration, wrong func() string) {
	t.Helper()
	for until := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		text := wrong()
		if text == "" {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("after %v: %s", limit, text)
		}
	}
}

// killed is what tells a test that it is the client which is to be killed.
const killed = "GOPARALLEL_TEST_KILLED"

// clientToKill runs the test once more, in a process that finds a value in the environment under killed, and returns it when it has printed that they run.
func clientToKill(t *testing.T, value string) (client *exec.Cmd, out *text) {
	t.Helper()
	client, out = exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$"), new(text)
	client.Env = append(os.Environ(), killed+"="+value)
	client.Stdout, client.Stderr = out, out
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Process.Kill() })
	await(t, 30*time.Second, func() string {
		if strings.Contains(out.String(), "they run") {
			return ""
		}
		return "they do not run: " + out.String()
	})
	return client, out
}

// deadline is a context that ends.
func deadline(after time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), after)
}
