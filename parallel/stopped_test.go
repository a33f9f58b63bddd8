package parallel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stop stops an engine as ^Z does, and returns its process.
func stop(t *testing.T, rc *Client, id int) int {
	t.Helper()
	pid := rc.Pid(id)
	for end := time.Now().Add(20 * time.Second); pid == 0; time.Sleep(time.Millisecond) { // it is being started again
		if pid = rc.Pid(id); time.Now().After(end) {
			t.Fatalf("engine %d has no process", id)
		}
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); !strings.Contains(state(pid), ") T "); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the engine goes on: ", state(pid))
		}
	}
	return pid
}

// state is what Linux says of a process.
func state(pid int) string {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return string(stat)
}

// within returns what f returns, which must not take long.
func within[T any](t *testing.T, f func() T) T {
	t.Helper()
	done := make(chan T, 1)
	go func() { done <- f() }()
	select {
	case v := <-done:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("a stopped engine is waited for")
		panic("unreachable")
	}
}

// TestAStoppedEngineIsReplaced tries each kind of call, of engines that were stopped
// before it.
func TestAStoppedEngineIsReplaced(t *testing.T) {
	rc := start(t, 2)
	if err := rc.All().Scatter("kept", ramp(1000)); err != nil {
		t.Fatal(err)
	}
	js := jobs(40, nil)
	replaced := []string{"direct", "apply", "push", "scatter", "pull", "gather"}
	for name, call := range map[string]func() error{
		"balanced": func() error { _, err := rc.LoadBalanced().MapErrSync(work, js); return err },
		"chunks":   func() error { _, err := rc.LoadBalanced().MapErrSync(work, js, ChunkSize(1)); return err },
		"direct":   func() error { _, err := rc.All().MapErrSync(work, js); return err },
		"apply":    func() error { _, err := rc.All().ApplySync(getpid); return err },
		"push":     func() error { return rc.All().Push("xs", ramp(300_000)) },
		"scatter":  func() error { return rc.All().Scatter("ys", ramp(300_000)) },
		"pull":     func() error { _, err := rc.All().Pull[[]float64]("kept"); return err },
		"gather":   func() error { _, err := rc.All().Gather[float64]("kept"); return err },
		"auto":     func() error { _, err := rc.Auto().MapErrSync(work, js); return err },
	} {
		t.Run(name, func(t *testing.T) {
			pid := stop(t, rc, 1)
			if err := within(t, call); err != nil {
				t.Fatal(err)
			}
			if slices.Contains(replaced, name) {
				if now := rc.Pid(1); now == pid {
					t.Error("the stopped process is still the engine's")
				}
			}
			// What is continued too late is no engine any more, whoever continues it.
			for end := time.Now().Add(20 * time.Second); rc.Pid(1) == pid || rc.Pid(1) == 0; time.Sleep(5 * time.Millisecond) {
				syscall.Kill(pid, syscall.SIGCONT)
				if !slices.Contains(replaced, name) {
					return // it was not needed
				}
				if time.Now().After(end) {
					t.Fatal("no process took its place")
				}
			}
		})
	}
}

// TestAnEngineThatIsStoppedInACallLosesNothing stops engines while they run items.
func TestAnEngineThatIsStoppedInACallLosesNothing(t *testing.T) {
	rc := start(t, 2)
	for _, view := range []*View{&rc.All().View, &rc.LoadBalanced().View} {
		file := filepath.Join(t.TempDir(), "ran")
		r := view.MapErr(work, jobs(60, map[int]job{3: {file: file, act: "sleep once"}}), ChunkSize(2))
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(file); err == nil {
				break
			} else if time.Now().After(end) {
				t.Fatal("item 3 did not run")
			}
		}
		stop(t, rc, 0)
		stop(t, rc, 1)
		ys, err := r.Get()
		if err != nil {
			t.Fatal(err)
		}
		check(t, ys)
	}
}

// TestStartNoticesAStoppedEngine has engines stop themselves before they connect.
func TestStartNoticesAStoppedEngine(t *testing.T) {
	t.Setenv("TEST_BEFORE_INIT", "stop")
	var out buffer
	err := within(t, func() error { _, err := Start(context.Background(), 2, Output(&out, &out)); return err })
	if err == nil || !strings.Contains(err.Error(), "had been stopped, by a signal such as SIGSTOP") {
		t.Error(err)
	}
}

// TestCloseDoesNotWaitForWhoIsComing closes clusters while an engine is started again,
// and is given what was pushed.
func TestCloseDoesNotWaitForWhoIsComing(t *testing.T) {
	for range 5 {
		var out buffer
		rc := start(t, 1, Output(&out, &out))
		if err := rc.All().Push("xs", ramp(1_500_000)); err != nil {
			t.Fatal(err)
		}
		killEngine(rc, 0)
		time.Sleep(5 * time.Millisecond)
		if err := within(t, rc.Close); err != nil {
			t.Error(err)
		}
	}
}

func TestAStoppedEngineDoesNotHoldUpACancel(t *testing.T) {
	rc := start(t, 1)
	pid := stop(t, rc, 0)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := within(t, func() error { return rc.All().Push("xs", ramp(10), WithContext(ctx)) }); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if pids, err := rc.All().ApplySync(getpid); err != nil || pids[0] == pid {
		t.Error(pids, err)
	}
}

func TestALongItemIsNoStoppedEngine(t *testing.T) {
	rc := start(t, 1)
	before := rc.Pid(0)
	if _, err := rc.All().ApplySync(toil); err != nil || rc.Pid(0) != before {
		t.Errorf("process %d before, %d after: %v", before, rc.Pid(0), err)
	}
}

// toil keeps the engine's only thread of Go code busy.
func toil() int {
	n := 0
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		n++
	}
	return n
}

func init() { Register(toil) }

// TestWhoWasStoppedTooKillsNoEngine stops a program and its engines all together, and
// lets them go on.
func TestWhoWasStoppedTooKillsNoEngine(t *testing.T) {
	if os.Getenv("TEST_STOPPED") != "" {
		rc, err := Start(context.Background(), 1)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		before := rc.Pid(0)
		fmt.Println("engine", before)
		_, err = rc.All().ApplySync(toil)
		fmt.Println("ended", before == rc.Pid(0), err)
		rc.Close()
		os.Exit(0)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.Command(exe, "-test.run=^TestWhoWasStoppedTooKillsNoEngine$")
	program.Env = append(os.Environ(), "TEST_STOPPED=1")
	var out buffer
	program.Stdout = &out
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	text := ""
	for end := time.Now().Add(20 * time.Second); !strings.HasSuffix(text, "\n"); time.Sleep(5 * time.Millisecond) {
		if text += out.take(); time.Now().After(end) {
			t.Fatal("it does not start")
		}
	}
	var engine int
	fmt.Sscanf(text, "engine %d", &engine)
	if engine <= 0 {
		t.Fatal(text)
	}
	time.Sleep(300 * time.Millisecond)
	syscall.Kill(program.Process.Pid, syscall.SIGSTOP)
	syscall.Kill(engine, syscall.SIGSTOP)
	time.Sleep(2500 * time.Millisecond)
	syscall.Kill(program.Process.Pid, syscall.SIGCONT)
	time.Sleep(400 * time.Millisecond)
	syscall.Kill(engine, syscall.SIGCONT)
	program.Wait()
	if text := out.take(); text != "ended true <nil>\n" {
		t.Error(text)
	}
}
