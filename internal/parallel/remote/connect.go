// Package remote is a program's end of a cluster that lives on: calls are described, encoded and sent
// to the cluster's controller, another process, and results are decoded as they come.
package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/process"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

func init() {
	backend.Connect = func(ctx context.Context, name string, o backend.Options) (backend.Lasting, error) {
		c, err := Connect(ctx, name, o)
		if err != nil {
			return nil, err // not a nil *Cluster in an interface
		}
		return c, nil
	}
}

// Cluster is a connection to a cluster that lives on. Its methods may be called from any goroutine.
type Cluster struct {
	connection *cluster.Connection
	link       *wire.Link
	o          backend.Options
	received   chan struct{} // closed when the connection has ended

	mu       sync.Mutex
	last     uint64
	asked    map[uint64]func(cluster.Reply) // run by the receiver
	calls    map[uint64]*Call
	size     int
	overhead time.Duration
	err      error // why the connection has ended
	closed   bool
}

// Look connects to a cluster without engines: to see what it does, and to stop it.
func Look(ctx context.Context, name string) (*Cluster, error) {
	return dial(ctx, name, cluster.Hello{}, backend.Options{})
}

// Connect connects to a cluster, which gives this process engines of its program.
func Connect(ctx context.Context, name string, o backend.Options) (*Cluster, error) {
	hello, err := introduce(o.Program)
	if err != nil {
		return nil, err
	}
	return dial(ctx, name, hello, o)
}

// session tells the code of this process apart from that of others of the same build, where it loads some
// while it runs.
var session = wire.NewSecret()

// introduce says what engines of this process are: its own program, or another one.
func introduce(program string) (h cluster.Hello, err error) {
	if program == "" && !launch.Asked() {
		return h, errors.New("no engine was asked for: this process has not called parallel.Init, and its engines, which are the same program started again, would run all of it as well.\n" +
			"Call parallel.Init() first thing in main; in the tests of a package, add\n\n\tfunc TestMain(m *testing.M) { parallel.TestMain(m) }")
	}
	build, err := launch.Of(program).Build()
	if err != nil {
		return h, err
	}
	h = cluster.Hello{Program: program, Args: []string{program}, Env: os.Environ(), Pid: os.Getpid(), Build: build}
	if h.Program == "" {
		if h.Program, err = os.Executable(); err != nil {
			return h, fmt.Errorf("this program's file is not known: %w", err)
		}
		h.Args = os.Args
	}
	if registry.Loads() {
		h.Session, h.Notebook = fmt.Sprintf("%x", session[:8]), os.Getenv("JPY_SESSION_NAME")
	}
	h.Dir, err = os.Getwd()
	return h, err
}

// dial connects and says hello.
func dial(ctx context.Context, name string, hello cluster.Hello, o backend.Options) (*Cluster, error) {
	name = cmp.Or(name, cluster.Default)
	connection, err := cluster.Read(name)
	if err != nil {
		return nil, err
	}
	link, err := wire.Dial(ctx, connection.Address, connection.Key, cluster.Protocol, nil)
	var other *wire.OtherBuild
	switch {
	case errors.As(err, &other) || err != nil && errors.Is(err, wire.ErrVersion):
		return nil, fmt.Errorf("the cluster %q speaks another version of the protocol than this program: it was started by goparallel %s; start it again with the version that this program was built with", name, connection.Version)
	case err != nil && !alive(connection.Pid):
		return nil, &cluster.Missing{Name: connection.Name, Pid: connection.Pid}
	case err != nil && connection.Client != "":
		return nil, fmt.Errorf("the cluster %q refuses the key of %s, which was revoked, or is of another start of the cluster: %w", connection.Name, connection.Client, err)
	case err != nil:
		return nil, fmt.Errorf("the cluster %q, process %d: %w", name, connection.Pid, err)
	}
	c := &Cluster{
		connection: connection, link: link, o: o, received: make(chan struct{}),
		asked: map[uint64]func(cluster.Reply){}, calls: map[uint64]*Call{},
	}
	go c.receive()
	reply, err := c.ask(ctx, cluster.Question{Hello: &hello})
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("the cluster %q: %w", name, err)
	}
	c.size = reply.Size
	return c, nil
}

