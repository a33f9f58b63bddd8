// Package prometheus gives what happens on a cluster to Prometheus:
//
//	metrics := prometheus.New(registry)
//	rc, err := parallel.Start(ctx, 4, parallel.Observe(nil, metrics))
//
// It is a module of its own, so that package parallel needs nothing of Prometheus.
package prometheus

import (
	"strconv"
	"time"

	"github.com/goparallel/goparallel/parallel"
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what happens on clusters, as parallel.Metrics. Counters are called
// goparallel_engine_starts_total and so on, timers goparallel_frame_run_seconds and so on; see parallel.Counter and parallel.Timer for
// the names. The label engine is the engine's number, or empty for what belongs to none. Several clusters may share one.
type Metrics struct {
	counted map[parallel.Counter]*prometheus.CounterVec
	timed   map[parallel.Timer]*prometheus.HistogramVec
}

var _ parallel.Metrics = (*Metrics)(nil)

// New registers the metrics. It panics where their names are taken.
func New(r prometheus.Registerer) *Metrics {
	m := &Metrics{counted: map[parallel.Counter]*prometheus.CounterVec{}, timed: map[parallel.Timer]*prometheus.HistogramVec{}}
	for _, c := range parallel.Counters() {
		m.counted[c] = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "goparallel", Name: string(c) + "_total", Help: c.Help()}, []string{"engine"})
		r.MustRegister(m.counted[c])
	}
	for _, t := range parallel.Timers() {
		m.timed[t] = prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "goparallel", Name: string(t) + "_seconds", Help: t.Help(), Buckets: prometheus.ExponentialBuckets(1e-6, 4, 14),
		}, []string{"engine"})
		r.MustRegister(m.timed[t])
	}
	return m
}

// Count adds to a counter. Any goroutine may call it.
func (m *Metrics) Count(c parallel.Counter, engine int, n int) {
	m.counted[c].WithLabelValues(label(engine)).Add(float64(n))
}

// Took adds a time to a histogram, in seconds. Any goroutine may call it.
func (m *Metrics) Took(t parallel.Timer, engine int, d time.Duration) {
	m.timed[t].WithLabelValues(label(engine)).Observe(d.Seconds())
}

func label(engine int) string {
	if engine < 0 {
		return ""
	}
	return strconv.Itoa(engine)
}
