package parallel

import (
	"log/slog"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Metrics is told of what happens on a cluster, by number; see [Observe].
type Metrics = backend.Metrics

// Counter and Timer name what [Metrics] is told; their Help says what that is.
type (
	Counter = backend.Counter
	Timer   = backend.Timer
)

// Counters lists what is counted.
func Counters() []Counter { return upTo(backend.NumCounters) }

// Timers lists what is timed.
func Timers() []Timer { return upTo(backend.NumTimers) }

// upTo lists the numbers below n.
func upTo[N ~int](n N) (list []N) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

// Observe tells of what happens on a cluster that [Start] starts: of starts, ends, kills and restarts of engines, of calls,
// and of items that run again. Log has a record of each (calls at the level of debugging), from a goroutine
// of its own; where it is too slow, the next record says how many were lost. Metrics is told of all that and of each frame, a few
// times a second. Either may be nil, and no call waits for either. Package observe/prometheus, a module of its own, has Metrics for
// Prometheus.
func Observe(log slog.Handler, metrics Metrics) StartOption {
	return func(o *startOptions) { o.Observer = backend.Observer{Log: log, Metrics: metrics} }
}
