package main

import (
	"context"
	"math"

	"github.com/goparallel/goparallel/bench/peers/contest"
	"github.com/goparallel/goparallel/bench/peers/report"
)

// takeMETG measures the smallest task that runs at half of ideal efficiency
// where each task is a message of its own: METG(50 %) of Slaughter and others,
// "Task Bench", SC'20.
func takeMETG(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "The smallest task at half of ideal efficiency, one per message"}
	metg := func(name, setting, task string) entry {
		return entry{name, setting, func(ctx context.Context) (float64, error) { return f.metg(ctx, name, task) }}
	}
	var err error
	s.Lines, err = inTurns(ctx, roundsOf(quick, 5), []entry{
		metg(ours, "ChunkSize(1)", "1"),
		metg(netRPC, "default", "default"),
		metg(netRPC, "best", "best"),
		metg(gRPC, "default", "default"),
		metg(gRPC, "best", "best"),
		metg(pool, "imap", "imap"),
		metg(executor, "map", "default"),
		metg(dask, "map", "default"),
		metg(ipyparallel, "load-balanced", "default"),
		metg(ipyHwm0, "load-balanced", "default"),
	})
	one := s.Line(ours, "ChunkSize(1)")
	s.Goals = []report.Goal{
		report.Faster("times smaller than ipyparallel's with hwm=0", 20, one, s.Line(ipyHwm0, "load-balanced")),
		report.Faster("times smaller than Dask's", 10, one, s.Line(dask, "map")),
		report.Faster("times smaller than ProcessPoolExecutor's", 2, one, s.Line(executor, "map")),
	}
	return s, err
}

// The search for a METG.
const (
	probe     = 200  // tasks of no length that show what a task costs
	busy      = 0.15 // seconds of tasks in each trial, about
	fewest    = 50   // tasks in a trial
	most      = 20_000
	trials    = 7
	halfIdeal = 0.5
)

// metg finds the length of tasks at which a contestant reaches half of ideal
// efficiency, by halving an interval of lengths, on a logarithmic scale.
func (f *field) metg(ctx context.Context, name, setting string) (float64, error) {
	spin := contest.Task{Kind: contest.Spin, Setting: setting, Items: probe, Repeat: 1, Warm: true}
	elapsed, err := f.do(ctx, name, spin)
	if err != nil {
		return 0, err
	}
	cost := elapsed / probe * engines // of a task, to an engine
	low, high := math.Log(cost/16), math.Log(cost*8)
	for range trials {
		length := math.Exp((low + high) / 2)
		spin.Work, spin.Warm = length, false
		spin.Items = min(max(int(busy/max(length, cost)), fewest), most)
		elapsed, err := f.do(ctx, name, spin)
		if err != nil {
			return 0, err
		}
		if float64(spin.Items)*length/engines/elapsed < halfIdeal {
			low = math.Log(length)
		} else {
			high = math.Log(length)
		}
	}
	return math.Exp((low + high) / 2), nil
}
