// Package daemon is the controller of a cluster that lives on: a process of its own, to which programs
// and notebooks connect. It knows nothing of their types and functions: it passes on bytes, to
// engines that are processes of the same program, and keeps what comes of calls, so that a program that was
// closed, or has died, finds its results when it comes again.
package daemon

import (
	"cmp"
	"context"
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
	// Start says where engines come from, and how many must be there before a program is let in. What they print and what is
	// observed are the daemon's.
	Start backend.Options
}

// Daemon is the controller of a cluster. Its methods may be called from any goroutine.
type Daemon struct {
	engines    int
	start      backend.Options
	linger     time.Duration
	keep       int64
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
	if o.Engines < 0 || o.Engines > backend.MaxEngines {
		return nil, fmt.Errorf("%d engines were asked for; there must be at least 1, and at most %d", o.Engines, backend.MaxEngines)
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
		engines: o.Engines, start: o.Start, linger: o.Linger, keep: cmp.Or(o.Keep, 1<<30), folder: folder, lock: lock,
		keys: map[string]func(){}, clients: map[*client]bool{}, pools: map[string]*pool{}, records: map[string]*record{},
	}
	if d.linger == 0 {
		d.linger = 30 * time.Second
	}
	d.start.Observer = backend.Observer{Log: o.Log}
	d.start.Code = code{d}
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
	d.mu.Lock() // who comes at once waits until its key is noted
	err = d.restoreKeys()
	if err == nil {
		err = d.admit(d.connection)
	}
	d.mu.Unlock()
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

// Gone waits until a cluster that was stopped has no controller any more: with it go its engines, and the jobs that have them.
func Gone(ctx context.Context, name string) error {
	folder, err := cluster.Folder(name)
	if err != nil {
		return err
	}
	for {
		lock, err := alone(folder)
		if err == nil {
			return lock.Close()
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the cluster %q was told to stop, and has not within the time that it has: %w", name, err)
		}
	}
}

var (
	errStopped   = errors.New("the cluster was stopped")
	errUnused    = errors.New("nobody waits for the engines any more")
	errGone      = errors.New("who asked for engines is gone")
	errCancelled = errors.New("somebody cancelled the call")
)

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
