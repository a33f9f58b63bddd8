package controller

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/node"
)

// farm is a world whose engines are each on a node of its own, and whose adapter asks it for more: they come when the queue has let them wait,
// and what becomes of nodes is the test's choice.
type farm struct {
	*world
	queue   time.Duration // that nodes wait
	lives   time.Duration // that those which were asked for are there; 0 means for good
	refused error         // of each submission
	asked   []time.Time
	waiting []waiting
	most    int // nodes that waited at once
}

// waiting is an engine whose node is in the queue.
type waiting struct {
	e     *engine
	ready chan started
	due   time.Time
}

func newFarm(t *testing.T, engines int, limits backend.Adaptation) *farm {
	f := &farm{world: newWorld(t, engines), queue: 5 * time.Second}
	f.cluster.options.Adapt = limits
	for _, e := range f.cluster.engines {
		f.settles(e)
		f.connects(e)
	}
	a := newAdapter(f.cluster, limits)
	a.ask = f.ask
	f.cluster.group.Go(a.run)
	return f
}

// settles gives an engine a node.
func (f *farm) settles(e *engine) {
	e.place = &place{nodes: &nodes{cluster: f.cluster}, came: make(chan struct{}), over: make(chan struct{}), free: make(chan struct{}), engines: 1, node: &node.Node{}}
	close(e.place.came)
}

// ask is what the adapter has in the place of a launcher.
func (f *farm) ask(_ context.Context, n int, ready chan started) (added []*engine, err error) {
	c := f.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	f.asked = append(f.asked, time.Now())
	if f.refused != nil {
		return nil, f.refused
	}
	for range n {
		e := newEngine(c, len(c.engines), 1)
		e.apart = true
		f.settles(e)
		c.engines, added = append(c.engines, e), append(added, e)
		f.waiting = append(f.waiting, waiting{e, ready, time.Now().Add(f.queue)})
	}
	f.most = max(f.most, len(f.waiting))
	return added, nil
}

// departs says that an engine's node will end, gone that it has.
func (f *farm) departs(e *engine) {
	e.place.departs()
	f.cluster.mu.Lock()
	e.drain()
	f.cluster.mu.Unlock()
}

func (f *farm) gone(e *engine) {
	e.place.departs()
	f.dies(e, 0, idle)
	e.place.err = errors.New("its node was preempted")
	close(e.place.over)
	e.leave("its node was preempted")
}

// goes lets time pass, in which nodes come and, where they do not stay, go. Items that run take step.
func (f *farm) goes(d time.Duration) {
	f.t.Helper()
	const step = 100 * time.Millisecond
	for end := time.Now().Add(d); time.Now().Before(end); {
		f.pass(step)
		for len(f.waiting) > 0 && !time.Now().Before(f.waiting[0].due) {
			next := f.waiting[0]
			f.waiting = f.waiting[1:]
			f.connects(next.e)
			next.ready <- started{next.e, nil}
			f.pass(0)
			if f.lives > 0 {
				f.send()
				f.pass(f.lives)
				f.gone(next.e)
			}
		}
		f.send()
		if f.lives == 0 {
			for _, e := range f.cluster.engines {
				f.answer(e)
				f.replies(e)
			}
		}
	}
}

// there counts the engines that run.
func (f *farm) there() int { return len(f.cluster.IDs()) }

// inFarm runs a test in virtual time.
func inFarm(t *testing.T, engines int, limits backend.Adaptation, test func(t *testing.T, f *farm)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFarm(t, engines, limits)
		test(t, f)
		f.world.close()
		f.cluster.group.Wait()
	})
}

// TestLostNodesAreReplaced: as many as the limits and the work want, each once, whether they end at once or announce it.
func TestLostNodesAreReplaced(t *testing.T) {
	inFarm(t, 3, backend.Adaptation{Min: 3, Max: 4, Idle: time.Hour}, func(t *testing.T, f *farm) {
		f.goes(3 * time.Second)
		f.gone(f.cluster.engines[1])
		f.goes(10 * time.Second)
		if len(f.asked) != 1 || f.there() != 3 || !f.cluster.engines[1].removed {
			t.Errorf("one is gone: asked %d times, %d are there", len(f.asked), f.there())
		}
		f.goes(2 * settled)
		f.departs(f.cluster.engines[2])
		f.goes(3 * time.Second)
		if len(f.asked) != 2 {
			t.Errorf("one drains: asked %d times before it has ended", len(f.asked)-1)
		}
		f.gone(f.cluster.engines[2])
		f.goes(time.Hour)
		if len(f.asked) != 2 || f.there() != 3 {
			t.Errorf("in the end: asked %d times, %d are there", len(f.asked), f.there())
		}
	})
	// Those that nobody needs are not replaced.
	inFarm(t, 3, backend.Adaptation{Min: 1, Max: 4, Idle: 2 * time.Hour}, func(t *testing.T, f *farm) {
		f.gone(f.cluster.engines[1])
		f.goes(time.Hour)
		if len(f.asked) != 0 || f.there() != 2 {
			t.Errorf("asked %d times, %d are there", len(f.asked), f.there())
		}
	})
	// Work wants them.
	inFarm(t, 3, backend.Adaptation{Min: 1, Max: 3, Idle: time.Hour}, func(t *testing.T, f *farm) {
		one := f.submit(40000, backend.Job{Chunk: 1})
		f.goes(10 * time.Second)
		f.gone(f.cluster.engines[0])
		f.gone(f.cluster.engines[1])
		f.goes(30 * time.Second)
		if len(f.asked) != 1 || f.there() != 3 || one.report.Done == 0 || one.over {
			t.Errorf("asked %d times, %d are there, %d items are done", len(f.asked), f.there(), one.report.Done)
		}
		one.Cancel(errors.New("enough"))
		f.goes(time.Second)
	})
}

