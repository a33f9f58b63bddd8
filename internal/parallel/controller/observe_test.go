package controller

import (
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// tally is metrics of a test: a lock and two maps, as those of a service may have.
type tally struct {
	mu    sync.Mutex
	count map[backend.Counter]int
	took  map[backend.Timer]time.Duration
}

func (m *tally) Count(c backend.Counter, _ int, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count[c] += n
}

func (m *tally) Took(t backend.Timer, _ int, times []time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum time.Duration
	for _, d := range times {
		sum += d
	}
	m.took[t] += sum
}

// nothing is metrics that do as little as one can.
type nothing struct{}

func (nothing) Count(backend.Counter, int, int) {}

func (nothing) Took(backend.Timer, int, []time.Duration) {}

// observedCall is a call as far as an observer looks at it.
func observedCall() *Call {
	return &Call{id: 7, job: backend.Job{Function: registry.Call{Function: &registry.Function{Info: registry.Info{Name: "observed"}}}, Items: 1}}
}

// BenchmarkObserver tells an observer of a call of one frame, which is all that an empty call tells it. What a call costs beside it,
// BenchmarkEmptyCall of package parallel says: the difference is too small to be seen there.
func BenchmarkObserver(b *testing.B) {
	metrics := &tally{count: map[backend.Counter]int{}, took: map[backend.Timer]time.Duration{}}
	for name, o := range map[string]backend.Observer{
		"None": {}, "Nothing": {Metrics: nothing{}}, "Metrics": {Metrics: metrics}, "MetricsAndLog": {Metrics: metrics, Log: slog.NewTextHandler(io.Discard, nil)},
	} {
		b.Run(name, func(b *testing.B) {
			w := newObserver(o)
			defer w.close()
			e, call := &engine{id: 1}, observedCall()
			for range b.N {
				w.began(call)
				w.answered(e, 1, 8, 8, time.Microsecond, time.Microsecond)
				w.callEnded(call)
			}
		})
	}
}

// TestAnObserverThatIsNotAskedMakesNothing: records of calls that the handler does not want are not made, since each call would pay for
// them.
func TestAnObserverThatIsNotAskedMakesNothing(t *testing.T) {
	for name, o := range map[string]backend.Observer{"none": {}, "a log of errors": {Log: slog.NewTextHandler(io.Discard, nil)}} {
		w := newObserver(o)
		call := observedCall()
		if n := testing.AllocsPerRun(100, func() { w.began(call); w.callEnded(call) }); n > 0 {
			t.Errorf("%s: %v allocations for each call", name, n)
		}
		w.close()
	}
}
