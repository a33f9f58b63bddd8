package process

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ends fails where a process has not ended soon.
func ends(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Ended():
	case <-time.After(20 * time.Second):
		t.Fatal("it has not ended")
	}
}

// gone waits until no process has a number; what was killed is somebody's to wait for.
func gone(t *testing.T, pid string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %s is still there: %s", pid, stat)
		}
	}
}

func TestEnd(t *testing.T) {
	for _, c := range []struct {
		script string
		do     func(p *Process)
		end    string
	}{
		{"exit 0", nil, "exited with status 0"},
		{"exit 3", nil, "exited with status 3"},
		{"kill -TERM $$", nil, "was killed by signal 15 (terminated)"},
		{"exec sleep 60", func(p *Process) { p.Kill() }, "was killed by signal 9 (killed)"},
		{"exec sleep 60", func(p *Process) { p.Signal(syscall.SIGINT) }, "was killed by signal 2 (interrupt)"},
		{"exec sleep 60", func(p *Process) { p.Close() }, "was killed by signal 9 (killed)"},
	} {
		p, err := Start(exec.Command("sh", "-c", c.script), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if c.do != nil {
			c.do(p)
		}
		ends(t, p)
		if p.End() != c.end {
			t.Errorf("%s: it %s", c.script, p.End())
		}
		if p.Kill() || p.Signal(syscall.SIGTERM) != os.ErrProcessDone {
			t.Errorf("%s: what has ended was signalled", c.script)
		}
		p.Close()
	}
	if _, err := Start(exec.Command("/nonexistent"), Options{}); err == nil {
		t.Error("what is not there was started")
	}
}

// What a process has started ends with it, however that ends.
func TestWhatItStartedEnds(t *testing.T) {
	for name, c := range map[string]struct {
		after string // the process's end
		do    func(p *Process)
	}{
		"it ends":         {"", nil},
		"it is killed":    {"; exec sleep 60", func(p *Process) { p.Kill() }},
		"it kills itself": {"; kill -KILL $$", nil},
	} {
		for _, session := range []bool{false, true} {
			cmd := exec.Command("sh", "-c", "sleep 60 >/dev/null & echo $!"+c.after)
			out, in, err := os.Pipe() // not StdoutPipe: that is closed when the process has ended, read or not
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			cmd.Stdout = in
			p, err := Start(cmd, Options{Session: session})
			in.Close()
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			child, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(name, err)
			}
			if c.do != nil {
				c.do(p)
			}
			gone(t, strings.TrimSpace(child))
			ends(t, p)
		}
	}
}

// The main thread does not end with a goroutine, so no test may have it.
func init() { runtime.LockOSThread() }

// What is to die with this process dies with the thread that started it, which a [Thread] keeps.
func TestItDiesWithItsThread(t *testing.T) {
	start := func(dies bool) (p *Process) {
		p, err := Start(exec.Command("sleep", "60"), Options{Dies: dies})
		if err != nil {
			t.Error(err)
		}
		return p
	}
	for _, dies := range []bool{true, false} {
		started := make(chan *Process)
		go func() {
			runtime.LockOSThread() // the thread ends with the goroutine
			started <- start(dies)
		}()
		p := <-started
		select {
		case <-p.Ended():
			if !dies {
				t.Error("it has ended:", p.End())
			}
		case <-time.After(time.Second):
			if dies {
				t.Error("it lives on")
			}
		}
		p.Close()
	}
	thread := NewThread()
	var p *Process
	thread.Do(func() { p = start(true) })
	select {
	case <-p.Ended():
		t.Error("it has ended:", p.End())
	case <-time.After(200 * time.Millisecond):
	}
	p.Close()
	thread.Close()
}

// A command ends with its context, and with it what it has started.
func TestWhole(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "sh", "-c", "sleep 60 & echo $!; wait")
	Whole(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	child, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	gone(t, strings.TrimSpace(child))
	if cmd.Wait() == nil {
		t.Error("it came to its end")
	}
}

func TestTail(t *testing.T) {
	var tail Tail
	if tail.String() != "" {
		t.Errorf("%q", tail.String())
	}
	for i := range 100 {
		tail.Add(strings.Repeat("x", i*10))
	}
	lines := strings.Split(tail.String(), "\n")
	if len(lines) != tailLines || len(lines[0]) != tailLine || len(lines[tailLines-1]) != tailLine {
		t.Errorf("%d lines of %d to %d bytes", len(lines), len(lines[0]), len(lines[len(lines)-1]))
	}
}

// TestBegan tells a process that runs from one that has ended, also while it is still in the table.
func TestBegan(t *testing.T) {
	cmd := exec.Command("sh", "-c", "read line")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	first := Began(pid)
	if first == "" || first != Began(pid) {
		t.Errorf("it began at %q, and then at %q", first, Began(pid))
	}
	in.Close()
	for range 1000 { // nobody waits for it, so it stays in the table
		if Began(pid) == "" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if syscall.Kill(pid, 0) != nil || Began(pid) != "" {
		t.Errorf("a process that has ended began at %q", Began(pid))
	}
	cmd.Wait()
	if Began(pid) != "" {
		t.Error("a process that is gone runs")
	}
}
