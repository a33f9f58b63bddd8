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
		`for i := 0; i < many; i++ { for j := 0; j < i%3; j++ { ticks++ } }`,
		`for i := 1; i < many; i++ { for j := 0; j < many; j += i { ticks++ } }`,
		`for i := 1; i < many; i++ { for j := many; j > 0; j += -i { ticks++ } }`,
		`for { for range one { for range one { ticks++ } } }`,
		"again:\n\tticks++\n\tgoto again",
		`func() { for i := range many { ticks = i } }()`,
		`f := func(yield func(int) bool) { for yield(1) {} }; for i := range f { ticks += i }`,
		`var fib func(int) int; fib = func(n int) int { ticks++; if n < 2 { return n }; return fib(n-1) + fib(n-2) }; fib(90)`,
		`for { xs := make([]int, 5000); for i, x := range xs { ticks += x + i } }`,
		`for { xs := make([]int, 5000); for i := range xs { ticks += i } }`,
		`x := 1; for x != 0 { ticks++; x += 2 }`,
		`for x := 1; x != 0; x += 2 { ticks++; if x%7 == 0 { continue } }`,
		`for { if one == 2 { break }; ticks++ }`,
		`for { switch { case one == 1: ticks++; default: break } }`,
		`for p := &one; *p == 1; { ticks++ }`,
		"func fibA(n int) int { if n < 2 { ticks++; return n }; return fibA(n-1) + fibA(n-2) }\nfibA(90)",
		"func fibB(n int) (s int) { ticks++; for range 1 { s++ }; for k := range 2 { if n > k { s += fibB(n-1-k) } }; return s }\nfibB(90)",
		"func fibC(n int) int { ticks++; if n > 1 { goto more }; return n\nmore:\n\treturn fibC(n-1) + fibC(n-2) }\nfibC(90)",
		"func fibD(n int) int { switch ticks++; { case n < 2: return n; default: return fibE(n-1) } }\nfunc fibE(n int) int { if n < 2 { return n }; x := fibD(n); return x + fibD(n-1) }\nfibD(90)",
		"type fibT struct{ n int }\nfunc (f *fibT) run() int { if f.n < 2 { return f.n }; ticks++; a, b := fibT{f.n - 1}, fibT{f.n - 2}; return a.run() + b.run() }\n(&fibT{90}).run()",
		"func fibF[T int | int64](n T) T { if n < 2 { return n }; ticks++; return fibF(n-1) + fibF(n-2) }\nfibF(90)",
		"func fibG(n int, f func(int, func(int, any) int) int) int { if n < 2 { return n }; ticks++; g := func(n int, _ any) int { return fibG(n, f) }; return f(n-1, g) + f(n-2, g) }\nfibG(90, func(n int, g func(int, any) int) int { return g(n, nil) })",
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