// alive reports whether a process runs. One that nobody has waited for has a number for ever, but does not.
func alive(pid int) bool { return process.Began(pid) != "" }

// ask sends a question and waits for the answer.
func (c *Cluster) ask(ctx context.Context, q cluster.Question) (cluster.Reply, error) {
	answered := make(chan cluster.Reply, 1)
	if _, err := c.send(q, nil, func(r cluster.Reply) { answered <- r }); err != nil {
		return cluster.Reply{}, err
	}
	select {
	case r := <-answered:
		if r.Error != "" {
			return r, errors.New(r.Error)
		}
		return r, nil
	case <-c.received:
		return cluster.Reply{}, c.lost()
	case <-ctx.Done():
		return cluster.Reply{}, context.Cause(ctx)
	}
}

// send sends a question, and has the receiver run a function with the answer.
func (c *Cluster) send(q cluster.Question, blocks []*block, answered func(cluster.Reply)) (number uint64, err error) {
	payload, err := wire.EncodePayload(q)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return 0, c.err
	}
	c.last++
	number = c.last
	c.asked[number] = answered
	c.mu.Unlock()
	if err = c.link.Send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Ask, Call: number}, Payload: payload, Blocks: blocks}); err == nil {
		err = c.link.Flush()
	}
	if err != nil {
		err = c.lost()
	}
	return number, err
}

// lost is the error of what needs a connection that has ended.
func (c *Cluster) lost() error {
	c.link.Close()
	<-c.received
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// receive takes messages until the connection ends.
func (c *Cluster) receive() {
	defer close(c.received)
	for {
		m, err := c.link.Recv()
		if err == nil {
			err = c.take(m)
		}
		if err != nil {
			c.end(err)
			return
		}
	}
}

// end ends all that waits for the connection.
func (c *Cluster) end(err error) {
	c.link.Close()
	c.mu.Lock()
	switch {
	case c.closed:
		c.err = errClosed
	case c.connection.Client != "" && alive(c.connection.Pid):
		c.err = fmt.Errorf("the cluster %q hung up on the key of %s, which was revoked; calls that ran go on", c.connection.Name, c.connection.Client)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		c.err = fmt.Errorf("the cluster %q hung up: its controller, process %d, has ended; goparallel cluster start --name %s starts it again, and it takes its calls up again", c.connection.Name, c.connection.Pid, c.connection.Name)
	default:
		c.err = fmt.Errorf("the connection to the cluster %q broke: %w", c.connection.Name, err)
	}
	calls := c.calls
	c.calls, c.asked = nil, nil
	c.mu.Unlock()
	for _, call := range calls {
		call.lose(c.err)
	}
}

var errClosed = errors.New("the connection to the cluster was closed; the call goes on there, and can be fetched by its id")

// take handles a message. An error ends the connection.
func (c *Cluster) take(m wire.Message) error {
	c.mu.Lock()
	call := c.calls[m.Call]
	c.mu.Unlock()
	switch m.Kind {
	case wire.Answer:
		var r cluster.Reply
		if err := wire.DecodePayload(m.Payload, &r); err != nil {
			return err
		}
		c.mu.Lock()
		answered := c.asked[m.Call]
		delete(c.asked, m.Call)
		c.mu.Unlock()
		if answered != nil {
			answered(r)
		}
	case wire.Printed, wire.Result, wire.Arrived, wire.Ended:
		if m.Kind == wire.Printed && m.Call == 0 {
			c.print(m.First, m.Payload)
			return nil
		}
		if call == nil {
			m.Drop() // it was left
			return nil
		}
		return call.take(m)
	default:
		return fmt.Errorf("it sent a message of kind %d", m.Kind)
	}
	return nil
}

// print prints lines about engines on one of the outputs.
func (c *Cluster) print(stream int, lines []byte) {
	w := c.o.Stdout
	if stream == cluster.Stderr {
		w = c.o.Stderr
	}
	if w != nil {
		w().Write(lines) // where output cannot be written, nobody can be told
	}
}

// Close ends the connection. Calls that run go on in the cluster.
func (c *Cluster) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.link.Close()
	<-c.received
	return nil
}
