package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHugeCells compiles cells of thousands of lines. What takes a time that grows
// with the square of the length does not end here before the test's limit.
func TestHugeCells(t *testing.T) {
	s, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	repeat := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i) + "\n")
		}
		return b.String()
	}
	for _, code := range []string{
		"x := 1\n" + strings.Repeat("x = 7\n", 20_000),
		"import \"fmt\"\ny := 1\n" + strings.Repeat("y += len(fmt.Sprint(y)) // a call\n", 3_000),
		repeat(1_000, func(i int) string { return fmt.Sprintf("f%d := func() int { return %[1]d }", i) }),
		repeat(1_000, func(i int) string { return fmt.Sprintf("var v%d, w%[1]d = v%d, %[1]d", i+1, i) }) + "var v0 = 0",
		repeat(1_000, func(i int) string { return fmt.Sprintf("func g%d() int { return %[1]d }", i) }),
		"const (\n" + repeat(20_000, func(i int) string { return fmt.Sprintf("C%d = %[1]d", i) }) + ")",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		if _, err := s.Compile(ctx, code, 1); err != nil {
			t.Errorf("%.40s … of %d bytes: %v", code, len(code), err)
		}
		cancel()
	}
}

// TestHugeCellsCanBeInterrupted interrupts the compilation of a cell at several
// points of time.
func TestHugeCellsCanBeInterrupted(t *testing.T) {
	s, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	code := "x := 1\n" + strings.Repeat("x = 8\n", 250_000) // fast machines compile 50,000 in a second
	for _, after := range []time.Duration{0, 200 * time.Millisecond, time.Second} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		start := time.Now()
		_, err := s.Compile(ctx, code, 1)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("interrupted after %v, it gives %v", after, err)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("interrupted after %v, it ends after %v", after, d)
		}
	}
	if _, err := s.Compile(t.Context(), "x := 1", 2); err != nil {
		t.Errorf("the session does not go on: %v", err)
	}
}

// TestHugeCellsSayWhatTakesTime compiles a small cell and a large one that no session has compiled
// before.
func TestHugeCellsSayWhatTakesTime(t *testing.T) {
	var said []string
	s, err := Open(t.Context(), Options{Progress: func(line string) { said = append(said, line) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		statements int
		says       string
	}{{10, ""}, {manyLines, "compiling 50"}} {
		said = nil
		if _, err := s.Compile(t.Context(), fmt.Sprintf("x := %d\n", time.Now().UnixNano())+strings.Repeat("x = 7\n", c.statements), 1); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(said, ", "); c.says == "" && got != "" || !strings.HasPrefix(got, c.says) {
			t.Errorf("with %d statements it says %q", c.statements, got)
		}
	}
}
