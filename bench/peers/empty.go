package main

import (
	"context"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
)

// takeEmpty measures a call of a function that does nothing, one after the
// other, and what goes to and fro without any call.
func takeEmpty(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "An empty call"}
	empty := func(name, setting string, repeat int) entry {
		return f.tasks(name, setting, contest.Task{Kind: contest.Empty, Setting: setting, Repeat: repeat, Warm: true})
	}
	var err error
	s.Lines, err = inTurns(ctx, roundsOf(quick, 25), []entry{
		empty(ours, "load-balanced", 300),
		empty(ours, "direct", 300),
		empty(oursTLS, "load-balanced", 300),
		empty(bareUnix, "ping-pong", 300),
		empty(bareTCP, "ping-pong", 300),
		empty(bareZmq4, "ipc", 300),
		empty(bareZmq4, "tcp", 300),
		empty(netRPC, "default", 300),
		empty(gRPC, "default", 300),
		empty(pool, "apply", 300),
		empty(executor, "submit", 100),
		empty(joblib, "default", 30),
		empty(dask, "submit", 15),
		empty(ipyparallel, "direct", 31),
		empty(ipyparallel, "load-balanced", 31),
	})
	balanced, direct := s.Line(ours, "load-balanced"), s.Line(ours, "direct")
	s.Goals = []report.Goal{
		report.AtMost("times a bare zmq4 ping-pong over a unix socket", 2.5, balanced, s.Line(bareZmq4, "ipc")),
		report.Faster("times faster than ipyparallel, direct", 25, direct, s.Line(ipyparallel, "direct")),
		report.Faster("times faster than ipyparallel, load-balanced", 25, balanced, s.Line(ipyparallel, "load-balanced")),
		report.AtMost("TLS over TCP: times the same over a unix socket", 1.25, s.Line(oursTLS, "load-balanced"), balanced),
		report.AtMost("times Pool.apply", 1.2, balanced, s.Line(pool, "apply")),
	}
	return s, err
}
