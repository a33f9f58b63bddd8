package controller

import (
	"time"

	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// drain ends a node that is about to be ended from outside. Its engines finish what they have begun; all
// else goes to others.
func (p *place) drain() {
	c := p.nodes.cluster
	c.err.Say("%s on %s will end soon: %s; its engines finish what they do", p.name(), p.node.Hello.Host, p.node.Why())
	for {
		busy := false
		c.mu.Lock()
		for _, e := range c.engines {
			if e.place == p {
				e.drain()
				busy = busy || len(e.sent) > 0
			}
		}
		c.mu.Unlock()
		if !busy {
			return
		}
		select {
		case <-p.node.Lost():
			return
		case <-c.closing:
			return
		case <-time.After(drainEvery):
		}
	}
}

// drainEvery is how often it is looked whether the engines of a node that will end have finished.
const drainEvery = 100 * time.Millisecond

// drain keeps an engine from beginning anything. The cluster is locked.
func (e *engine) drain() {
	e.draining = true
	for _, call := range e.cluster.calls {
		call.handOver(e)
	}
	for _, a := range e.sent {
		if !a.withdrawn && !a.call.over && !a.call.job.Pinned {
			a.withdrawn = true
			e.control = append(e.control, &wire.Message{Envelope: wire.Envelope{Kind: wire.Withdraw, Call: a.call.id, Frame: a.id}})
			e.poke()
		}
	}
}
