package daemon

import (
	"context"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// follower is a call whose events a client is sent.
type follower struct {
	record *record
	stop   context.CancelFunc
}

// cancel ends a call that the client follows, or only that it is followed.
func (c *client) cancel(number uint64, leave bool) {
	c.mu.Lock()
	delete(c.asked, number)
	f := c.following[number]
	c.mu.Unlock()
	switch {
	case f == nil:
	case leave:
		f.stop()
	default:
		f.record.cancel()
	}
}

// follow sends what comes of a call, in a goroutine of its own.
func (c *client) follow(number uint64, r *record) {
	ctx, stop := context.WithCancel(c.gone)
	c.mu.Lock()
	c.following[number] = &follower{r, stop}
	c.mu.Unlock()
	go func() {
		defer func() {
			stop()
			c.mu.Lock()
			delete(c.following, number)
			c.mu.Unlock()
		}()
		c.tell(ctx, number, r)
	}()
}

// tell sends a call's events until it has ended.
func (c *client) tell(ctx context.Context, number uint64, r *record) {
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
			c.link.Flush()
			select {
			case <-more:
			case <-ctx.Done():
			}
		default:
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
