package controller

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

var orders = flag.Int("orders", 400, "random orders of events in TestRandomOrders")

// Two events in each order, in each state.
func TestOrders(t *testing.T) {
	for _, state := range states {
		t.Run(state.name, func(t *testing.T) {
			for _, one := range events {
				for _, other := range events {
					bubble(t, state, func(t *testing.T, w *world, e *engine, call *work) {
						one.do(w, e, call)
						w.check()
						other.do(w, e, call)
						w.check()
						if t.Failed() {
							t.Fatalf("it %s, then it %s: %s", one.name, other.name, w.describe(e, call))
						}
					})
					if t.Failed() {
						t.Fatalf("it %s, then it %s", one.name, other.name)
					}
				}
			}
		})
	}
}

// Several calls of all kinds on several engines, and events in random orders. A seed that fails does so again:
// go test -run TestRandomOrders/SEED.
func TestRandomOrders(t *testing.T) {
	for seed := range *orders {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(seed), 1))
				w := newWorld(t, 2+r.IntN(3))
				defer w.close()
				w.shuffle(r)
				w.finish()
				if !w.cluster.closed {
					w.again(7)
				}
			})
		})
	}
}

// shuffle lets things happen at random.
func (w *world) shuffle(r *rand.Rand) {
	c := w.cluster
	last := ""
	for range 10 + r.IntN(60) {
		e := c.engines[r.IntN(len(c.engines))]
		if e.link == nil && !e.removed && r.IntN(2) == 0 {
			w.connects(e)
		}
		if len(w.jobs) == 0 || r.IntN(8) == 0 && len(w.jobs) < 6 {
			job := backend.Job{Chunk: r.IntN(3), Priority: r.IntN(2), Retries: r.IntN(3), Backoff: time.Duration(r.IntN(2)) * 80 * time.Millisecond}
			items := 1 + r.IntN(20)
			switch r.IntN(6) {
			case 0:
				job.Pinned, items = true, c.size()
			case 1:
				job.Direct = true
			case 2:
				job.Once = true
			case 3:
				job.StopAtError = true
			case 4:
				job.Chunk, job.Most = 1, 2+r.IntN(3)
			}
			w.submit(items, job)
		}
		one := w.jobs[r.IntN(len(w.jobs))]
		event := events[r.IntN(len(events))]
		if event.name == "is ended for good" && c.size() == 1 || event.name == "loses its cluster" && r.IntN(20) > 0 {
			continue
		}
		event.do(w, e, one)
		last = event.name
		w.send()
		w.check()
		if c.closed {
			return
		}
		if w.t.Failed() {
			w.t.Fatalf("after it %s: %s", last, w.describe(e, one))
		}
	}
}

// An item that has run too long ends its engine, which is no mark against it, once: what it does to the next engine
// is looked at by itself.
func TestAnItemThatRanTooLongIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2)
		defer w.close()
		e := w.cluster.engines[0]
		one := begun(w, e)
		f, _ := first(w, e, one)
		taken(e, wire.Envelope{Kind: wire.Expired, Call: one.id, Frame: f.Frame, First: f.First})
		e.ordered = e.process // somebody restarts it before it has ended itself
		w.dies(e, one.id, f.First)
		w.connects(e)
		w.send()
		for f, _ = first(w, e, one); f.First != 0; f, _ = first(w, e, one) {
			if !w.answer(e) {
				t.Fatal("item 0 does not run again")
			}
			w.send()
		}
		w.dies(e, one.id, 0)
		if one.strikes[0] != 1 || one.report.Retried != 0 {
			t.Errorf("strikes %v, %d retried", one.strikes, one.report.Retried)
		}
		w.finish()
	})
}

// An item of one engine alone that waits until it runs again fails when that engine is gone.
func TestAnItemThatWaitsForAnEngineThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2)
		defer w.close()
		e := w.cluster.engines[0]
		begun(w, e)
		w.finish()
		one := w.submit(2, backend.Job{Pinned: true, Retries: 1, Backoff: time.Second})
		w.answer(w.cluster.engines[1])
		w.answer(e, 0)
		e.end("it was removed")
		w.pass(2 * time.Second)
		if !one.over || len(one.failures) != 1 || one.failures[0].Item != 0 {
			t.Errorf("over: %v, failures %v", one.over, one.failures)
		}
	})
}

