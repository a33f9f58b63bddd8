package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/alitto/pond/v2"
	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/spin"
	"github.com/sourcegraph/conc/iter"
)

// workers is the number of goroutines that a pool has.
const workers = 2

// pools apply a function to each item, a task for each, as each library's own examples do.
var pools = map[string]func(f func(int) float64, items []int) []float64{
	"conc": func(f func(int) float64, items []int) []float64 {
		m := iter.Mapper[int, float64]{MaxGoroutines: workers}
		return m.Map(items, func(x *int) float64 { return f(*x) })
	},
	"pond": func(f func(int) float64, items []int) []float64 {
		out := make([]float64, len(items))
		pool := pond.NewPool(workers)
		defer pool.StopAndWait()
		group := pool.NewGroup()
		for i, x := range items {
			group.Submit(func() { out[i] = f(x) })
		}
		group.Wait()
		return out
	},
}

// inPool is a library of goroutine pools as a contestant.
type inPool string

// competePool does the benchmark's tasks.
func competePool(name string) error {
	return contest.Serve(context.Background(), os.Stdin, os.Stdout, contest.Hello{Version: versionOf(name)}, inPool(name))
}

// versionOf is the version of the library that this program was built with.
func versionOf(name string) string {
	path := map[string]string{"conc": "github.com/sourcegraph/conc", "pond": "github.com/alitto/pond/v2"}[name]
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}

func (inPool) Close() error { return nil }

// Do does a task.
func (p inPool) Do(_ context.Context, t contest.Task) ([]float64, error) {
	items, f := t.Numbers(), contest.Pow10
	switch t.Kind {
	case contest.Post:
	case contest.Spin:
		items, f = t.Rounds(), func(n int) float64 { return float64(spin.Work(n)) }
	default:
		return nil, fmt.Errorf("%s knows no task %q", string(p), t.Kind)
	}
	return t.Time(func() error { pools[string(p)](f, items); return nil })
}
