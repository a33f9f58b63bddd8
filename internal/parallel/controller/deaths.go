package controller

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/plan"
)

// Engines die: by what they run, by somebody's signal, or by the controller, which kills those
// that do not stop. What becomes of their items, and of calls that have no engine left, is
// decided here.

// maxStrikes is how many processes an item may take with it before it is given
// up.
const maxStrikes = 3

// maxPoison is how many processes the items of a call may take with them before
// it ends. Those that somebody else has ended do not count: see acquit.
const maxPoison = 30

// maxLost is how many nodes may be lost one after the other while nothing of a call is finished, before it ends. Their items take longer than nodes
// are there, or end them: new nodes would come and go for ever.
const maxLost = 5

// acquit takes back what items that have run to their end were suspected of: their engines died by something else, such as a signal from
// outside. The cluster is locked.
func (call *Call) acquit(first, count int) {
	call.deaths, call.lost = 0, 0
	for item, strikes := range call.strikes {
		if item >= first && item < first+count {
			call.poison -= strikes
			delete(call.strikes, item)
		}
	}
}

// died handles the end of an engine's process: what it had not answered runs
// again.
func (e *engine) died(process launch.Process) {
	how := e.place.nameInWords() + process.End()
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	e.link = nil
	e.ends++
	c.changed()
	if c.closed {
		return
	}
	ordered := e.ordered == process
	running, item := process.Last()
	if e.draining {
		running, item = 0, idle // what runs when a node is ended is not to blame
	}
	attempts := make([]*attempt, 0, len(e.sent))
	for _, a := range e.sent {
		attempts = append(attempts, a)
	}
	slices.SortFunc(attempts, func(a, b *attempt) int { return cmp.Compare(a.id, b.id) })
	e.sent, e.stale = nil, 0
	redone := 0
	suspects, blamed := map[*Call]bool{}, false
	for _, a := range attempts {
		call := a.call
		call.pace[e].sent = 0
		call.away -= a.Count
		if call.over {
			continue
		}
		suspect := !ordered && call.id == running && item >= a.First && item < a.First+a.Count
		blamed = blamed || suspect
		if !ordered && call.id == running && item < 0 && !suspects[call] {
			suspects[call] = true
			call.deaths++
		}
		if e.place.isDeparting() && a.sent >= call.lostAt { // what was sent before another node was lost says nothing new
			call.lost, call.lostAt = call.lost+1, time.Since(call.start)
		}
		redone += a.Count
		e.redo(a, suspect, item, how)
		if call.poison >= maxPoison {
			call.finish(fmt.Errorf("items of %s ended %d engine processes; the last, engine %d in item %d, %s", call.job.Function, call.poison, e.id, item, how))
		}
		if call.deaths >= maxStrikes {
			call.finish(fmt.Errorf("engines died %d times before the first item of %s could run; the last, engine %d, %s",
				call.deaths, call.job.Function, e.id, how))
		}
		if call.lost >= maxLost {
			call.finish(fmt.Errorf("%d nodes were lost one after the other, and no item of %s was finished meanwhile: items take longer than nodes are there, or end them; the last, with engine %d and items %d to %d, %s",
				call.lost, call.job.Function, e.id, a.First, a.First+a.Count-1, how))
		}
	}
	c.observer.ended(e, how, redone)
	if !blamed && !ordered {
		e.deaths++
	}
	if e.deaths >= maxDeaths && !e.removed {
		e.gone = fmt.Sprintf("%d processes of it died in a row, the last one %s", e.deaths, how)
	}
	if e.gone != "" { // or it was removed while it had frames, of which some may be nobody else's
		e.abandon()
	}
	c.pokeAll()
}

