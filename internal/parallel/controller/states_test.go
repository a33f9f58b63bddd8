package controller

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

var updateStates = flag.Bool("update-states", false, "write what becomes of engines to testdata/states.txt")

// state is how an engine came to be as it is when something happens: the first of two engines, with a call
// of which each has two frames of two items, if it has begun.
type state struct {
	name string
	make func(w *world, e *engine) *work
}

// begun has a call that runs on both engines.
func begun(w *world, e *engine) *work {
	for _, one := range w.cluster.engines {
		w.connects(one)
	}
	return w.submit(16, backend.Job{Chunk: 2, Retries: 1})
}

// after is what follows once a call has begun.
func after(do func(w *world, e *engine, one *work)) func(w *world, e *engine) *work {
	return func(w *world, e *engine) *work {
		one := begun(w, e)
		do(w, e, one)
		return one
	}
}

var states = []state{
	{"is coming", func(w *world, e *engine) *work {
		w.connects(w.cluster.engines[1])
		w.pids++
		e.comes(&worker{pid: w.pids, ended: make(chan struct{}), item: idle})
		return w.submit(16, backend.Job{Chunk: 2, Retries: 1})
	}},
	{"works", begun},
	{"has a call that is over", after(func(w *world, e *engine, one *work) { one.Cancel(errors.New("enough")); w.send() })},
	{"works, and a call of others is over", after(func(w *world, e *engine, one *work) {
		other := w.submit(4, backend.Job{Chunk: 1, Priority: 1, Targets: []int{0}})
		w.answer(e)
		w.answer(e)
		w.send()
		other.Cancel(errors.New("enough"))
		w.send()
	})},
	{"drains", after(func(w *world, e *engine, one *work) { e.drain(); w.send() })},
	{"is being removed", after(func(w *world, e *engine, one *work) { e.apart = true; one.handOver(e) })},
	{"is restarted on purpose", after(func(w *world, e *engine, one *work) {
		e.ordered = e.process
		e.process.KillFor("was ended to be started again")
	})},
	{"ran an item that ended two processes", after(func(w *world, e *engine, one *work) {
		one.strikes[w.workers[e].frames[0].First], one.poison = 2, 2
	})},
	{"died four times in a row", after(func(w *world, e *engine, one *work) { e.deaths = 4 })},
	{"is gone", after(func(w *world, e *engine, one *work) { e.deaths = 4; w.dies(e, 0, idle) })},
	{"died", after(func(w *world, e *engine, one *work) { w.dies(e, 0, idle) })},
	{"has a call without retries that runs items once", func(w *world, e *engine) *work {
		begun(w, e)
		w.finish()
		return w.submit(16, backend.Job{Chunk: 2, Once: true})
	}},
	{"has items of its own", func(w *world, e *engine) *work {
		begun(w, e)
		w.finish()
		return w.submit(2, backend.Job{Pinned: true})
	}},
	{"is removed", after(func(w *world, e *engine, one *work) { e.end("it was removed"); w.dies(e, 0, idle) })},
	{"is of a cluster that was closed", after(func(w *world, e *engine, one *work) { w.cluster.end() })},
}

// event is what happens to an engine. It returns false where it cannot happen.
type event struct {
	name string
	do   func(w *world, e *engine, one *work) bool
}

// first is the frame that the engine works on, and whether it is one of this call.
func first(w *world, e *engine, one *work) (f wire.Message, ok bool) {
	k := w.workers[e]
	if k == nil || len(k.frames) == 0 {
		return f, false
	}
	return k.frames[0], k.frames[0].Call == one.id
}

// taken lets a message arrive that the engine would not have sent by itself.
func taken(e *engine, m wire.Envelope) bool {
	e.take(wire.Message{Envelope: m})
	return true
}

