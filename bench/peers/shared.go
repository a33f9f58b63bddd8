package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
	"github.com/goparallel/goparallel/parallel"
)

// takeStream measures a stream of a million items beside a map of them.
func takeStream(ctx context.Context, f *field, quick bool) (report.Section, error) {
	items := 1_000_000
	s := report.Section{Title: fmt.Sprintf("%d items as a stream", items)}
	rc, err := parallel.Start(ctx, engines)
	if err != nil {
		return s, err
	}
	defer rc.Close()
	view := rc.LoadBalanced()
	numbers := make([]int, items)
	for i := range numbers {
		numbers[i] = i
	}
	s.Lines, err = inTurns(ctx, roundsOf(quick, 7), []entry{
		{ours, "Seq", func(context.Context) (float64, error) {
			began, n := time.Now(), 0
			for _, r := range view.Seq(pow10, slices.Values(numbers)) {
				if r.Err != nil {
					return 0, r.Err
				}
				n++
			}
			if n != items {
				return 0, fmt.Errorf("%d of %d results came", n, items)
			}
			return time.Since(began).Seconds(), nil
		}},
		{ours, "MapSync", timed(func() error { _, err := view.MapSync(pow10, numbers); return err })},
	})
	return s, err
}

// counts is an observer that does as little as one can.
type counts struct{}

func (counts) Count(parallel.Counter, int, int) {}

func (counts) Took(parallel.Timer, int, []time.Duration) {}

// takeObserver measures calls of a client that is observed, and of one that is not.
func takeObserver(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "Processor time of the caller for 100,000 items in frames of 100, observed and not"}
	var entries []entry
	for _, setting := range []string{"without", "observed"} {
		var options []parallel.StartOption
		if setting == "observed" {
			options = append(options, parallel.Observe(slog.NewTextHandler(io.Discard, nil), counts{}))
		}
		rc, err := parallel.Start(ctx, engines, options...)
		if err != nil {
			return s, err
		}
		defer rc.Close()
		view, numbers := rc.LoadBalanced(), make([]int, 100_000)
		entries = append(entries, entry{ours, setting, func(context.Context) (float64, error) {
			before := processorTime() // of ten calls: the clock of the wall shows what else the machine does
			for range 10 {
				if _, err := view.MapSync(pow10, numbers, parallel.ChunkSize(100)); err != nil {
					return 0, err
				}
			}
			return (processorTime() - before).Seconds() / 10, nil
		}})
	}
	var err error
	s.Lines, err = inTurns(ctx, roundsOf(quick, 25), entries)
	s.Goals = []report.Goal{report.AtMost("observed: times the same without", 1.01, s.Line(ours, "observed"), s.Line(ours, "without"))}
	return s, err
}

// takeClients measures a hundred clients of one cluster that lives on, each with a hundredth of the items, beside one with all.
func takeClients(ctx context.Context, f *field, quick bool) (s report.Section, err error) {
	const clients, each = 100, 1000
	s = report.Section{Title: fmt.Sprintf("A cluster that lives on: %d clients with %d items, and one with all", clients, each)}
	folder, err := os.MkdirTemp("", "goparallel-bench-")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(folder)
	old, given := os.LookupEnv("XDG_STATE_HOME")
	os.Setenv("XDG_STATE_HOME", folder) // where clusters are written down
	defer func() {
		if os.Unsetenv("XDG_STATE_HOME"); given {
			os.Setenv("XDG_STATE_HOME", old)
		}
	}()
	ctx, stop := context.WithCancel(ctx)
	d, err := daemon.Start(ctx, daemon.Options{Name: "bench", Engines: engines})
	if err != nil {
		stop()
		return s, err
	}
	defer d.Wait()
	defer stop()
	all := make([]*parallel.Client, clients)
	for i := range all {
		if all[i], err = parallel.Connect(ctx, "bench"); err != nil {
			return s, err
		}
		defer all[i].Close()
	}
	share, whole := make([]int, each), make([]int, clients*each)
	s.Lines, err = inTurns(ctx, roundsOf(quick, 15), []entry{
		{ours, "100 clients", timed(func() error {
			errs := make(chan error, clients)
			var group sync.WaitGroup
			for _, rc := range all {
				group.Go(func() {
					_, err := rc.LoadBalanced().MapSync(pow10, share)
					errs <- err
				})
			}
			group.Wait()
			close(errs)
			for err := range errs {
				if err != nil {
					return err
				}
			}
			return nil
		})},
		{ours, "one client", timed(func() error { _, err := all[0].LoadBalanced().MapSync(pow10, whole); return err })},
	})
	return s, err
}

// timed makes a figure of the time that something takes.
func timed(do func() error) func(context.Context) (float64, error) {
	return func(context.Context) (float64, error) {
		began := time.Now()
		err := do()
		return time.Since(began).Seconds(), err
	}
}
