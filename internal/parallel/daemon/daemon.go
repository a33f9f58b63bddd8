// Package daemon is the controller of a cluster that lives on: a process of its own, to which programs
// and notebooks connect. It knows nothing of their types and functions: it passes on bytes, to
// engines that are processes of the same program, and keeps what comes of calls, so that a program that was
// closed, or has died, finds its results when it comes again.
package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Options say what a cluster is like.
type Options struct {
	// Name is what programs call it.
	Name string
	// Engines is how many each program is given; 0 means one for each processor.
	Engines int
	// Keep is how many bytes of calls that have ended are kept on disk, the latest ones; 0 means 1 GB.
	Keep int64
	// Log is told of engines and calls; it may be nil.
	Log slog.Handler
	// Version is that of the command.
	Version string
	// Linger is how long engines stay when nobody uses them; 0 means 30 seconds.
	Linger time.Duration
}

// Daemon is the controller of a cluster. Its methods may be called from any goroutine.
type Daemon struct {
	engines    int
	linger     time.Duration
	keep       int64
	log        slog.Handler
	ctx        context.Context // of all that it does
	stop       context.CancelFunc
	folder     string // of the cluster
	lock       *flock.Flock
	sockets    string
	listener   *wire.Listener
	connection cluster.Connection
	group      sync.WaitGroup // connections and calls

	mu      sync.Mutex
	keys    map[string]func() // by client, "" for the cluster's own: each stops admitting who has it
	clients map[*client]bool
	pools   map[string]*pool
	records map[string]*record
	order   []string // of records, the oldest first
	grown   int64    // about how many bytes of memory have been kept since trim looked
}

// Start starts the controller of a cluster and writes down how to find it. It runs until the context
// ends, or somebody stops the cluster; Wait waits for that.
func Start(ctx context.Context, o Options) (*Daemon, error) {
	if o.Engines < 0 {
		return nil, fmt.Errorf("%d engines were asked for; there must be at least 1", o.Engines)
	}
	if o.Engines == 0 {
		o.Engines = runtime.NumCPU()
	}
	folder, err := cluster.Folder(o.Name)
	if err != nil {
		return nil, err
	}
	lock, err := alone(folder)
	if err != nil {
		return nil, fmt.Errorf("the cluster %q: %w", o.Name, err)
	}
	d := &Daemon{
		engines: o.Engines, linger: o.Linger, log: o.Log, keep: cmp.Or(o.Keep, 1<<30), folder: folder, lock: lock,
		keys: map[string]func(){}, clients: map[*client]bool{}, pools: map[string]*pool{}, records: map[string]*record{},
	}
	if d.linger == 0 {
		d.linger = 30 * time.Second
	}
	if d.sockets, err = os.MkdirTemp("", "goparallel-cluster-"); err != nil {
		lock.Close()
		return nil, fmt.Errorf("no folder for the socket of the cluster %q: %w", o.Name, err)
	}
	if d.listener, err = wire.Listen(d.sockets); err != nil {
		lock.Close()
		os.RemoveAll(d.sockets)
		return nil, err
	}
	d.ctx, d.stop = context.WithCancel(ctx)
	d.connection = cluster.Connection{
		Name: o.Name, Address: d.listener.Address(), Key: wire.NewSecret(), Pid: os.Getpid(), Started: time.Now(), Engines: o.Engines, Version: o.Version,
	}
	if err := d.restore(); err != nil {
		d.stop()
		d.Wait()
		return nil, fmt.Errorf("the cluster %q: %w", o.Name, err)
	}
	err = d.restoreKeys()
	if err == nil {
		err = d.admit(d.connection)
	}
	if err != nil {
		d.stop()
		d.Wait()
		return nil, fmt.Errorf("the cluster %q: %w", o.Name, err)
	}
	return d, nil
}

// Wait waits for the end of the cluster, and then until nothing of it is left but what it keeps.
func (d *Daemon) Wait() {
	<-d.ctx.Done()
	d.connection.Remove()
	d.mu.Lock() // serve adds to the group with the lock held
	pools := make([]*pool, 0, len(d.pools))
	for _, p := range d.pools {
		pools = append(pools, p)
	}
	d.mu.Unlock()
	for _, p := range pools {
		p.close()
	}
	d.group.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.records {
		r.mu.Lock()
		if r.file != nil {
			r.file.close()
		}
		r.mu.Unlock()
	}
	d.listener.Close()
	os.RemoveAll(d.sockets)
	d.lock.Close()
}

