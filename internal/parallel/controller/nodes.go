package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/node"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// nodes are those that a launcher was asked for at once. A cluster whose engines are children of this process
// has none.
type nodes struct {
	cluster    *Cluster
	allocation backend.Allocation
	places     []*place
}

// place is a node from the moment when it is asked for until it is gone.
type place struct {
	nodes *nodes
	index int
	came  chan struct{} // closed when the node has connected, or will not
	over  chan struct{} // closed when the node is gone, and it is known why
	free  chan struct{} // closed when all its engines were removed

	// node and err are set before came is closed, err again before over is.
	node *node.Node
	err  error

	ended chan struct{} // closed when the system says that the node has ended

	// These are guarded by cluster.mu.

	state    backend.NodeState
	wanted   bool // news of it are
	engines  int  // that were not removed
	departed bool // its engines begin nothing any more: it will end, has ended, or never came
}

// gone is the error of an engine whose node is gone: no other process takes its place.
type gone struct{ error }

// stopNodes limits the wait for the end of nodes.
const stopNodes = 30 * time.Second

// listenFor opens the port at which nodes and engines of other machines connect.
func (c *Cluster) listenFor(address string) (err error) {
	if address == "" {
		address = ":0"
	}
	if c.authority, err = wire.NewAuthority(); err == nil {
		c.listener, err = wire.ListenTLS(address, c.authority)
	}
	if err != nil {
		return fmt.Errorf("no port for engines of other machines: %w", err)
	}
	return nil
}