// redo puts the items of a frame that was not answered back, a suspect that has
// killed often enough excepted. The cluster is locked.
func (e *engine) redo(a *attempt, suspect bool, item int, how string) {
	call := a.call
	again := []plan.Span{a.Span}
	var failure *backend.Failure
	if suspect {
		// The suspect goes alone, so that others do not die with it, and first, so that it is soon known to be to blame, or not.
		again = []plan.Span{
			{First: a.First, Count: item - a.First}, {First: item + 1, Count: a.First + a.Count - item - 1}, itself(item),
		}
		if a.expired {
			if again = again[:2]; !call.retry(e, item) {
				f := call.overran()
				failure = &f
			}
		} else if call.job.Once {
			again = again[:2]
			failure = &backend.Failure{Death: fmt.Sprintf("the engine's process ended while it ran this, and what it kept is lost; it %s", how)}
		} else if call.strikes[item]++; call.strikes[item] >= maxStrikes {
			again = again[:2]
			failure = &backend.Failure{Death: fmt.Sprintf("it ended %d engine processes; the last %s", call.strikes[item], how)}
			call.poison++
		} else {
			call.poison++
		}
	}
	for _, span := range again {
		if span.Count == 0 {
			continue
		}
		call.report.Redone += span.Count
		call.cluster.observer.count(backend.ItemRedone, e, span.Count)
		switch {
		case call.job.Pinned:
			call.schedule.ReturnTo(call.pace[e].index, span)
		case suspect && span == itself(item):
			call.schedule.Again(item, plan.Anywhere)
		default:
			call.schedule.Return(span)
		}
	}
	if failure != nil {
		call.failed(e, item, *failure)
	}
}

// idle is the item of an engine that runs none.
const idle = -1

// itself is the span of one item.
func itself(item int) plan.Span { return plan.Span{First: item, Count: 1} }

// leave notes that no process of the engine could be started. Another attempt
// follows; what it had to do goes to others meanwhile.
func (e *engine) leave(why string) {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	e.coming = false
	c.changed()
	if e.removed {
		return
	}
	e.gone = why
	if !c.closed {
		c.observer.missed(e, why)
	}
	e.deaths++
	if !c.closed {
		e.abandon()
	}
}

// abandon gives what the engine had to do to others, now that nobody knows when it
// comes back. The cluster is locked.
func (e *engine) abandon() {
	for _, call := range e.cluster.calls {
		call.checkTargets()
	}
	e.cluster.pokeAll()
}

// checkTargets ends a call that has no engine left, and hands the work of
// engines that are gone to others. The cluster is locked.
func (call *Call) checkTargets() {
	alive, gone, awaited := 0, "", false
	for _, e := range call.targets {
		if e.gone == "" {
			alive++
			continue
		}
		awaited = awaited || call.joinable() && call.cluster.options.Adapt.Max > 0 && e.place.isDeparting() // another one is asked for
		gone += fmt.Sprintf("\nengine %d: %s", e.id, e.gone)
		for _, span := range call.schedule.Gone(call.pace[e].index) {
			call.failed(e, span.First, backend.Failure{Death: "the engine is gone: " + e.gone})
		}
	}
	if alive == 0 && !awaited {
		again := "they are started again and again, so try later"
		if call.cluster.options.Launcher != nil {
			again = "where a node is gone, start a new cluster"
		}
		call.finish(fmt.Errorf("no engine runs for %s after %d of %d items; %s%s", call.job.Function, call.report.Done, call.job.Items, again, gone))
	}
}

// stopped notes that an engine has stopped a cancelled call.
func (e *engine) stopped(id uint64) {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	for call := range e.opened {
		if call.id == id {
			e.release(call)
			return
		}
	}
}

// release forgets the frames of a call that is over. The cluster is locked.
func (e *engine) release(call *Call) {
	for _, a := range e.sent {
		if a.call == call {
			e.remove(a)
		}
	}
	e.forget(call)
	e.poke()
}

// overdue kills a process that has not stopped a cancelled call in time; another
// one takes its place.
func (e *engine) overdue(call *Call, process launch.Process) {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.process == process && e.link != nil && e.opened[call] {
		e.deaths = 0 // it was healthy, only busy
		c.observer.killed(e, "it did not stop a call that was over")
		e.kill()
	}
}