// alone makes sure that nobody else is the controller of a cluster, until the lock is closed.
func alone(folder string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(folder, "lock"))
	ok, err := lock.TryLock()
	if err == nil && !ok {
		err = errors.New("another process is its controller already")
	}
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// join gives a client the engines of its program, and starts them if nobody has them yet. A call that goes on without
// a client counts instead of one.
func (d *Daemon) join(c *client, of program) (*pool, error) {
	d.mu.Lock()
	p := d.pools[of.key()]
	if p == nil && d.ctx.Err() == nil {
		p = &pool{program: of, begun: make(chan struct{}), clients: map[*client]bool{}}
		d.pools[of.key()] = p
		d.group.Go(func() { p.start(d.ctx, d.engines, d.log) })
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
	<-p.begun
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

var (
	errStopped   = errors.New("the cluster was stopped")
	errCancelled = errors.New("somebody cancelled the call")
)

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

// newRecord makes the record of a call, which others find by its id.
func (d *Daemon) newRecord(asked cluster.Submission, of program) (*record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := ""
	for id == "" || d.records[id] != nil {
		id = strings.ToLower(rand.Text()[:6])
	}
	r := newRecord(id, asked)
	r.program, r.most = of, d.keep
	if !asked.Hidden {
		d.records[id], d.order = r, append(d.order, id)
	}
	return r, nil
}

// record returns the call with an id.
func (d *Daemon) record(id string) (*record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.records[id]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("the cluster keeps no call %q; History lists those that it keeps", id)
}

// run runs the items of some spans of a call.
func (d *Daemon) run(p *pool, r *record, spans [][2]int) {
	d.begin(p, r, func(ctx context.Context) error {
		errs := make([]error, len(spans))
		var parts sync.WaitGroup
		for i, span := range spans {
			parts.Go(func() { errs[i] = p.run(ctx, r, span[0], span[1]) })
		}
		parts.Wait()
		return errors.Join(errs...)
	})
}

// begin runs a call in a goroutine of its own.
func (d *Daemon) begin(p *pool, r *record, run func(context.Context) error) {
	ctx, stop := context.WithCancelCause(d.ctx)
	r.mu.Lock()
	r.stop, r.end = stop, nil
	r.mu.Unlock()
	keep := func() {}
	if !r.asked.Hidden {
		keep = func() { r.write(d.path(r.id)) }
	}
	late := time.AfterFunc(keepAfter, keep)
	p.mu.Lock()
	p.calls++
	p.mu.Unlock()
	began := time.Now()
	d.group.Go(func() {
		err := run(ctx)
		end := &cluster.End{}
		if err != nil {
			end.Error, end.Cancelled = err.Error(), errors.Is(context.Cause(ctx), errCancelled)
		}
		interrupted := d.ctx.Err() != nil
		stop(nil)
		r.mu.Lock()
		end.Report = r.report
		r.elapsed += time.Since(began)
		r.mu.Unlock()
		late.Stop()
		if interrupted {
			keep()
			r.interrupt()
		} else {
			r.finish(end)
		}
		p.mu.Lock()
		p.calls--
		p.mu.Unlock()
		d.relax(p)
		d.trim(r)
	})
}

// resume runs again what failed, or did not arrive, of a call that has ended.
func (d *Daemon) resume(p *pool, r *record) error {
	if p.program.hello.Build != r.program.hello.Build {
		return fmt.Errorf("the call %s is one of another build of %s, so that its function and its items may have changed", r.id, r.program.name())
	}
	r.mu.Lock()
	running := r.end == nil
	r.mu.Unlock()
	if running {
		return nil
	}
	spans := r.missing()
	if len(spans) == 0 {
		return nil
	}
	if err := r.again(); err != nil {
		return err
	}
	d.run(p, r, spans)
	return nil
}

// history lists the calls that are kept.
func (d *Daemon) history() (list []backend.Record) {
	d.mu.Lock()
	records := make([]*record, 0, len(d.order))
	for _, id := range d.order {
		records = append(records, d.records[id])
	}
	d.mu.Unlock()
	for _, r := range records {
		list = append(list, r.state())
	}
	return list
}

// purge forgets calls that have ended.
func (d *Daemon) purge(ids []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := len(ids) == 0
	if all {
		ids = slices.Clone(d.order)
	}
	var errs []error
	for _, id := range ids {
		r := d.records[id]
		if r == nil {
			errs = append(errs, fmt.Errorf("the cluster keeps no call %q", id))
			continue
		}
		if r.state().State == "running" {
			if !all {
				errs = append(errs, fmt.Errorf("the call %s still runs; cancel it first", id))
			}
			continue
		}
		r.drop()
		delete(d.records, id)
		d.order = slices.DeleteFunc(d.order, func(o string) bool { return o == id })
	}
	return errors.Join(errs...)
}

// status is what the engines of a client do, or those of all programs for somebody who looks.
func (d *Daemon) status(c *client) (list []cluster.Pool) {
	d.mu.Lock()
	var pools []*pool
	for _, p := range d.pools {
		if c.pool == nil || c.pool == p {
			pools = append(pools, p)
		}
	}
	d.mu.Unlock()
	slices.SortFunc(pools, func(a, b *pool) int { return strings.Compare(a.program.key(), b.program.key()) })
	for _, p := range pools {
		select {
		case <-p.begun:
		default:
			continue
		}
		if p.err != nil {
			continue
		}
		s, _ := p.cluster.Status(d.ctx)
		s.Name = d.connection.Name
		p.mu.Lock()
		list = append(list, cluster.Pool{Program: p.program.name(), Session: p.program.hello.Session, Clients: len(p.clients), Status: s})
		p.mu.Unlock()
	}
	return list
}
