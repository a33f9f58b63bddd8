package daemon

import (
	"context"
	"slices"
	"time"
)

// join gives a client the engines of its program, and starts them if nobody has them yet. A call that goes on without
// a client counts instead of one.
func (d *Daemon) join(c *client, of program) (*pool, error) {
	d.mu.Lock()
	p := d.pools[of.key()]
	if p == nil && d.ctx.Err() == nil {
		p = &pool{program: of, begun: make(chan struct{}), clients: map[*client]bool{}}
		ctx, stop := context.WithCancelCause(d.ctx)
		p.stop = stop
		d.pools[of.key()] = p
		d.group.Go(func() { p.start(ctx, d.engines, d.start) })
	}
	if p == nil {
		d.mu.Unlock()
		return nil, errStopped
	}
	p.mu.Lock()
	if c != nil {
		p.clients[c] = true
	} else {
		p.calls++
	}
	if p.idle != nil {
		p.idle.Stop()
	}
	p.mu.Unlock()
	d.mu.Unlock()
	gone := d.ctx
	if c != nil {
		gone = c.gone
	}
	select {
	case <-p.begun:
	case <-gone.Done(): // engines that wait in a queue may take hours
		return p, errGone
	}
	if p.err != nil {
		d.mu.Lock()
		if d.pools[of.key()] == p {
			delete(d.pools, of.key())
		}
		d.mu.Unlock()
		return nil, p.err
	}
	return p, nil
}

// leave forgets a client. Its calls go on, but for those of which not all items have come.
func (d *Daemon) leave(c *client) {
	d.mu.Lock()
	delete(d.clients, c)
	for _, r := range c.asked {
		delete(d.records, r.id)
	}
	d.order = slices.DeleteFunc(d.order, func(id string) bool { return d.records[id] == nil })
	d.mu.Unlock()
	if c.pool == nil {
		return
	}
	c.pool.mu.Lock()
	delete(c.pool.clients, c)
	c.pool.mu.Unlock()
	d.relax(c.pool)
}

// relax lets a pool end some time after nobody uses it any more.
func (d *Daemon) relax(p *pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.clients)+p.calls > 0 || d.ctx.Err() != nil {
		return
	}
	if p.idle != nil {
		p.idle.Stop()
	}
	p.idle = time.AfterFunc(d.linger, func() {
		d.mu.Lock()
		p.mu.Lock()
		over := len(p.clients)+p.calls == 0 && d.pools[p.program.key()] == p && d.ctx.Err() == nil
		if over {
			delete(d.pools, p.program.key())
		}
		p.mu.Unlock()
		d.mu.Unlock()
		if over {
			p.close()
		}
	})
}
