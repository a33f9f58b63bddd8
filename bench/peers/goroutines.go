package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"golang.org/x/sync/errgroup"
)

// inProcess is what people write who need no engines.
type inProcess struct{}

func openGoroutines(context.Context) (contest.Contestant, error) { return inProcess{}, nil }

func (inProcess) Close() error { return nil }

// Do does a task. The default is a goroutine for each item, as an errgroup with
// a limit makes them; the best is a goroutine for each processor, which takes
// one of 64 chunks after the other.
func (inProcess) Do(_ context.Context, t contest.Task) ([]float64, error) {
	switch t.Kind {
	case contest.Post:
		return spread(t, pow10, t.Numbers())
	case contest.Spin:
		return spread(t, work, t.Rounds())
	}
	return nil, fmt.Errorf("goroutines know no task %q", t.Kind)
}

func spread[R any](t contest.Task, f func(int) R, items []int) ([]float64, error) {
	each := oneEach[R]
	if t.Setting == "best" {
		each = inChunks[R]
	}
	return t.Time(func() error { each(f, items); return nil })
}

func oneEach[R any](f func(int) R, items []int) []R {
	out := make([]R, len(items))
	var g errgroup.Group
	g.SetLimit(engines)
	for i, x := range items {
		g.Go(func() error { out[i] = f(x); return nil })
	}
	g.Wait()
	return out
}

func inChunks[R any](f func(int) R, items []int) []R {
	out := make([]R, len(items))
	chunk := max(1, len(items)/64)
	var taken atomic.Int64
	var g sync.WaitGroup
	for range engines {
		g.Go(func() {
			for {
				end := int(taken.Add(int64(chunk)))
				if end-chunk >= len(items) {
					return
				}
				for i := end - chunk; i < min(end, len(items)); i++ {
					out[i] = f(items[i])
				}
			}
		})
	}
	g.Wait()
	return out
}