// TestOneSubmissionIsUnderWay: while some wait in a queue, and nobody knows for how long, losses ask for nothing; then they do.
func TestOneSubmissionIsUnderWay(t *testing.T) {
	inFarm(t, 4, backend.Adaptation{Min: 4, Max: 4, Idle: time.Hour}, func(t *testing.T, f *farm) {
		f.queue = time.Hour
		f.gone(f.cluster.engines[0])
		f.goes(time.Minute)
		f.gone(f.cluster.engines[1])
		f.gone(f.cluster.engines[2])
		f.goes(30 * time.Minute)
		if len(f.asked) != 1 || f.most != 1 {
			t.Errorf("asked %d times, %d waited", len(f.asked), f.most)
		}
		f.goes(2 * time.Hour)
		if len(f.asked) != 2 || f.there() != 4 {
			t.Errorf("asked %d times, %d are there", len(f.asked), f.there())
		}
	})
}

// TestNodesThatDoNotStayAreNotAskedForAgainAndAgain: where those that come go at once, or none may come, attempts are as rare as ten minutes before long.
func TestNodesThatDoNotStayAreNotAskedForAgainAndAgain(t *testing.T) {
	for name, set := range map[string]func(f *farm){
		"they go at once": func(f *farm) { f.lives = time.Second }, "none may come": func(f *farm) { f.refused = errors.New("the quota is used up") },
	} {
		t.Run(name, func(t *testing.T) {
			inFarm(t, 2, backend.Adaptation{Min: 2, Max: 2, Idle: time.Hour}, func(t *testing.T, f *farm) {
				set(f)
				f.gone(f.cluster.engines[0])
				f.goes(3 * time.Hour)
				if n := len(f.asked); n < 10 || n > 25 {
					t.Errorf("asked %d times in 3 hours", n)
				}
				for i := 2; i < len(f.asked); i++ {
					if before, now := f.asked[i-1].Sub(f.asked[i-2]), f.asked[i].Sub(f.asked[i-1]); now < before-f.queue || now < firstBackOff {
						t.Errorf("pauses of %v, then %v", before, now)
					}
				}
				f.lives, f.refused = 0, nil // it is well again
				f.goes(2 * maxBackOff)
				if f.there() != 2 {
					t.Errorf("%d are there", f.there())
				}
				asked := len(f.asked)
				f.gone(f.cluster.engines[1])
				f.goes(10 * time.Second)
				if len(f.asked) != asked+1 {
					t.Error("what was long ago counts")
				}
			})
		})
	}
}

// TestACallWaitsForReplacements where all engines were lost, and one that begins then does, too.
func TestACallWaitsForReplacements(t *testing.T) {
	inFarm(t, 1, backend.Adaptation{Min: 1, Max: 2, Idle: time.Hour}, func(t *testing.T, f *farm) {
		one := f.submit(20, backend.Job{Chunk: 1})
		f.gone(f.cluster.engines[0])
		two := f.submit(20, backend.Job{})
		f.goes(3 * time.Second)
		if one.over || two.over {
			t.Error("they did not wait:", one.err, two.err)
		}
		f.goes(20 * time.Second)
		f.ended(one)
		f.ended(two)
		if one.err != nil || two.err != nil {
			t.Error(one.err, two.err)
		}
	})
}

// TestAnItemThatTakesLongerThanNodesAreThere ends its call, and not one node after the other for ever; those that were lost together are one loss.
func TestAnItemThatTakesLongerThanNodesAreThere(t *testing.T) {
	inFarm(t, 1, backend.Adaptation{Min: 1, Max: 1, Idle: time.Hour}, func(t *testing.T, f *farm) {
		f.lives = 2 * time.Minute
		one := f.submit(1, backend.Job{})
		f.pass(f.lives)
		f.gone(f.cluster.engines[0])
		f.goes(30 * time.Minute)
		if !one.over || one.err == nil || !strings.Contains(one.err.Error(), "5 nodes were lost one after the other, and no item of double was finished meanwhile: items take longer than nodes are there, or end them; the last, with engine 4 and items 0 to 0, ") {
			t.Errorf("over: %v, %v", one.over, one.err)
		}
	})
	inFarm(t, 12, backend.Adaptation{Min: 12, Max: 12, Idle: time.Hour}, func(t *testing.T, f *farm) {
		one := f.submit(100, backend.Job{Chunk: 1})
		for _, e := range f.cluster.engines[:10] {
			f.gone(e)
			f.pass(time.Millisecond)
		}
		f.goes(time.Minute)
		f.ended(one)
		if one.err != nil {
			t.Error(one.err)
		}
	})
}
