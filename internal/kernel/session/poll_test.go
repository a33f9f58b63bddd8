package session_test

import (
	"context"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/host"
)

// TestLoopsCanBeStopped runs loops of all forms that never end. Each must be
// gone after an interrupt, not only given up.
func TestLoopsCanBeStopped(t *testing.T) {
	n := open(t)
	n.run("var ticks, one, many = 0, 1, 1 << 60")
	for _, code := range []string{
		`for { ticks++ }`,
		`for one == 1 { ticks++ }`,
		`for i := 0; i < many; i++ { ticks++ }`,
		`for i := 0; i <= 1<<62; i++ { ticks += i }`,
		`for i := many; i > 0; i-- { ticks++ }`,
		`for i := 0; i < many; i += 2 { ticks++ }`,
		`for i := 0; i < 10; i++ { i = 0; ticks++ }`,
		`for i := range many { ticks = i }`,
		`for range many { ticks++ }`,
		`for { xs := make([]int, 100); for _, x := range xs { ticks += x + 1 } }`,
		`for { for i := 0; i < 10; i++ { ticks++ } }`,
		"again:\n\tticks++\n\tgoto again",
		`func() { for i := range many { ticks = i } }()`,
		`f := func(yield func(int) bool) { for yield(1) {} }; for i := range f { ticks += i }`,
		`var fib func(int) int; fib = func(n int) int { ticks++; if n < 2 { return n }; return fib(n-1) + fib(n-2) }; fib(90)`,
	} {
		u, err := n.session.Compile(context.Background(), code, n.count)
		if err != nil {
			t.Errorf("%s\n%v", code, err)
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		outcome := n.host.Run(ctx, host.Program{Load: u.Modules(), Run: u.ID}, cell.Request{}, cell.Discard{})
		cancel()
		if outcome.Dead || outcome.Err == nil || outcome.Err.Name != "Interrupted" {
			t.Fatalf("%s\nended with %v", code, outcome.Err)
		}
		before := n.run("ticks")
		time.Sleep(20 * time.Millisecond)
		if after := n.run("ticks"); after != before {
			t.Errorf("%s\ngoes on after the interrupt: %s, then %s", code, before, after)
		}
	}
}
