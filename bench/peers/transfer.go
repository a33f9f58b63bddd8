package main

import (
	"context"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
)

// arrayBytes is the size of the array that is carried: eight million float64s.
const arrayBytes = 64_000_000

// transfer measures an array's way to one engine, or back from it, or that of a
// half of it to each engine, or back.
func transfer(way string) func(context.Context, *field, bool) (report.Section, error) {
	return func(ctx context.Context, f *field, quick bool) (report.Section, error) {
		s := report.Section{Title: "64 MB of float64: " + way}
		carry := func(name, setting, task string) entry {
			return f.tasks(name, setting, contest.Task{Kind: way, Setting: task, Bytes: arrayBytes, Repeat: 3, Warm: true})
		}
		entries := []entry{
			carry(ours, "shared memory", "default"),
			carry(ours, "shared memory, then read", "read"),
			carry(ours, "socket", "rows"),
			carry(oursTLS, "TCP", "default"),
			carry(bareTCP, "into the same memory", ""),
			carry(bareUnix, "into the same memory", ""),
			carry(ipyparallel, "default", "default"),
			carry(dask, "default", "default"),
			carry(dask, "direct", "best"),
		}
		if way == contest.Push {
			entries = append(entries, carry(pool, "shared memory", "default"))
		}
		var err error
		s.Lines, err = inTurns(ctx, roundsOf(quick, 7), entries)
		shared, socket := s.Line(ours, "shared memory"), s.Line(ours, "socket")
		tcp, theirs := s.Line(bareTCP, "into the same memory"), s.Line(ipyparallel, "default")
		s.Goals = []report.Goal{
			report.Faster("socket: share of bare TCP's bandwidth", 0.6, socket, tcp),
			report.Faster("socket: times faster than ipyparallel", 2, socket, theirs),
			report.Faster("shared memory: times bare TCP's bandwidth (five times as much)", 3, shared, tcp),
		}
		return s, err
	}
}
