package controller

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
)

// Engines come, go and are replaced one by one while calls run.

// Add starts n more engines and waits until they are connected. Calls that leave the choice of
// engines to the controller use them at once, others when they begin. If one cannot be
// started, none is added.
func (c *Cluster) Add(ctx context.Context, n int) (ids []int, err error) {
	if n < 1 || n > backend.MaxEngines-c.Size() {
		return nil, fmt.Errorf("%d engines cannot be added: a cluster has 1 to %d", n, backend.MaxEngines)
	}
	ready := make(chan started, n)
	added, err := c.enlarge(ctx, n, ready)
	if err != nil {
		return nil, err
	}
	if err := c.await(ctx, added, n, ready); err != nil {
		for _, e := range added {
			e.end("it could not be added")
		}
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range added {
		e.joins()
		ids = append(ids, e.id)
	}
	return ids, nil
}

// enlarge begins to start engines that calls leave out for now, and says how it went to ready.
func (c *Cluster) enlarge(ctx context.Context, n int, ready chan started) (added []*engine, err error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	processors := max(1, runtime.NumCPU()/(c.size()+n))
	for range n {
		e := newEngine(c, len(c.engines), processors)
		e.apart = true
		c.engines, added = append(c.engines, e), append(added, e)
	}
	c.mu.Unlock()
	if c.options.Launcher != nil {
		err = c.launch(ctx, added)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && c.closed {
		err = ErrClosed
	}
	for _, e := range added {
		if err != nil {
			e.removed, e.gone = true, "it could not be added"
		} else {
			c.group.Go(func() { e.supervise(ready) })
		}
	}
	return added, err
}

// joins lets calls have an engine that was added and is connected. The cluster is locked.
func (e *engine) joins() {
	e.apart = false
	for _, call := range e.cluster.calls {
		call.join(e)
	}
	e.cluster.pokeAll()
}

// joinable reports whether engines that come later may take part in a call.
func (call *Call) joinable() bool {
	return call.job.Targets == nil && !call.job.Pinned && !call.job.Direct
}

// join lets an engine that was added take part in a call for which any will do. The cluster is
// locked.
func (call *Call) join(e *engine) {
	if !call.joinable() {
		return
	}
	call.targets = append(call.targets[:len(call.targets):len(call.targets)], e)
	call.pace[e] = &pace{index: call.schedule.Add()}
	call.report.Workers++
}

// Remove lets an engine finish the frames that it has, and ends it for good. What was planned for it
// goes to others. If the context ends before, the engine stays.
func (c *Cluster) Remove(ctx context.Context, id int) error {
	e, err := c.engineNumbered(id)
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.size() == 1 {
		c.mu.Unlock()
		return fmt.Errorf("engine %d is the last one of the cluster, which cannot be without; Close ends both", id)
	}
	e.apart = true
	for _, call := range c.calls {
		call.handOver(e)
	}
	c.mu.Unlock()
	if err := c.until(ctx, func() bool { return len(e.sent) == 0 }); err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		e.apart = false
		e.poke()
		return fmt.Errorf("engine %d was not removed, because it has not finished what it runs: %w", id, err)
	}
	e.end("it was removed")
	return c.until(context.Background(), func() bool { return e.link == nil && !e.coming })
}

// end ends an engine for good. Its supervisor ends when the process has.
func (e *engine) end(why string) {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.removed {
		return
	}
	e.apart, e.removed, e.gone = true, true, why
	close(e.ending)
	if e.place != nil {
		e.place.leave()
	}
	e.kill()
	for _, p := range e.pushed {
		p.drop()
	}
	e.pushed = nil
	e.abandon()
}

// Restart ends an engine's process at once and waits until another one is connected. The items that
// it ran run again; that is no mark against them.
func (c *Cluster) Restart(ctx context.Context, id int) error {
	e, err := c.engineNumbered(id)
	if err != nil {
		return err
	}
	c.mu.Lock()
	before := e.process
	if e.link == nil {
		c.mu.Unlock()
		return fmt.Errorf("engine %d does not run; it is started again by itself", id)
	}
	e.ordered = before
	c.observer.killed(e, "it was to be started again")
	before.KillFor("was ended to be started again")
	c.mu.Unlock()
	err = c.until(ctx, func() bool { return e.removed || e.link != nil && e.process != before })
	if err != nil {
		return fmt.Errorf("engine %d was ended and has not come back: %w", id, err)
	}
	return nil
}

// Signal sends a signal to an engine's process, and to nothing that it has started.
func (c *Cluster) Signal(id int, signal syscall.Signal) error {
	e, err := c.engineNumbered(id)
	if err != nil {
		return err
	}
	c.mu.Lock()
	process, runs := e.process, e.link != nil
	c.mu.Unlock()
	if !runs {
		return fmt.Errorf("engine %d does not run", id)
	}
	child, ok := process.(*launch.Child)
	if !ok {
		return fmt.Errorf("engine %d runs on another machine, where this process can send no signals", id)
	}
	if err := child.Signal(signal); err != nil {
		return fmt.Errorf("engine %d: %w", id, err)
	}
	return nil
}

// engineNumbered returns the engine with a number.
func (c *Cluster) engineNumbered(id int) (*engine, error) {
	found, err := c.find([]int{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// size is the number of engines that calls may use. The cluster is locked.
func (c *Cluster) size() (n int) {
	for _, e := range c.engines {
		if !e.apart {
			n++
		}
	}
	return n
}

// changed wakes who waits in until. The cluster is locked.
func (c *Cluster) changed() {
	close(c.news)
	c.news = make(chan struct{})
}

// until waits until something is true of the engines. It is asked with the cluster locked.
func (c *Cluster) until(ctx context.Context, is func() bool) error {
	for {
		c.mu.Lock()
		news := c.news
		ok, closed := is(), c.closed
		c.mu.Unlock()
		switch {
		case ok:
			return nil
		case closed:
			return ErrClosed
		}
		select {
		case <-news:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errChanged is the error of a call on each engine where their number has changed since it was counted.
var errChanged = errors.New("engines were added or removed while the call began; call again")
