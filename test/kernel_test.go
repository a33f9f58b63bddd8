// Package test drives the whole product as its users do: the built binary,
// Jupyter's protocol, real processes.
package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/frontend"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "goparallel-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "goparallel")
	for _, args := range [][]string{{"go", "build", "-o", binary, "../cmd/goparallel"}, {binary, "warm"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%q: %v\n%s", args, err, out)
			return 1
		}
	}
	return m.Run()
}

// kernel is a kernel process with a front end.
type kernel struct {
	*frontend.Client
	t       *testing.T
	process *exec.Cmd
	ended   chan struct{}
}

// start starts a kernel as Jupyter does.
func start(t *testing.T) *kernel {
	t.Helper()
	return startAt(t, frontend.Connection(t, "tcp"))
}

// startAt starts a kernel with further arguments behind the connection file.
func startAt(t *testing.T, info jupyter.ConnectionInfo, args ...string) *kernel {
	t.Helper()
	file := connectionFile(t, info)
	k := &kernel{t: t, process: exec.Command(binary, append([]string{"kernel", file}, args...)...), ended: make(chan struct{})}
	var log strings.Builder
	k.process.Stderr = &log
	k.process.Dir = t.TempDir()
	if err := k.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { k.process.Wait(); close(k.ended) }()
	t.Cleanup(func() {
		k.process.Process.Kill()
		<-k.ended
		if t.Failed() {
			t.Logf("kernel log:\n%s", log.String())
		}
	})
	k.Client = frontend.Dial(t, info)
	return k
}

func connectionFile(t *testing.T, info jupyter.ConnectionInfo) string {
	t.Helper()
	data, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "connection.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// run executes a cell and returns what it printed and showed as text.
func (k *kernel) run(code string) string {
	k.t.Helper()
	r, out := k.Execute(code, nil)
	if r.Content["status"] != "ok" {
		k.t.Fatalf("%s\n%v", code, r.Content["traceback"])
	}
	return text(out)
}

func text(out []frontend.Message) string {
	var b strings.Builder
	for _, m := range out {
		switch m.Kind() {
		case "stream":
			b.WriteString(m.Content["text"].(string))
		case "execute_result", "display_data":
			b.WriteString(m.Content["data"].(map[string]any)["text/plain"].(string))
		}
	}
	return b.String()
}

// fail executes a cell that fails and returns its traceback.
func (k *kernel) fail(code string) string {
	k.t.Helper()
	r, out := k.Execute(code, nil)
	if r.Content["status"] != "error" {
		k.t.Fatalf("%s\nis no error: %v", code, r.Content)
	}
	errors := 0
	for _, m := range out {
		if m.Kind() == "error" {
			errors++
		}
	}
	if errors != 1 {
		k.t.Errorf("%s\npublished %d errors", code, errors)
	}
	var b strings.Builder
	for _, line := range r.Content["traceback"].([]any) {
		b.WriteString(line.(string) + "\n")
	}
	return b.String()
}

func TestSession(t *testing.T) {
	k := start(t)
	for _, step := range []struct{ code, want string }{
		{"x := 40", ""},
		{"x += 2\nx", "42"},
		{"import \"fmt\"\ntype shape interface{ area() float64 }\nfunc show(s shape) { fmt.Println(s.area()) }", ""},
		{"type square struct{ side float64 }\nfunc (s square) area() float64 { return s.side * s.side }\nshow(square{side: 3})", "9\n"},
		{"func twice[T ~int | ~string](v T) T { return v + v }", ""},
		{"twice(x)", "84"},
		{"twice(\"a\")", "aa"},
		{"func f() int { return g() }\nfunc g() int { return 1 }\nf()", "1"},
		{"func g() int { return 2 }", ""},
		{"f()", "2"},
	} {
		if got := k.run(step.code); got != step.want {
			t.Errorf("%s\ngave %q, want %q", step.code, got, step.want)
		}
	}
	if trace := k.fail("y := 1\n\nz := y + undefined_name"); !strings.Contains(trace, "undefined_name") || !strings.Contains(trace, ":3:") {
		t.Errorf("compile error:\n%s", trace)
	}
	if trace := k.fail("m := []int{1}\nm[x]"); !strings.Contains(trace, "index out of range") {
		t.Errorf("panic:\n%s", trace)
	}
	if got := k.run("x"); got != "42" {
		t.Errorf("x is %s after errors", got)
	}
}

func TestInterruptStopsALoopAndKeepsTheValues(t *testing.T) {
	k := start(t)
	k.run("kept := 7")
	for _, code := range []string{"n := 0\nfor { n++ }", "select {}", "import \"time\"\ntime.Sleep(time.Hour)"} {
		id := k.Send(k.Shell, "execute_request", frontend.ExecuteContent("import \"fmt\"\nfmt.Println(\"running\")\n"+code, nil))
		for m := range k.IOPubC {
			if m.ParentID() == id && m.Kind() == "stream" {
				break
			}
		}
		if code == "select {}" { // front ends that ignore interrupt_mode send a signal
			k.process.Process.Signal(os.Interrupt)
		} else {
			k.Reply(k.ControlC, k.Send(k.Control, "interrupt_request", map[string]any{}))
		}
		if r := k.Reply(k.ShellC, id); r.Content["status"] != "error" {
			t.Errorf("%s: %v", code, r.Content)
		}
		if got := k.run("kept"); got != "7" {
			t.Errorf("after %s: %s", code, got)
		}
	}
}

// The kernel and the host below it end together, however the kernel ends.
func TestNothingIsLeftBehind(t *testing.T) {
	for name, end := range map[string]func(k *kernel){
		"shutdown": func(k *kernel) {
			k.Reply(k.ControlC, k.Send(k.Control, "shutdown_request", map[string]any{"restart": false}))
		},
		"SIGTERM": func(k *kernel) { k.process.Process.Signal(syscall.SIGTERM) },
		"SIGKILL": func(k *kernel) { k.process.Process.Kill() },
		"SIGKILL to the host as well": func(k *kernel) {
			pid, _ := strconv.Atoi(k.run("os.Getpid()"))
			k.process.Process.Kill()
			syscall.Kill(pid, syscall.SIGKILL)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t)
			k.run("import (\"os\"; \"os/exec\"; \"syscall\")\nc := exec.Command(\"sleep\", \"1000\")\n" +
				"c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}\nc.Start()\nexec.Command(\"sh\", \"-c\", \"sleep 1000 & sleep 1000; true\").Start();")
			// The host, its watcher, and what the cell has started.
			var below []int
			for end := time.Now().Add(frontend.Patience); len(below) < 6; time.Sleep(10 * time.Millisecond) {
				if below = descendants(t, k.process.Process.Pid); time.Now().After(end) {
					t.Fatalf("%d processes run, want 6", len(below))
				}
			}
			end(k)
			select {
			case <-k.ended:
			case <-time.After(frontend.Patience):
				t.Fatal("the kernel does not end")
			}
			if name == "shutdown" && !k.process.ProcessState.Success() {
				t.Errorf("exit status %v", k.process.ProcessState)
			}
			for _, pid := range below {
				waitForEnd(t, pid)
			}
		})
	}
}

