package controller

import (
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// figures gathers what metrics are told, and tells it a few times a second: an empty call alone has eight numbers, and a lock and a
// look into a map of the metrics' for each were 3 % of what it costs the caller. It also means that no call waits for metrics.
type figures struct {
	metrics backend.Metrics

	telling sync.Mutex // of the goroutine that tells, and of what it has
	told    []totals

	mu     sync.Mutex
	of     []totals    // by engine, whose number is one less; the first is the cluster
	times  int         // in them
	timer  *time.Timer // will tell; nil where there is nothing to tell
	closed bool
}

// totals are numbers of an engine, or of the cluster, that metrics have not been told.
type totals struct {
	counted [backend.NumCounters]int
	timed   [backend.NumTimers][]time.Duration
}

const (
	tellAfter = 100 * time.Millisecond
	mostTimes = 1 << 18 // that wait for metrics which do not return; later ones are left out
)

// add changes the numbers of an engine, or, with nil, of the cluster.
func (f *figures) add(e *engine, change func(t *totals)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	at := 0
	if e != nil {
		at = e.id + 1
	}
	for len(f.of) <= at {
		f.of = append(f.of, totals{})
	}
	change(&f.of[at])
	if f.timer == nil {
		f.timer = time.AfterFunc(tellAfter, f.tell)
	}
}

// took notes a time, among what is added.
func (f *figures) took(t *totals, timer backend.Timer, d time.Duration) {
	if f.times < mostTimes {
		f.times++
		t.timed[timer] = append(t.timed[timer], max(0, d))
	}
}

// tell tells metrics what has been added since it did so last.
func (f *figures) tell() {
	f.telling.Lock()
	defer f.telling.Unlock()
	f.mu.Lock()
	f.of, f.told = f.told, f.of
	f.times, f.timer = 0, nil
	f.mu.Unlock()
	for i := range f.told {
		t := &f.told[i]
		for c, count := range t.counted {
			if count > 0 {
				f.metrics.Count(backend.Counter(c), i-1, count)
			}
		}
		for timer, times := range t.timed {
			if len(times) > 0 {
				f.metrics.Took(backend.Timer(timer), i-1, times)
			}
			t.timed[timer] = times[:0]
		}
		t.counted = [backend.NumCounters]int{}
	}
}

// close tells what there is, and no more afterwards.
func (f *figures) close() {
	f.mu.Lock()
	f.closed = true
	if f.timer != nil {
		f.timer.Stop()
	}
	f.mu.Unlock()
	f.tell()
}
