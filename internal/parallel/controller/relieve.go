package controller

import (
	"time"

	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// stuck reports whether the engine still has items of a call that is over. It may
// stop them at once, or be killed for not doing so: until then nobody knows when it
// could do anything else. The cluster is locked.
func (e *engine) stuck() bool { return e.stale > 0 }

// slowAfter is how long an engine may be busy with one frame before others take what
// waits behind it, if they have nothing to do.
const slowAfter = 200 * time.Millisecond

// relieve moves work from engines that are stuck, or slow, to idle ones. The cluster
// is locked.
func (c *Cluster) relieve() {
	for _, e := range c.engines {
		if e.link == nil || len(e.sent) == 0 {
			continue
		}
		stuck := e.stuck()
		if stuck {
			for _, call := range c.calls {
				call.handOver(e)
			}
		}
		var first *attempt
		for _, a := range e.sent {
			if first == nil || a.id < first.id {
				first = a
			}
		}
		if !stuck && time.Since(first.call.start)-first.sent < slowAfter {
			continue
		}
		for _, a := range e.sent {
			if a == first || a.withdrawn || a.call.over || a.call.job.Pinned || a.call.job.Direct && !stuck || !a.call.idle() {
				continue
			}
			a.withdrawn = true
			e.control = append(e.control, &wire.Message{Envelope: wire.Envelope{Kind: wire.Withdraw, Call: a.call.id, Frame: a.id}})
			e.poke()
		}
	}
}

// handOver lets other engines have what is planned for one, if any may do it. The
// cluster is locked.
func (call *Call) handOver(e *engine) {
	if p := call.pace[e]; p != nil && !call.job.Pinned {
		call.schedule.Gone(p.index)
		call.cluster.pokeAll()
	}
}

// idle reports whether an engine of the call could begin at once. The cluster is
// locked.
func (call *Call) idle() bool {
	for _, e := range call.targets {
		if e.link != nil && !e.draining && len(e.sent) == 0 {
			return true
		}
	}
	return false
}

// withdrawn takes back a frame that an engine had not begun.
func (e *engine) withdrawn(id uint64) {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	a := e.sent[id]
	if a == nil {
		return
	}
	e.remove(a)
	if !a.call.over {
		a.call.schedule.Return(plan.Span{First: a.First, Count: a.Count})
	}
	c.pokeAll()
}
