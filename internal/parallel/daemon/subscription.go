package daemon

import (
	"context"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// subscription is a call whose events a client is sent.
type subscription struct {
	record *record
	stop   context.CancelFunc

	// What engines say and is not kept; record.mu guards it.
	waiting []event
	left    int // bytes of it that did not fit
}

// cancel ends a call that the client subscribes to, or only the subscription.
func (c *client) cancel(number uint64, leave bool) {
	c.mu.Lock()
	delete(c.asked, number)
	s := c.subscriptions[number]
	c.mu.Unlock()
	switch {
	case s == nil:
	case leave:
		s.stop()
	default:
		s.record.cancel()
	}
}

// subscribe sends what comes of a call, in a goroutine of its own.
func (c *client) subscribe(number uint64, r *record) {
	ctx, stop := context.WithCancel(c.gone)
	s := &subscription{record: r, stop: stop}
	c.mu.Lock()
	c.subscriptions[number] = s
	c.mu.Unlock()
	r.mu.Lock()
	r.subscriptions[s] = true
	r.mu.Unlock()
	go func() {
		defer func() {
			stop()
			c.mu.Lock()
			delete(c.subscriptions, number)
			c.mu.Unlock()
			r.mu.Lock()
			delete(r.subscriptions, s)
			r.mu.Unlock()
		}()
		c.tell(ctx, number, s)
	}()
}

// tell sends a call's events until it has ended.
func (c *client) tell(ctx context.Context, number uint64, s *subscription) {
	r := s.record
	for seen := 0; ctx.Err() == nil; {
		e, more := r.after(seen)
		switch {
		case e != nil:
			payload, blocks, err := r.content(e)
			if err != nil {
				c.end(number, &cluster.End{Error: err.Error()})
				return
			}
			m := &wire.Message{Envelope: wire.Envelope{Kind: e.kind, Call: number, First: e.first, Count: e.count}, Payload: payload, Blocks: blocksOf(blocks)}
			if c.link.Send(m) != nil {
				return
			}
			seen++
		case more != nil:
			c.tellUnkept(number, s)
			c.link.Flush()
			select {
			case <-more:
			case <-ctx.Done():
			}
		default:
			c.tellUnkept(number, s)
			c.flushPrinted()
			r.mu.Lock()
			end := *r.end
			r.mu.Unlock()
			c.end(number, &end)
			return
		}
	}
}

// end tells that a call has ended.
func (c *client) end(number uint64, end *cluster.End) {
	payload, err := wire.EncodePayload(end)
	if err != nil {
		payload, _ = wire.EncodePayload(cluster.End{Error: err.Error()})
	}
	c.send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Ended, Call: number}, Payload: payload})
}
