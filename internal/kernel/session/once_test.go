package session

import (
	"context"
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
		if u.Once != c.once {
			t.Errorf("%s\nruns once: %v, want %v", c.code, u.Once, c.once)
		}
	}
}