// What waits to run again is forgotten when the call is over.
func TestNothingRunsAgainWhenTheCallIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2)
		defer w.close()
		e := w.cluster.engines[0]
		begun(w, e)
		w.finish()
		one := w.submit(4, backend.Job{Chunk: 1, Retries: 1, Backoff: time.Second})
		w.answer(e, w.workers[e].frames[0].First)
		one.Cancel(errors.New("enough"))
		w.send()
		w.pass(2 * time.Second)
		w.send()
		w.check()
		w.finish()
		if one.err == nil || one.report.Done != 0 {
			t.Errorf("%d done: %v", one.report.Done, one.err)
		}
	})
}

// Engines that die again and again before a call's first item end the call, and not one another for ever.
func TestEnginesThatDieBeforeTheFirstItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.close()
		e := w.cluster.engines[0]
		w.connects(e)
		one := w.submit(4, backend.Job{})
		for range maxStrikes {
			if one.over {
				t.Fatal("it has ended too early:", one.err)
			}
			w.dies(e, one.id, idle)
			w.connects(e)
			w.send()
		}
		if !one.over || one.err == nil {
			t.Errorf("over: %v, %v", one.over, one.err)
		}
	})
}

// Engines that somebody kills again and again, while an item runs or before one does, do not end a call that goes on: an item that runs to its end
// elsewhere was not to blame. Items that do end engines are given up as ever.
func TestACallOutlivesManyKills(t *testing.T) {
	for name, at := range map[string]func(f wire.Message) int{
		"while an item runs": func(f wire.Message) int { return f.First }, "before an item runs": func(wire.Message) int { return idle },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 1)
				defer w.close()
				e := w.cluster.engines[0]
				w.connects(e)
				one := w.submit(400, backend.Job{Chunk: 2})
				for kill := range 4 * maxPoison {
					w.send()
					f, _ := first(w, e, one)
					w.dies(e, one.id, at(f))
					w.connects(e)
					for range 3 { // the item that ran alone, and what was with it
						w.send()
						w.answer(e)
						w.replies(e)
					}
					if one.over && one.err != nil {
						t.Fatalf("after %d kills, with %d items done: %v", kill+1, one.report.Done, one.err)
					}
				}
				w.finish()
				w.ended(one)
				if one.err != nil || len(one.failures) > 0 {
					t.Error(one.err, one.failures)
				}
			})
		})
	}
}

// Who waits for engines is told of each change, and of the end.
func TestWaiters(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world, e *engine)
		err  error
	}{
		{"its last frame is answered", func(w *world, e *engine) { w.answer(e); w.answer(e) }, nil},
		{"it dies", func(w *world, e *engine) { w.dies(e, 0, idle) }, nil},
		{"its call is over, and it has stopped", func(w *world, e *engine) {
			w.jobs[0].Cancel(errors.New("enough"))
			w.send()
			w.replies(e)
		}, nil},
		{"the cluster is closed", func(w *world, e *engine) { w.cluster.end() }, ErrClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 2)
				defer w.close()
				e := w.cluster.engines[0]
				begun(w, e)
				e.apart = true
				done := make(chan error, 1)
				go func() { done <- w.cluster.until(t.Context(), func() bool { return len(e.sent) == 0 }) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("nobody waits: %v", err)
				default:
				}
				c.do(w, e)
				synctest.Wait()
				select {
				case err := <-done:
					if err != c.err {
						t.Error(err)
					}
				default:
					t.Error("the waiter was not told")
				}
				w.cluster.end()
				synctest.Wait()
			})
		})
	}
}

// A process that connects when its engine was removed, or its cluster closed, is not taken.
func TestLateProcessesAreNotAdopted(t *testing.T) {
	for name, end := range map[string]func(w *world, e *engine){
		"removed": func(w *world, e *engine) { e.end("it was removed") },
		"closed":  func(w *world, e *engine) { w.cluster.end() },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 2)
			defer w.close()
			e := w.cluster.engines[0]
			late := &worker{ended: make(chan struct{})}
			e.comes(late)
			end(w, e)
			if e.adopt(late, late.link()) || e.link != nil || len(late.killed) == 0 {
				t.Errorf("%s: it runs: %v, killed %d times", name, e.link != nil, len(late.killed))
			}
		})
	}
}