func TestKernelEndsWithItsParent(t *testing.T) {
	info := frontend.Connection(t, "tcp")
	// The shell that starts the kernel is its parent and is then killed.
	parent := exec.Command("sh", "-c", `JPY_PARENT_PID=$$ "$0" kernel "$1" & echo $!; wait`, binary, connectionFile(t, info))
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 32)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(buf[:n])))
	if err != nil {
		t.Fatal(err)
	}
	frontend.Dial(t, info)
	parent.Process.Kill()
	parent.Wait()
	waitForEnd(t, pid)
}

func TestRestartAtTheSamePlace(t *testing.T) {
	info := frontend.Connection(t, "tcp")
	k := startAt(t, info)
	k.run("x := 1")
	k.Reply(k.ControlC, k.Send(k.Control, "shutdown_request", map[string]any{"restart": true}))
	<-k.ended
	k = startAt(t, info)
	if trace := k.fail("x"); !strings.Contains(trace, "undefined") {
		t.Errorf("%s", trace)
	}
}

// descendants lists the processes below pid.
func descendants(t *testing.T, pid int) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	children := map[int][]int{}
	for _, e := range entries {
		if child, err := strconv.Atoi(e.Name()); err == nil {
			if parent, _ := status(child); parent > 0 {
				children[parent] = append(children[parent], child)
			}
		}
	}
	var found []int
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		found = append(found, children[todo[0]]...)
		todo = append(todo, children[todo[0]]...)
	}
	return found
}

// status returns the parent of a process and its state, or 0.
func status(pid int) (parent int, state string) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, ""
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	parent, _ = strconv.Atoi(fields[1])
	return parent, fields[0]
}

func waitForEnd(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(frontend.Patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, state := status(pid); state == "" || state == "Z" {
			return
		}
	}
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	t.Errorf("process %d is left behind: %q", pid, command)
	syscall.Kill(pid, syscall.SIGKILL)
}

// TestArgumentsOfJupyterRun has a kernel started as by "jupyter run --kernel
// goparallel a.go b.go", which hands its own arguments on to the kernel.
func TestArgumentsOfJupyterRun(t *testing.T) {
	k := startAt(t, frontend.Connection(t, "tcp"), "a.go", "b.go")
	if got := k.run("1 + 1"); got != "2" {
		t.Errorf("answers %q", got)
	}
}