var events = []event{
	{"answers", func(w *world, e *engine, one *work) bool { return w.answer(e) }},
	{"answers that an item failed", func(w *world, e *engine, one *work) bool {
		f, ok := first(w, e, one)
		return ok && w.answer(e, f.First)
	}},
	{"answers too late", func(w *world, e *engine, one *work) bool { // a frame that was given up
		return taken(e, wire.Envelope{Kind: wire.Result, Call: one.id, Frame: 1 << 40, Count: 2})
	}},
	{"answers more than it was asked", func(w *world, e *engine, one *work) bool {
		f, ok := first(w, e, one)
		return ok && taken(e, wire.Envelope{Kind: wire.Result, Call: one.id, Frame: f.Frame, First: f.First, Count: f.Count + 1})
	}},
	{"says that a frame cannot run", func(w *world, e *engine, one *work) bool {
		f, ok := first(w, e, one)
		if ok {
			w.workers[e].frames = w.workers[e].frames[1:]
			e.take(wire.Message{Envelope: wire.Envelope{Kind: wire.Failed, Call: one.id, Frame: f.Frame, First: f.First, Count: f.Count}, Payload: []byte("no such function")})
		}
		return ok
	}},
	{"says what it was asked to", func(w *world, e *engine, one *work) bool { w.send(); return w.replies(e) }},
	{"gives a frame back", func(w *world, e *engine, one *work) bool {
		k := w.workers[e]
		if k == nil || len(k.frames) < 2 {
			return false
		}
		f := k.frames[1]
		if a := e.sent[f.Frame]; a != nil && a.call.job.Pinned {
			return false // nobody asks for these
		}
		k.frames = slices.Delete(k.frames, 1, 2)
		return taken(e, wire.Envelope{Kind: wire.Withdrawn, Call: f.Call, Frame: f.Frame})
	}},
	{"says that an item ran too long, and dies", func(w *world, e *engine, one *work) bool {
		f, ok := first(w, e, one)
		return ok && taken(e, wire.Envelope{Kind: wire.Expired, Call: one.id, Frame: f.Frame, First: f.First}) && w.dies(e, one.id, f.First)
	}},
	{"dies in an item", func(w *world, e *engine, one *work) bool {
		f, ok := first(w, e, one)
		return ok && w.dies(e, one.id, f.First)
	}},
	{"dies before the first item", func(w *world, e *engine, one *work) bool { return w.dies(e, one.id, idle) }},
	{"dies between calls", func(w *world, e *engine, one *work) bool { return w.dies(e, 0, idle) }},
	{"cannot be started", func(w *world, e *engine, one *work) bool {
		if e.link != nil {
			return false
		}
		e.leave("there is no file")
		return true
	}},
	{"connects", func(w *world, e *engine, one *work) bool {
		if e.link != nil || e.removed || w.cluster.closed {
			return false
		}
		w.connects(e)
		w.send()
		return true
	}},
	{"stands still", func(w *world, e *engine, one *work) bool {
		k := w.workers[e]
		if k == nil {
			return false
		}
		k.stopped = true
		for range stoppedFor {
			w.cluster.look()
		}
		return true
	}},
	{"has its call cancelled", func(w *world, e *engine, one *work) bool { one.Cancel(errors.New("cancelled")); w.send(); return true }},
	{"says nothing for a second", func(w *world, e *engine, one *work) bool { w.pass(1100 * time.Millisecond); w.send(); return true }},
	{"is to drain", func(w *world, e *engine, one *work) bool { e.drain(); w.send(); return true }},
	{"is ended for good", func(w *world, e *engine, one *work) bool {
		if e.removed {
			return false
		}
		e.end("it was removed")
		return true
	}},
	{"loses its cluster", func(w *world, e *engine, one *work) bool { return w.cluster.end() }},
}

// What becomes of an engine and of its call, for each state and each event; and whatever it was, the call ends, each
// item has arrived once, and another call runs. A row that changes is a rule that changes:
//
//	go test ./internal/parallel/controller -run TestStates -update-states
func TestStates(t *testing.T) {
	var table strings.Builder
	for _, state := range states {
		fmt.Fprintf(&table, "An engine that %s\n", state.name)
		for _, event := range append([]event{{"", func(*world, *engine, *work) bool { return true }}}, events...) {
			t.Run(state.name+", "+event.name, func(t *testing.T) {
				bubble(t, state, func(t *testing.T, w *world, e *engine, one *work) {
					if event.do(w, e, one) {
						fmt.Fprintf(&table, "\t%-40s  %s\n", event.name, w.describe(e, one))
					}
				})
			})
		}
	}
	const golden = "testdata/states.txt"
	if *updateStates {
		if err := os.WriteFile(golden, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	wants, has := strings.Split(string(want), "\n"), strings.Split(table.String(), "\n")
	at := ""
	for i, line := range has {
		if !strings.HasPrefix(line, "\t") {
			at = line
		}
		if i >= len(wants) || wants[i] != line {
			t.Fatalf("%s\nhas\n%s\nand should have\n%s", at, line, strings.Join(wants[min(i, len(wants)):min(i+1, len(wants))], ""))
		}
	}
	if len(has) != len(wants) {
		t.Errorf("%d rows, and there should be %d", len(has), len(wants))
	}
}

// bubble makes a world in a state, lets something happen, and all that follows.
func bubble(t *testing.T, state state, happens func(t *testing.T, w *world, e *engine, one *work)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2)
		defer w.close()
		e := w.cluster.engines[0]
		one := state.make(w, e)
		w.check()
		happens(t, w, e, one)
		w.finish()
		if !w.cluster.closed {
			w.again(5)
		}
	})
}
