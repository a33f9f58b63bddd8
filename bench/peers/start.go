package main

import (
	"context"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
)

// takeStart measures from nothing to the first result, with imports done.
func takeStart(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "From nothing to the first result"}
	start := contest.Task{Kind: contest.Start, Repeat: 1}
	var entries []entry
	for _, name := range []string{ours, oursTLS, ipyparallel, dask, pool, executor} {
		entries = append(entries, f.tasks(name, "default", start))
	}
	var err error
	s.Lines, err = inTurns(ctx, roundsOf(quick, 5), entries)
	s.Goals = []report.Goal{
		report.Faster("times faster than ipyparallel", 20, s.Line(ours, "default"), s.Line(ipyparallel, "default")),
	}
	return s, err
}
