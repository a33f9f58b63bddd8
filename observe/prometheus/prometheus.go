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
	counted []*prometheus.CounterVec   // by parallel.Counter
	timed   []*prometheus.HistogramVec // by parallel.Timer
}

var _ parallel.Metrics = (*Metrics)(nil)

// New registers the metrics. It panics where their names are taken.
func New(r prometheus.Registerer) *Metrics {
	m := &Metrics{}
	for _, c := range parallel.Counters() {
		counter := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "goparallel", Name: c.String() + "_total", Help: c.Help()}, []string{"engine"})
		r.MustRegister(counter)
		m.counted = append(m.counted, counter)
	}
	for _, t := range parallel.Timers() {
		histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "goparallel", Name: t.String() + "_seconds", Help: t.Help(), Buckets: prometheus.ExponentialBuckets(1e-6, 4, 14),
		}, []string{"engine"})
		r.MustRegister(histogram)
		m.timed = append(m.timed, histogram)
	}
	return m
}

// Count adds to a counter. Any goroutine may call it.
func (m *Metrics) Count(c parallel.Counter, engine int, n int) {
	m.counted[c].WithLabelValues(label(engine)).Add(float64(n))
}

// Took adds times to a histogram, in seconds. Any goroutine may call it.
func (m *Metrics) Took(t parallel.Timer, engine int, times []time.Duration) {
	h := m.timed[t].WithLabelValues(label(engine))
	for _, d := range times {
		h.Observe(d.Seconds())
	}
}

func label(engine int) string {
	if engine < 0 {
		return ""
	}
	return strconv.Itoa(engine)
}
