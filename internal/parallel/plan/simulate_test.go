package plan

import (
	"container/heap"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/plan/shapes"
)

// world is a cluster in virtual time: a controller that does one thing at a time,
// and engines that work through their messages in order. A frame that is sent to
// an idle engine and answered at once takes the overhead, a quarter of it on the controller.
type world struct {
	now      float64 // nanoseconds
	overhead float64
	busy     float64 // until when the controller is
	engines  []node
	costs    []float64
	events   events
	frames   int
	most     int     // the most frames that one engine was sent
	handling float64 // how long the controller was busy
	// below is the time that a frame's items take where an engine stands for a group that has a controller of its own; nil where they run one after
	// the other.
	below func(costs []float64) float64
	ran   []int // how often each item ran
}

type node struct {
	free       float64 // when it has done what it was sent
	unanswered int
	frames     int
}

type event struct {
	at     float64
	engine int
	frame  Frame
	done   int
	spent  float64
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, k int) bool { return e[i].at < e[k].at }
func (e events) Swap(i, k int)      { e[i], e[k] = e[k], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

// simulate runs a call to its end and returns the time that it took.
func simulate(t *testing.T, config Config, costs []float64) *world {
	t.Helper()
	return simulateOver(t, config, costs, nil)
}

// simulateOver is simulate, with engines that are what below says.
func simulateOver(t *testing.T, config Config, costs []float64, below func([]float64) float64) *world {
	t.Helper()
	h := float64(config.Overhead)
	w := &world{below: below, overhead: h, engines: make([]node, config.Engines), costs: costs, ran: make([]int, len(costs))}
	s := New(config)
	w.send(s)
	for len(w.events) > 0 {
		e := heap.Pop(&w.events).(event)
		w.now = max(w.busy, e.at) + h/8
		w.handling += h / 8
		w.busy = w.now
		w.engines[e.engine].unanswered--
		s.Answered(e.engine, e.frame, e.done, time.Duration(e.spent), 0)
		w.send(s)
	}
	for i, n := range w.ran {
		if n != 1 {
			t.Fatalf("item %d ran %d times (%+v)", i, n, config)
		}
	}
	return w
}

// send sends all frames that engines may have now.
func (w *world) send(s *Schedule) {
	for sent := true; sent; {
		sent = false
		for i := range w.engines {
			n := &w.engines[i]
			if !s.Ready(i, n.unanswered) {
				continue
			}
			f := s.Take(i)
			sent = true
			w.frames++
			n.frames++
			w.most = max(w.most, n.frames)
			n.unanswered++
			w.busy = max(w.busy, w.now) + w.overhead/8
			w.handling += w.overhead / 8
			start := max(n.free, w.busy+w.overhead*3/8)
			done, spent := 0, 0.0
			if w.below != nil { // a group ends what it has begun
				done, spent = f.Count, w.below(w.costs[f.First:f.First+f.Count])
				for i := range f.Count {
					w.ran[f.First+i]++
				}
			}
			for w.below == nil && done < f.Count && (done == 0 || f.Limit == 0 || spent < float64(f.Limit)) {
				w.ran[f.First+done]++
				spent += w.costs[f.First+done]
				done++
			}
			n.free = start + spent
			heap.Push(&w.events, event{n.free + w.overhead*3/8, i, f, done, spent})
		}
	}
}

// ideal is the time that nobody can beat: a frame's overhead, and the work
// divided evenly, or the longest item.
func ideal(config Config, costs []float64) float64 {
	total, longest := 0.0, 0.0
	for _, c := range costs {
		total += c
		longest = max(longest, c)
	}
	return float64(config.Overhead) + max(longest, total/float64(config.Engines))
}

// ratio compares a simulated call with the bound.
func ratio(t *testing.T, config Config, costs []float64) float64 {
	return simulate(t, config, costs).now / ideal(config, costs)
}

func scaled(shape shapes.Shape, n int, mean float64) []float64 {
	costs := shape.Costs(n)
	for i := range costs {
		costs[i] *= mean
	}
	return costs
}
