package main

import (
	"context"
	"math"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
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
	probe    = 100  // tasks of no length, which show what a task costs
	busy     = 0.06 // seconds of tasks in each trial, about
	fewest   = 32   // tasks in a trial
	most     = 20_000
	halvings = 3   // of the interval in which it lies
	tooLong  = 0.2 // seconds of a task at which the search ends
)

// metg finds the length of tasks at which a contestant reaches half of ideal
// efficiency: it doubles the length until it does, and then halves the interval
// in between, on a logarithmic scale. Ideal is what two goroutines need for the
// same work right afterwards: two processors are rarely twice as fast as one.
func (f *field) metg(ctx context.Context, name, setting string) (float64, error) {
	elapsed, err := f.do(ctx, name, contest.Task{Kind: contest.Spin, Setting: setting, Items: probe, Repeat: 1, Warm: true})
	if err != nil {
		return 0, err
	}
	cost := elapsed / probe * engines // of a task, to an engine
	reaches := func(length float64) (bool, error) {
		items := min(max(int(busy/max(length, cost)), fewest), most)
		spin := contest.Task{Kind: contest.Spin, Setting: setting, Items: items, Work: length, Repeat: 1}
		elapsed, err := f.do(ctx, name, spin)
		if err != nil {
			return false, err
		}
		spin.Setting = "best"
		ideal, err := f.do(ctx, goroutines, spin)
		return ideal/elapsed >= 0.5, err
	}
	length := cost / 4
	for times := 0; times < 2; { // once may be luck
		ok, err := reaches(length)
		if err != nil {
			return 0, err
		}
		if ok {
			times++
			continue
		}
		times = 0
		if length *= 2; length > tooLong {
			return tooLong, nil
		}
	}
	low, high := length/2, length
	for range halvings {
		middle := math.Sqrt(low * high)
		ok, err := reaches(middle)
		if err != nil {
			return 0, err
		}
		if ok {
			high = middle
		} else {
			low = middle
		}
	}
	return math.Sqrt(low * high), nil
}
