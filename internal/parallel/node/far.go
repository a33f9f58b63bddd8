package node

import (
	"fmt"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Node is a node as its controller sees it. Its methods may be called from any goroutine.
type Node struct {
	// Hello is how it described itself.
	Hello Hello

	channel  *channel
	depot    *memory.Depot
	out, err *launch.Sink
	code     backend.Code
	lost     chan struct{}

	mu        sync.Mutex
	why       string // it is lost, or about to end
	leaving   chan struct{}
	last      uint64
	processes map[uint64]*Process
	flushes   map[uint64]chan struct{}
	printed   bool // since the bound was renewed
}

// helloTime limits the wait for a node that has connected to say who it is.
const helloTime = 10 * time.Second

// New takes over the link of a node that has connected. What its engines print goes to out and err; values of the depot go there when
// they want them, and so do the files of code, which may be nil.
func New(link *wire.Link, depot *memory.Depot, out, err *launch.Sink, code backend.Code) (*Node, error) {
	n := &Node{
		channel: newChannel(link, wire.Frame), depot: depot, out: out, err: err, code: code,
		lost: make(chan struct{}), leaving: make(chan struct{}), processes: map[uint64]*Process{}, flushes: map[uint64]chan struct{}{},
	}
	late := time.AfterFunc(helloTime, link.Close)
	var first news
	e := n.channel.receive(&first)
	late.Stop()
	if e == nil && first.Hello == nil {
		e = fmt.Errorf("it did not say who it is")
	}
	if e != nil {
		n.channel.close()
		n.channel.done.Wait()
		return nil, e
	}
	n.Hello = *first.Hello
	go n.receive()
	return n, nil
}

// Lost is closed when the node is gone, Leaving when it is about to go. Why then says the reason.
func (n *Node) Lost() <-chan struct{} { return n.lost }

// Leaving is closed when the node says that it will end soon.
func (n *Node) Leaving() <-chan struct{} { return n.leaving }

// Why says why the node is gone, or going.
func (n *Node) Why() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.why
}

// Close ends the node, which ends its engines, and waits until nothing of it is left here.
func (n *Node) Close() {
	n.channel.close()
	<-n.lost
	n.channel.done.Wait()
}

// Renew lets engines print as much again as their bound allows.
func (n *Node) Renew() {
	n.mu.Lock()
	printed := n.printed
	n.printed = false
	n.mu.Unlock()
	if printed {
		n.channel.send(order{Renew: true})
	}
}

// receive runs until the link ends.
func (n *Node) receive() {
	for {
		var m news
		if err := n.channel.receive(&m); err != nil {
			n.end(err.Error())
			return
		}
		n.take(&m)
	}
}

// end notes that the node is gone, and its engines with it.
func (n *Node) end(why string) {
	n.channel.close()
	n.mu.Lock()
	if n.why == "" {
		n.why = why
	}
	how := "was lost with its node: " + n.why
	processes := n.processes
	n.processes = nil
	for _, flushed := range n.flushes {
		close(flushed)
	}
	n.flushes = nil
	close(n.lost)
	n.mu.Unlock()
	for _, p := range processes {
		p.finish(ended{How: how, Item: -1})
	}
}

// take takes in what the node says.
func (n *Node) take(m *news) {
	if len(m.Out)+len(m.Err) > 0 || m.Printed != nil {
		n.mu.Lock()
		n.printed = true
		n.mu.Unlock()
		n.out.Pass(m.Out)
		n.err.Pass(m.Err)
	}
	if p := m.Printed; p != nil {
		to := n.out
		if p.Stderr {
			to = n.err
		}
		to.Take(p.Call, p.Engine, p.Lines, p.Shown)
	}
	if m.Want != nil {
		go n.serve(*m.Want)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if m.Leaving != "" && n.why == "" {
		n.why = m.Leaving
		close(n.leaving)
	}
	if flushed := n.flushes[m.Flushed]; flushed != nil {
		close(flushed)
		delete(n.flushes, m.Flushed)
	}
	p := n.processes[m.Process]
	if p == nil {
		return
	}
	switch {
	case m.Pid != 0:
		p.pid = m.Pid
		close(p.began)
	case m.Failed != "":
		delete(n.processes, m.Process)
		p.failed = m.Failed
		close(p.began)
	case m.Ended != nil:
		delete(n.processes, m.Process)
		p.finish(*m.Ended)
	}
}

// startTime limits how long a node may take to start a process.
const startTime = 30 * time.Second

// Start starts an engine on the node.
func (n *Node) Start(config launch.Config) (*Process, error) {
	p := &Process{node: n, began: make(chan struct{}), gone: make(chan struct{})}
	n.mu.Lock()
	if n.processes == nil {
		n.mu.Unlock()
		return nil, fmt.Errorf("the node %s is gone: %s", n.Hello.Host, n.Why())
	}
	n.last++
	p.number = n.last
	n.processes[p.number] = p
	n.mu.Unlock()
	n.channel.send(order{Process: p.number, Start: &config})
	select {
	case <-p.began:
	case <-p.gone:
		return nil, fmt.Errorf("engine %d could not be started: its process %s", config.ID, p.End())
	case <-time.After(startTime):
		p.KillFor("")
		return nil, fmt.Errorf("engine %d could not be started: the node %s has not answered within %v", config.ID, n.Hello.Host, startTime)
	}
	if p.failed != "" {
		return nil, fmt.Errorf("on the node %s, %s", n.Hello.Host, p.failed)
	}
	return p, nil
}

// Process is an engine on a node.
type Process struct {
	node   *Node
	number uint64
	began  chan struct{}
	gone   chan struct{}

	pid    int    // set before began is closed
	failed string // so is this
	ended  ended  // set before gone is closed
}

var _ launch.Process = (*Process)(nil)

// finish notes the end.
func (p *Process) finish(how ended) {
	p.ended = how
	close(p.gone)
}

// Ended is closed when the process has ended, or its node is gone.
func (p *Process) Ended() <-chan struct{} { return p.gone }

// Pid is the process's number on its node.
func (p *Process) Pid() int { return p.pid }

// Last returns the call and the item that the engine noted last.
func (p *Process) Last() (call uint64, item int) { return p.ended.Call, p.ended.Item }

// KillFor ends the process. It does not wait.
func (p *Process) KillFor(why string) {
	p.node.channel.send(order{Process: p.number, Kill: true, Why: why})
}

// WorksFor has nothing to note: engines of nodes say for which call they print.
func (p *Process) WorksFor(uint64) {}

// Tail is empty: nodes pass on what is printed, and the end of it with the process's.
func (p *Process) Tail() string { return "" }

// Stopped is false: nodes look themselves whether their engines are stopped.
func (p *Process) Stopped() bool { return false }

// End describes how the process ended.
func (p *Process) End() string { return p.ended.How }

// Close kills the process if it runs, and waits for its end.
func (p *Process) Close() {
	select {
	case <-p.gone:
		return
	default:
	}
	p.KillFor("")
	<-p.gone
}

// FlushOutput asks the node to pass on what the engine has printed.
func (p *Process) FlushOutput(limit time.Duration) (wait func()) {
	n := p.node
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.flushes == nil {
		return nil
	}
	n.last++
	flushed := make(chan struct{})
	n.flushes[n.last] = flushed
	n.channel.send(order{Process: p.number, Flush: n.last})
	end := time.Now().Add(limit)
	return func() {
		select {
		case <-flushed:
		case <-time.After(time.Until(end)):
		}
	}
}