// launch asks the launcher for nodes for these engines.
func (c *Cluster) launch(ctx context.Context, engines []*engine) error {
	n, o := len(engines), c.options
	per, err := o.Launcher.PerNode(n)
	if err == nil && per < 1 {
		err = fmt.Errorf("its nodes have %d engines each", per)
	}
	if err != nil {
		return fmt.Errorf("%d engines: %w", n, err)
	}
	program, args := launch.RunningPath(), os.Args
	addresses, err := c.listener.Offered()
	if err != nil {
		return err
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	if x := c.executable; x != nil {
		program, args, folder = x.Path, x.Args, cmp.Or(x.Dir, folder)
	}
	count := (n + per - 1) / per
	ns := &nodes{cluster: c}
	tickets := make([]node.Ticket, count)
	var waits []func()
	for i := range count {
		credentials, err := c.authority.Issue(fmt.Sprintf("node-%d", i))
		if err != nil {
			return err
		}
		tickets[i] = node.Ticket{
			Node: i, Engines: min(per, n-i*per), Addresses: addresses, Credentials: credentials, Secret: wire.NewSecret(),
			Args: args, Folder: folder, Bound: o.Bound,
		}
		arrived, cancel := c.listener.Expect(tickets[i].Secret, c.build)
		p := &place{nodes: ns, index: i, came: make(chan struct{}), over: make(chan struct{}), free: make(chan struct{}), ended: make(chan struct{}), wanted: true, engines: tickets[i].Engines}
		ns.places = append(ns.places, p)
		waits = append(waits, func() { defer cancel(); p.live(arrived) })
	}
	order := backend.Order{
		Name: "goparallel-" + fmt.Sprintf("%x", wire.NewSecret())[:12], Nodes: count, Engines: per, Program: program, Address: c.listener.Near(),
		Ticket: func(i int, o backend.TicketOptions) []byte {
			t := tickets[i]
			t.Attached = o.Attached
			if o.Through != "" {
				t.Addresses = append(slices.Clone(t.Addresses), wire.Address{Network: "tcp", Path: o.Through})
			}
			return t.Encode()
		},
	}
	if o.Code != nil {
		order.ProgramFor = o.Code.Program
	}
	if ns.allocation, err = o.Launcher.Launch(ctx, order); err != nil {
		return fmt.Errorf("the engines could not be asked for: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed { // too late for Close to end them
		c.group.Go(func() { ns.stop() })
		return ErrClosed
	}
	c.nodes = append(c.nodes, ns)
	for i, e := range engines {
		e.place = ns.places[i/per]
	}
	for _, wait := range waits {
		c.group.Go(wait)
	}
	c.group.Go(ns.poll)
	return nil
}

// live follows a node from its arrival to its end.
func (p *place) live(arrived <-chan wire.Arrival) {
	defer close(p.over)
	var a wire.Arrival
	select {
	case a = <-arrived:
	case <-p.ended:
		p.err = fmt.Errorf("%s ended before it connected: %s", p.name(), p.how())
	case <-p.free:
		p.err = errors.New("it is not needed any more")
		ctx, cancel := context.WithTimeout(context.Background(), stopNodes)
		defer cancel()
		if err := p.nodes.allocation.Stop(ctx, p.index); err != nil {
			p.nodes.cluster.err.Say("%s is not needed any more: %v", p.name(), err)
		}
	case <-p.nodes.cluster.closing:
		p.err = ErrClosed
	}
	if a.Err != nil {
		p.err = fmt.Errorf("%s was refused: %w; a node must run the program that this process runs: where its copy was replaced, remove the folder goparallel/programs of the cache folder there, or programs of the folder for jobs", p.name(), a.Err)
	} else if a.Link != nil {
		c := p.nodes.cluster
		if p.node, p.err = node.New(a.Link, &c.depot, c.out, c.err, c.options.Code); p.err != nil {
			p.err = fmt.Errorf("%s: %w", p.name(), p.err)
		}
	}
	if p.node == nil {
		p.departs()
	}
	close(p.came)
	p.want(false)
	if p.node == nil {
		return
	}
	select {
	case <-p.node.Lost():
		p.departs()
	case <-p.node.Leaving():
		p.departs()
		p.drain()
	case <-p.free:
		p.node.Close()
		p.err = errors.New("it is not needed any more")
		return
	case <-p.nodes.cluster.closing:
	}
	p.node.Close()
	p.want(true)
	defer p.want(false)
	if p.nodes.isClosing() {
		p.err = ErrClosed
		return
	}
	how := p.reason(soonKnown) // which brings its name as well
	text := fmt.Sprintf("%s on %s is gone: %s", p.name(), p.node.Hello.Host, p.node.Why())
	p.nodes.cluster.err.Say("%s%s", text, how)
	if how == "" { // the system has not noticed yet, or never will
		if how = p.reason(reasonTime); how != "" {
			p.nodes.cluster.err.Say("%s on %s%s", p.name(), p.node.Hello.Host, how)
		}
	}
	p.err = errors.New(text + how)
}

// departs notes that the node's engines begin nothing any more.
func (p *place) departs() {
	p.nodes.cluster.mu.Lock()
	defer p.nodes.cluster.mu.Unlock()
	p.departed = true
}

// isDeparting reports whether the node of an engine's process will end or has ended; false of this machine. The cluster is locked.
func (p *place) isDeparting() bool {
	switch {
	case p == nil:
		return false
	case p.departed:
		return true
	}
	select {
	case <-p.came:
	default:
		return false
	}
	select {
	case <-p.node.Lost(): // which who follows it is about to note
		return true
	default:
		return false
	}
}

// isOver reports whether the node is gone, and it is known why.
func (p *place) isOver() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// isClosing reports whether the cluster is being closed.
func (ns *nodes) isClosing() bool {
	select {
	case <-ns.cluster.closing:
		return true
	default:
		return false
	}
}

// start starts an engine's process on the node, once it is there.
func (p *place) start(e *engine, config launch.Config) (launch.Process, error) {
	select {
	case <-p.came:
	case <-e.ending:
		return nil, gone{ErrClosed}
	case <-p.nodes.cluster.closing:
		return nil, ErrClosed
	}
	if p.node == nil {
		return nil, gone{p.err}
	}
	process, err := p.node.Start(config)
	if err == nil {
		return process, nil
	}
	select {
	case <-p.node.Lost():
		<-p.over
		return nil, gone{p.err}
	default:
		return nil, err
	}
}

// several reports whether the node has more than one engine: large values then go to it once.
func (p *place) several() bool {
	if p == nil {
		return false
	}
	p.nodes.cluster.mu.Lock()
	defer p.nodes.cluster.mu.Unlock()
	return p.engines > 1
}

// leave notes that an engine was removed. The last one's node is not needed any more. The cluster is locked.
func (p *place) leave() {
	if p.engines--; p.engines == 0 {
		close(p.free)
	}
}

// renew lets engines of nodes print as much again as their bound allows.
func (ns *nodes) renew() {
	for _, p := range ns.places {
		select {
		case <-p.came:
			if p.node != nil {
				p.node.Renew()
			}
		default:
		}
	}
}

// retire gives up what was asked for once all of its nodes are gone: the cluster may go on for long, with others. What cannot be given up now stays
// for the cluster's end.
func (ns *nodes) retire() {
	if ns.stop() != nil {
		return
	}
	c := ns.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = slices.DeleteFunc(slices.Clone(c.nodes), func(o *nodes) bool { return o == ns })
}

// stop ends all of the nodes that are left.
func (ns *nodes) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopNodes)
	defer cancel()
	if err := ns.allocation.Stop(ctx); err != nil {
		return fmt.Errorf("what was asked for may still be there: %w", err)
	}
	return nil
}
