package session

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// openSession opens a session of its own.
func openSession(t *testing.T) *Session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	s, err := Open(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestCompilersWaitForTheNextCell(t *testing.T) {
	s := openSession(t)
	c := s.compilers
	config, err := s.index.importcfg()
	if err != nil {
		t.Fatal(err)
	}
	c.prepare(config)
	c.starts.Wait()
	first := make(map[string]*compiler)
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
		object, err := c.compile(t.Context(), config, flags, source)
		if err != nil || !strings.Contains(string(object), "unit.go") {
			t.Errorf("%v: %d bytes, %v", flags, len(object), err)
		}
		if c.waiting[key] != nil {
			t.Errorf("%v: the one that waited was not used", flags)
		}
	}
	if _, err := c.compile(t.Context(), config, nil, "package main\nfunc {"); err == nil || !strings.Contains(err.Error(), "syntax error") {
		t.Errorf("a source that is wrong: %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.compile(stopped, config, nil, source); err != stopped.Err() {
		t.Errorf("an interrupted compilation: %v", err)
	}

	// Processes that have read another list of packages are of no use.
	c.prepare(config)
	c.starts.Wait()
	for key, p := range c.waiting {
		first[key] = p
	}
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(config, later, later); err != nil {
		t.Fatal(err)
	}
	c.prepare(config)
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
	c.close()
	c.prepare(config)
	c.starts.Wait()
	if len(c.waiting) > 0 || last == nil || syscall.Kill(last.cmd.Process.Pid, 0) != syscall.ESRCH {
		t.Error("the session's end leaves a compiler")
	}
}

// TestOnlyCodeThatRunsOnceIsNotInlined compiles cells and looks what is said of them.
func TestOnlyCodeThatRunsOnceIsNotInlined(t *testing.T) {
	s := openSession(t)
	for i, c := range []struct {
		code string
		once bool
	}{
		{"import (\n\t\"fmt\"\n\t\"slices\"\n\t\"sync/atomic\"\n)", true},
		{"x, xs := 1, []int{3, 1, 2}\nfmt.Println(x)", true},
		{"type pair[T any] struct{ a, b T }\nfunc (p pair[T]) Sum() T { return p.a }\ntype holds struct{ p pair[int] }", false},
		{"func twice(n int) int { return 2 * n }", false},
		{"x = twice(x)\nx", true},
		{"if x > 1 { x = twice(x) } else { x = 3 }", true},
		{"for i := range 3 { x += i }", false},
		{"again: x++; if x < 100 { goto again }", false},
		{"func() { x++ }()", false},
		{"var later = func() int { return x }", false},
		{"slices.Sort(xs)", false},
		{"h := holds{}\nfmt.Println(h)", false},
		{"any(h) == nil", false},
		{"var counter atomic.Pointer[int]", false},
		{"counter.Load()", false},
		{"xs[0]", true},
		{"const k = 3\nvar y = x + k", true},
		{"type local struct{ n int }", false},
	} {
		u, err := s.Compile(t.Context(), c.code, i+1)
		if err != nil {
			t.Fatalf("%s\n%v", c.code, err)
		}
		if u.once != c.once {
			t.Errorf("%s\nruns once: %v, want %v", c.code, u.once, c.once)
		}
	}
}
