package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/parallel"
)

// nap takes ten milliseconds, whatever else the machine does.
var nap = parallel.Func("nap", func(i int) int { time.Sleep(10 * time.Millisecond); return i })

// takeKills measures maps during which an engine is killed each second, beside the same ones left alone.
func takeKills(ctx context.Context, f *field, quick bool) (report.Section, error) {
	seconds := 30
	if quick {
		seconds = 5
	}
	items := make([]int, 100*engines*seconds)
	for i := range items {
		items[i] = i
	}
	s := report.Section{Title: fmt.Sprintf("%d items of 10 ms, and one engine killed each second", len(items))}
	rc, err := parallel.Start(ctx, engines)
	if err != nil {
		return s, err
	}
	defer rc.Close()
	var entries []entry
	for name, view := range map[string]*parallel.View{"All": &rc.All().View, "LoadBalanced": &rc.LoadBalanced().View} {
		run := timed(func() error {
			results, err := view.MapSync(nap, items)
			if err == nil && !slices.Equal(results, items) {
				err = fmt.Errorf("%s: the results are not those of the items", name)
			}
			return err
		})
		entries = append(entries, entry{ours, name, run}, entry{ours, name + ", killed", func(ctx context.Context) (float64, error) {
			defer killing(rc)()
			return run(ctx)
		}})
	}
	rounds := 1 // each takes minutes
	if !quick {
		rounds = 3
	}
	s.Lines, err = inTurns(ctx, rounds, entries)
	for _, name := range []string{"All", "LoadBalanced"} {
		s.Goals = append(s.Goals, report.AtMost(name+": times the same without kills", 1.3, s.Line(ours, name+", killed"), s.Line(ours, name)))
	}
	return s, err
}

// killing kills an engine each second, one after the other, until what it returns is called.
func killing(rc *parallel.Client) (end func()) {
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		for id := 0; ; id = (id + 1) % engines {
			select {
			case <-stop:
				return
			case <-ticks.C:
			}
			if pid := rc.Pid(id); pid > 0 {
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	})
	return func() {
		close(stop)
		killer.Wait()
	}
}
