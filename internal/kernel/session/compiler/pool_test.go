package compiler

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

func TestCompilersWaitForTheNextCell(t *testing.T) {
	tools, err := toolchain.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := NewPool(tools, dir)
	t.Cleanup(c.Close)
	config := filepath.Join(dir, "importcfg")
	if err := os.WriteFile(config, nil, 0o600); err != nil { // the source imports nothing
		t.Fatal(err)
	}
	c.Prepare(config)
	c.starts.Wait()
	first := make(map[string]*process)
	for key, p := range c.waiting {
		first[key] = p
	}
	if len(first) != len(ways) {
		t.Fatalf("%d compilers wait, want %d", len(first), len(ways))
	}
	const source = "package main\nfunc F(n int) int { return n + 1 }\n"
	for i, flags := range ways {
		key := startedWith(config, flags)
		if i == 1 { // what has ended meanwhile is started again
			_ = first[key].cmd.Process.Kill()
		}
		object, err := c.Compile(t.Context(), config, flags, source)
		if err != nil || !strings.Contains(string(object), "unit.go") {
			t.Errorf("%v: %d bytes, %v", flags, len(object), err)
		}
		if c.waiting[key] != nil {
			t.Errorf("%v: the one that waited was not used", flags)
		}
	}
	if _, err := c.Compile(t.Context(), config, nil, "package main\nfunc {"); err == nil || !strings.Contains(err.Error(), "syntax error") {
		t.Errorf("a source that is wrong: %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Compile(stopped, config, nil, source); err != stopped.Err() {
		t.Errorf("an interrupted compilation: %v", err)
	}

	// Processes that have read another list of packages are of no use.
	c.Prepare(config)
	c.starts.Wait()
	for key, p := range c.waiting {
		first[key] = p
	}
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(config, later, later); err != nil {
		t.Fatal(err)
	}
	c.Prepare(config)
	c.starts.Wait()
	for key, p := range first {
		if c.waiting[key] != nil {
			t.Error("a compiler waits with an old list of packages")
		}
		if err := syscall.Kill(p.cmd.Process.Pid, 0); err != syscall.ESRCH {
			t.Errorf("a compiler that nobody needs lives on: %v", err)
		}
	}
	last := c.waiting[startedWith(config, nil)]
	c.Close()
	c.Prepare(config)
	c.starts.Wait()
	if len(c.waiting) > 0 || last == nil || syscall.Kill(last.cmd.Process.Pid, 0) != syscall.ESRCH {
		t.Error("the session's end leaves a compiler")
	}
}
