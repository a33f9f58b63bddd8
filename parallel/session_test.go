package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/poll"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// This file registers code the way the session does for cells.

var (
	base    = 100
	table   = map[string][]int{"a": {1}}
	channel chan int
)

func addBase(x int) int { return x + base + len(table["a"]) }

func readsChannel(x int) int { return len(channel) }

var literal registry.Literal

func makeLiteral(k int, names []string) func(int) string {
	return registry.Lit(&literal, func(x int) string {
		if poll.Flag.Load() != 0 {
			literal.Enter(&k, &names)
		}
		return fmt.Sprint(x*k, names)
	})
}

var refused registry.Literal

func init() {
	registry.Var("base", &base)
	registry.Var("table", &table)
	registry.Var("channel", &channel)
	registry.Func(registry.Info{Name: "s.addBase", Reads: []string{"base", "table"}}, addBase, registry.Fn1R(addBase))
	registry.Func(registry.Info{Name: "s.readsChannel", Label: "readsChannel", Reads: []string{"channel"}}, readsChannel, registry.Fn1R(readsChannel))
	registry.DefineLiteral(&literal, registry.Info{Name: "s.lit1", Label: "the function literal at cell[3]:5"}, []string{"k", "names"},
		func() ([]any, func() registry.Runner) {
			var k int
			var names []string
			return []any{&k, &names}, func() registry.Runner {
				return registry.Fn1R(func(x int) string { return fmt.Sprint(x*k, names) })
			}
		})
	registry.DefineLiteral(&refused, registry.Info{Name: "s.lit2", Label: "the function literal at cell[4]:1"}, []string{"ch"},
		func() ([]any, func() registry.Runner) {
			var ch chan int
			return []any{&ch}, func() registry.Runner { return registry.Fn1R(func(x int) int { return len(ch) }) }
		})
}

func TestVariablesTravelAndAreSentOnceForEachContent(t *testing.T) {
	rc := start(t, 2)
	view := rc.All()
	ask := func(want int) {
		t.Helper()
		ys, err := view.MapSync(addBase, []int{1, 2})
		if err != nil || ys[0] != 1+want || ys[1] != 2+want {
			t.Fatal(ys, err)
		}
	}
	defer func(b int) { base = b; table = map[string][]int{"a": {1}} }(base)
	ask(101)
	base = 500
	ask(501)
	table["a"] = append(table["a"], 9)
	ask(502)
	base = 100
	ask(102)
	ask(102)
}

func TestCallsThatOverlapKeepTheirOwnValues(t *testing.T) {
	rc := start(t, 1)
	defer func(b int) { base = b }(base)
	xs := numbers(400)
	var results []*AsyncResult[int]
	for i := range 10 {
		base = 1000 * i
		results = append(results, rc.LoadBalanced().Map(addBase, xs, ChunkSize(7)))
	}
	for i, r := range results {
		ys, err := r.Get()
		if err != nil {
			t.Fatal(err)
		}
		for x, y := range ys {
			if y != x+1000*i+1 {
				t.Fatalf("call %d, item %d: %d", i, x, y)
			}
		}
	}
}

func TestLiteralsTravelWithWhatTheyCapture(t *testing.T) {
	rc := start(t, 2)
	for k := range 3 {
		ys, err := rc.LoadBalanced().MapSync(makeLiteral(k, []string{"a", "b"}), []int{1, 2})
		if err != nil || ys[1] != fmt.Sprint(2*k, " [a b]") {
			t.Fatal(ys, err)
		}
	}
}

func TestWhatCannotTravelIsRefusedByName(t *testing.T) {
	rc := start(t, 1)
	ch := make(chan int)
	f := registry.Lit(&refused, func(x int) int {
		if poll.Flag.Load() != 0 {
			refused.Enter(&ch)
		}
		return len(ch)
	})
	for want, err := range map[string]error{
		"the function literal at cell[4]:1 cannot run on an engine: it captures ch: chan int is a channel": second(rc.All().MapSync(f, numbers(2))),
		"readsChannel cannot run on an engine: it reads the variable channel: chan int is a channel":       second(rc.All().MapSync(readsChannel, numbers(2))),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestAnInterruptedCellTakesItsCallAlong stops what a cell runs, as an interrupt does before the
// call's context ends: no other item begins.
func TestAnInterruptedCellTakesItsCallAlong(t *testing.T) {
	var began atomic.Int32
	started := make(chan struct{}, 1000)
	call := make(chan *AsyncResult[int], 1)
	run := poll.NewRun()
	run.Go(func() {
		r := Local().Map(func(x int) int {
			began.Add(1)
			started <- struct{}{}
			for {
				poll.Point()
			}
		}, make([]int, 1000))
		call <- r
		r.Get()
	})
	r := <-call
	for range min(runtime.GOMAXPROCS(0), runtime.NumCPU()) {
		<-started
	}
	before := began.Load()
	run.Stop()
	<-r.Done()
	if _, err := r.Get(); !errors.Is(err, context.Canceled) || began.Load() != before {
		t.Errorf("%d items began after the interrupt, and the call ended with %v", began.Load()-before, err)
	}
}
