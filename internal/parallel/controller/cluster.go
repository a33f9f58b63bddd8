// Package controller runs calls on a set of engines: it starts the engines and
// starts them again when they die, sends them the items of calls, and puts the
// results where the caller wants them.
//
// One mutex guards all scheduling state (Cluster.mu): it is held for a few
// instructions at a time and never while something is encoded, sent, received or
// waited for. Each engine has three goroutines: one supervises the process, one
// sends, one receives. A slow or stuck engine holds up its own goroutines only.
package controller

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/process"
	"github.com/goparallel/goparallel/internal/parallel/userdir"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// ErrClosed is the error of calls on a cluster that was closed.
var ErrClosed = errors.New("the cluster was closed")

// Cluster is a set of engine processes on this machine. Its methods may be
// called from any goroutine.
type Cluster struct {
	folder     string          // holds the socket; mode 0700; "" with TLS
	authority  *wire.Authority // nil without TLS
	listener   *wire.Listener
	executable *launch.Executable // what engines are; nil for this process's own program
	build      wire.Build         // of it
	patience   time.Duration      // how long to wait for engines that are started
	thread     *process.Thread
	out, err   *launch.Sink
	given      bool // they are the caller's own
	observer   *observer
	group      sync.WaitGroup  // supervisors
	options    backend.Options // that it was started with
	closing    chan struct{}
	depot      memory.Depot // values that several engines of a node are to have
	taken      sync.Map     // values of variables that are in use: weak.Pointer[value] by wire.Hash

	mu        sync.Mutex
	news      chan struct{} // closed when engines have changed
	closed    bool
	nodes     []*nodes // that were asked for
	engines   []*engine
	lastCall  uint64
	lastFrame uint64
	calls     []*Call             // that run, the oldest first; taken off in a copy, so that a loop over them may end them
	printing  map[uint64]*outputs // of calls by number
	muted     []uint64            // of these, those that are over
	costs     plan.Memory         // of functions, by name
	overhead  plan.Overhead       // of a frame
	watcher   *time.Timer         // calls look
	watching  bool                // it will
}

// listen opens a unix socket in a folder of its own.
func (c *Cluster) listen() (err error) {
	if c.folder, err = userdir.Temporary("goparallel-engines-", wire.Socket); err != nil {
		return fmt.Errorf("no folder for the engines' socket: %w", err)
	}
	if c.listener, err = wire.Listen(c.folder); err != nil {
		os.RemoveAll(c.folder)
	}
	return err
}

// listenTLS opens a TCP socket that only this machine can reach, and makes keys.
func (c *Cluster) listenTLS() (err error) {
	if c.authority, err = wire.NewAuthority(); err == nil {
		c.listener, err = wire.ListenTLS("127.0.0.1:0", c.authority)
	}
	if err != nil {
		return fmt.Errorf("no encrypted connections for engines: %w", err)
	}
	return nil
}

// IDs returns the numbers of the engines that run, in ascending order.
func (c *Cluster) IDs() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []int
	for _, e := range c.engines {
		if e.link != nil {
			ids = append(ids, e.id)
		}
	}
	return ids
}

// Size returns the number of engines, those included that are being started again.
func (c *Cluster) Size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size()
}

// Overhead returns what a frame costs beside its items, and whether it was
// measured.
func (c *Cluster) Overhead() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.overhead.Estimate()
}

// Pid returns the number of an engine's process, or 0 if it does not run.
func (c *Cluster) Pid(id int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id < 0 || id >= len(c.engines) || c.engines[id].link == nil {
		return 0
	}
	return c.engines[id].process.Pid()
}

// Close ends the engines and waits until nothing of the cluster is left. Calls
// that run end with [ErrClosed]. It may be called again.
func (c *Cluster) Close() error {
	first := c.end()
	c.group.Wait()
	if !first {
		return nil
	}
	c.observer.close()
	c.listener.Close()
	c.thread.Close()
	c.mu.Lock()
	nodes := c.nodes
	c.mu.Unlock()
	var group sync.WaitGroup
	errs := make([]error, len(nodes))
	for i, ns := range nodes {
		group.Go(func() { errs[i] = ns.stop() })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if c.folder == "" {
		return nil
	}
	return os.RemoveAll(c.folder)
}

// end ends calls and engines' processes. It returns false if that was done before.
func (c *Cluster) end() (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.closed = true
	close(c.closing)
	c.changed()
	for _, call := range c.calls {
		call.finish(ErrClosed)
	}
	for _, e := range c.engines {
		e.kill()
	}
	if c.watcher != nil {
		c.watcher.Stop()
	}
	return true
}

// find returns the engines with these numbers, or all.
func (c *Cluster) find(ids []int) ([]*engine, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ids == nil {
		return slices.DeleteFunc(slices.Clone(c.engines), func(e *engine) bool { return e.apart }), nil
	}
	var found []*engine
	for _, id := range ids {
		if id < 0 || id >= len(c.engines) {
			return nil, fmt.Errorf("there is no engine %d; the engines are 0 to %d", id, len(c.engines)-1)
		}
		e := c.engines[id]
		switch {
		case slices.Contains(found, e):
			return nil, fmt.Errorf("engine %d is named twice", id)
		case e.removed:
			return nil, fmt.Errorf("there is no engine %d: %s", id, e.gone)
		case e.apart:
			return nil, fmt.Errorf("engine %d is being added or removed", id)
		}
		found = append(found, e)
	}
	if len(found) == 0 {
		return nil, errors.New("the view has no engines")
	}
	return found, nil
}
