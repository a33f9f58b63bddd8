package main

import (
	"context"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
)

// takePost measures the post's case on engines: 3000 items, each to the tenth
// power, which is next to no work.
func takePost(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "3000 cheap items"}
	post := func(name, setting, task string, repeat int) entry {
		t := contest.Task{Kind: contest.Post, Setting: task, Items: 3000, Repeat: repeat, Warm: repeat > 1}
		if task == "serial" {
			t.Kind = contest.Serial
		}
		return f.tasks(name, setting, t)
	}
	var err error
	s.Lines, err = inTurns(ctx, roundsOf(quick, 5), []entry{
		post(ours, "default", "default", 51),
		post(ours, "one per message", "1", 9),
		post(oursTLS, "default", "default", 51),
		post(oursTLS, "one per message", "1", 9),
		post(ours, "direct", "direct", 51),
		post(ours, "six pieces", "500", 51),
		post(ours, "two pieces", "1500", 51),
		post(ours, "serial loop", "serial", 51),
		post(goroutines, "one each", "default", 51),
		post(goroutines, "best chunk", "best", 51),
		post(concPool, "one each", "default", 51),
		post(pondPool, "one each", "default", 51),
		post(netRPC, "one per call", "default", 5),
		post(netRPC, "one per call, best", "best", 5),
		post(gRPC, "one per call", "default", 5),
		post(gRPC, "one per call, best", "best", 5),
		post(pool, "map", "default", 21),
		post(pool, "map, best chunk", "best", 21),
		post(pool, "imap, one per message", "imap", 5),
		post(executor, "map, one per message", "default", 3),
		post(executor, "map, best chunk", "best", 21),
		post(joblib, "auto", "default", 5),
		post(joblib, "best batch", "best", 11),
		post(dask, "map, one per task", "default", 1),
		post(dask, "best batches by hand", "best", 5),
		post(ipyparallel, "load-balanced, one per message", "default", 1),
		post(ipyHwm0, "load-balanced, one per message", "default", 1),
		post(ipyparallel, "load-balanced, best chunk", "best", 5),
		post(ipyparallel, "load-balanced, six pieces", "500", 5),
		post(ipyparallel, "load-balanced, two pieces", "1500", 5),
		post(ipyparallel, "direct", "direct", 5),
		post(pool, "serial loop", "serial", 21),
	})
	each, byDefault := s.Line(ours, "one per message"), s.Line(ours, "default")
	s.Goals = []report.Goal{
		report.Faster("by default: times faster than Pool.map", 2, byDefault, s.Line(pool, "map")),
		report.Faster("one per message: times faster than ipyparallel, load-balanced", 300, each, s.Line(ipyparallel, "load-balanced, one per message")),
		report.Faster("one per message: times faster than Pool.imap(chunksize=1)", 2, each, s.Line(pool, "imap, one per message")),
	}
	return s, err
}
