package remote

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// largeItems is from how many bytes on items travel beside a message and not in it.
const largeItems = memory.Large

func blockOf(data []byte) *block { return memory.Of(data) }

// Size returns the number of engines, as far as this process has heard.
func (c *Cluster) Size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}

// resized notes the number of engines.
func (c *Cluster) resized(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size = n
}

// Overhead returns what a frame cost beside its items in the last call.
func (c *Cluster) Overhead() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.overhead == 0 {
		return time.Millisecond, false
	}
	return c.overhead, true
}

// askTime limits the wait for what the controller knows without waiting.
const askTime = 3 * time.Second

// Status asks what the engines of this process's program do.
func (c *Cluster) Status(ctx context.Context) (backend.Status, error) {
	pools, err := c.Pools(ctx)
	if err != nil || len(pools) == 0 {
		return backend.Status{Name: c.connection.Name, At: time.Now()}, err
	}
	return pools[0].Status, nil
}

// Pools asks what the engines do: those of this process's program, or all, where this connection only looks.
func (c *Cluster) Pools(ctx context.Context) ([]cluster.Pool, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, askTime, fmt.Errorf("the controller, process %d, has not answered within %v", c.connection.Pid, askTime))
	defer cancel()
	r, err := c.ask(ctx, cluster.Question{Status: true})
	if err == nil {
		c.resized(r.Size)
	}
	return r.Pools, err
}

// IDs returns the numbers of the engines that run, or none where the controller does not answer.
func (c *Cluster) IDs() (ids []int) {
	s, _ := c.Status(context.Background())
	for _, e := range s.Engines {
		if e.State == backend.Idle || e.State == backend.Busy {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// Pid returns the number of an engine's process, or 0 if it does not run.
func (c *Cluster) Pid(id int) int {
	s, _ := c.Status(context.Background())
	for _, e := range s.Engines {
		if e.ID == id && (e.State == backend.Idle || e.State == backend.Busy) {
			return e.Pid
		}
	}
	return 0
}

// Add starts more engines.
func (c *Cluster) Add(ctx context.Context, n int) ([]int, error) {
	if n < 1 {
		return nil, fmt.Errorf("%d engines cannot be added", n)
	}
	r, err := c.change(ctx, cluster.Question{Add: n})
	return r.IDs, err
}

// Remove ends an engine when it has finished what it has.
func (c *Cluster) Remove(ctx context.Context, id int) error {
	_, err := c.change(ctx, cluster.Question{Remove: &id})
	return err
}

// Restart replaces an engine's process at once.
func (c *Cluster) Restart(ctx context.Context, id int) error {
	_, err := c.change(ctx, cluster.Question{Restart: &id})
	return err
}

// Signal sends a signal to an engine's process.
func (c *Cluster) Signal(id int, signal syscall.Signal) error {
	_, err := c.change(context.Background(), cluster.Question{Signal: &cluster.Signal{Engine: id, Signal: int(signal)}})
	return err
}

// change asks for a change of the engines.
func (c *Cluster) change(ctx context.Context, q cluster.Question) (cluster.Reply, error) {
	r, err := c.ask(ctx, q)
	if err == nil {
		c.resized(r.Size)
	}
	return r, err
}

// Stop ends the cluster: its engines, its controller and the connections of everybody. What it keeps
// stays on disk.
func (c *Cluster) Stop(ctx context.Context) error {
	_, err := c.ask(ctx, cluster.Question{Stop: true})
	return err
}

// Keys lists the keys of clients.
func (c *Cluster) Keys(ctx context.Context) ([]cluster.Key, error) {
	r, err := c.ask(ctx, cluster.Question{Keys: true})
	return r.Keys, err
}

// AddKey makes a key for a client, and returns its file.
func (c *Cluster) AddKey(ctx context.Context, client string) (path string, err error) {
	r, err := c.ask(ctx, cluster.Question{AddKey: client})
	if err != nil {
		return "", err
	}
	return r.Keys[0].Path, nil
}

// Revoke takes a client's key back.
func (c *Cluster) Revoke(ctx context.Context, client string) error {
	_, err := c.ask(ctx, cluster.Question{Revoke: client})
	return err
}

// History lists the calls that the cluster keeps.
func (c *Cluster) History(ctx context.Context) ([]backend.Record, error) {
	r, err := c.ask(ctx, cluster.Question{History: true})
	return r.Calls, err
}

// Purge forgets calls that have ended.
func (c *Cluster) Purge(ctx context.Context, ids []string) error {
	if ids == nil {
		ids = []string{}
	}
	_, err := c.ask(ctx, cluster.Question{Purge: ids})
	return err
}

// Fetch returns a call by its id.
func (c *Cluster) Fetch(ctx context.Context, id string, place backend.Place, out backend.Output) (backend.Call, error) {
	return c.fetch(ctx, cluster.Question{Fetch: id}, place, out)
}

// Resume runs again what failed, or did not arrive, of a call that has ended.
func (c *Cluster) Resume(ctx context.Context, id string, place backend.Place, out backend.Output) (backend.Call, error) {
	return c.fetch(ctx, cluster.Question{Resume: id}, place, out)
}

// fetch asks for a call that somebody else began, or this process before.
func (c *Cluster) fetch(ctx context.Context, q cluster.Question, place backend.Place, out backend.Output) (backend.Call, error) {
	if q.Fetch+q.Resume == "" {
		return nil, errors.New("a call is fetched by its id, and there is none; History lists those that the cluster keeps")
	}
	call := newCall(c, out)
	placed := make(chan error, 1)
	err := c.begin(context.Background(), call, q, nil, func(r cluster.Reply) {
		if r.Error == "" {
			if err := call.place(r, place); err != nil {
				call.finish(err, nil)
				c.leave(call)
				r.Error, r.ID = err.Error(), ""
			}
		}
		call.answered(r)
		placed <- nil
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-placed:
	case <-call.done:
	case <-ctx.Done():
		c.leave(call)
		return nil, context.Cause(ctx)
	}
	if call.ID() == "" {
		return nil, call.Err()
	}
	return call, nil
}

// leave ends that this process is told of a call, which goes on.
func (c *Cluster) leave(call *Call) {
	c.tell(wire.Envelope{Kind: wire.Cancel, Call: call.number, First: 1})
	call.finish(errClosed, nil)
}

// place finds room for the results of a call.
func (call *Call) place(r cluster.Reply, place backend.Place) error {
	f := r.Call
	out, t := place(f.Items)
	call.mu.Lock()
	defer call.mu.Unlock()
	if f.Result != "" {
		if !codec.Fits(f.Result, codec.Signature(t)) {
			return fmt.Errorf("the results of the call %s, of %s, are %s", r.ID, f.Function, codec.Differ(f.Result, codec.Signature(t)))
		}
		var err error
		if call.out, err = codec.For(t); err != nil {
			return err
		}
	}
	call.results, call.began = out, time.Unix(0, f.Began)
	call.report.Function, call.report.Label, call.report.Items, call.report.Mapped = f.Function, f.Label, f.Items, true
	return nil
}
