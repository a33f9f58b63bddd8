package main

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/parallel"
)

// frames is how many one-item messages a figure of takeEngines is made of.
const frames = 10_000

// takeEngines measures the processor time that the client's process spends on a
// message, with its items and results, where more and more engines answer.
func takeEngines(ctx context.Context, _ *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "The client's processor time for a message, by the number of engines"}
	items := make([]int, frames) // no work in them
	var entries []entry
	for n := 1; n <= 64; n *= 2 {
		rc, err := parallel.Start(ctx, n)
		if err != nil {
			return s, err
		}
		defer rc.Close()
		view := rc.LoadBalanced()
		entries = append(entries, entry{ours, of(n), func(context.Context) (float64, error) {
			before := processorTime()
			_, err := view.MapSync(work, items, parallel.ChunkSize(1))
			return (processorTime() - before).Seconds() / frames, err
		}})
	}
	var err error
	s.Lines, err = inTurns(ctx, roundsOf(quick, 9), entries)
	s.Goals = []report.Goal{
		report.AtMost("64 engines: times the time with one", 1.25, s.Line(ours, of(64)), s.Line(ours, of(1))),
		report.AtMost("64 engines: times the time with two", 1.25, s.Line(ours, of(64)), s.Line(ours, of(2))),
	}
	return s, err
}

func of(n int) string { return fmt.Sprintf("engines: %d", n) }

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it cannot fail with these arguments
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
