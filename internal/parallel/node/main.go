package node

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/process"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// patience is how long a node tries to reach its controller. A job may begin long after it was
// submitted, and find that nobody waits for it any more.
const patience = 60 * time.Second

// maxTicket limits the bytes of a ticket.
const maxTicket = 64 << 10

// Main is the life of a node's process. It returns the exit status when the controller is gone, or
// cannot be reached.
func Main() (status int) {
	host, _ := os.Hostname() // "" where the system does not know
	fail := func(err error) int {
		fmt.Fprintf(os.Stderr, "goparallel's node on %s: %v\n", host, err)
		return 2
	}
	in := bufio.NewReaderSize(os.Stdin, maxTicket)
	line, err := in.ReadSlice('\n')
	var t Ticket
	if err == nil {
		err = json.Unmarshal(line, &t)
	}
	if err != nil {
		return fail(fmt.Errorf("%s=%s is set, but there is no ticket on standard input: %w", launch.Variable, launch.NodeValue, err))
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if t.Attached {
		go func() {
			io.Copy(io.Discard, in)
			cancel(errors.New("who started it is gone"))
		}()
	}
	if len(t.Args) > 0 {
		os.Args = t.Args
	}
	os.Chdir(t.Folder) // there may be none here: engines are then where the node was started
	// A signal that announces the end of the job ends a node that is of no use yet, and no other:
	// engines are to finish what they do.
	announcements := []os.Signal{syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGINT}
	reaching, reached := signal.NotifyContext(ctx, announcements...)
	defer reached()
	link, err := reach(reaching, &t)
	if err != nil {
		return fail(errors.Join(context.Cause(reaching), err))
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, announcements...)
	context.AfterFunc(ctx, link.Close)
	addresses := append([]wire.Address{link.Peer()}, slices.DeleteFunc(t.Addresses, func(a wire.Address) bool { return a == link.Peer() })...)
	m := &manager{ticket: &t, addresses: addresses, channel: newChannel(link, wire.Result), thread: process.NewThread(), processes: map[uint64]*launch.Child{}}
	if m.files, err = newFiles(m.channel); err != nil {
		m.channel.close()
		return fail(err)
	}
	defer m.files.close()
	m.out, m.err = m.sink(false), m.sink(true)
	m.channel.send(news{Hello: &Hello{Host: host, Pid: os.Getpid(), Processors: runtime.NumCPU(), Arch: runtime.GOARCH}})
	go func() {
		for s := range signals {
			m.channel.send(news{Leaving: fmt.Sprintf("it was told to end by signal %d (%v)", s, s)})
		}
	}()
	go m.watch()
	err = m.work()
	m.endAll()
	return fail(errors.Join(context.Cause(ctx), err))
}

// reach connects to the controller. Where nobody answers it tries again for some time.
func reach(ctx context.Context, t *Ticket) (*wire.Link, error) {
	build, err := launch.Build()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := time.Second; ; pause *= 2 {
		link, err := wire.DialAny(ctx, t.Addresses, t.Secret, build, t.Credentials)
		if err == nil || wire.Refused(err) {
			return link, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// manager has a node's engines.
type manager struct {
	ticket  *Ticket
	channel *channel
	// The controller's addresses, the one that the node has reached as the first.
	addresses []wire.Address
	thread    *process.Thread
	files     *files
	out, err  *launch.Sink
	group     sync.WaitGroup // those that wait for the ends of processes

	mu        sync.Mutex
	processes map[uint64]*launch.Child
}

// work does what the controller orders until it is gone.
func (m *manager) work() error {
	for {
		var o order
		if err := m.channel.receive(&o); err != nil {
			return fmt.Errorf("the controller is gone: %w", err)
		}
		if o.Piece != nil {
			m.files.take(*o.Piece)
		}
		if o.Renew {
			m.out.Renew()
			m.err.Renew()
		}
		m.mu.Lock()
		p := m.processes[o.Process]
		m.mu.Unlock()
		switch {
		case o.Start != nil:
			m.start(o.Process, *o.Start)
		case o.Kill && p != nil:
			p.KillFor(o.Why)
		case o.Flush != 0:
			m.group.Go(func() { // other orders do not wait for what engines print
				if p != nil {
					p.FlushOutput(outputLimit)
				}
				m.channel.send(news{Flushed: o.Flush})
			})
		}
	}
}

// outputLimit limits the wait for what an engine has printed.
const outputLimit = 5 * time.Second

// start starts an engine.
func (m *manager) start(number uint64, config launch.Config) {
	var p *launch.Child
	var err error
	config.Addresses, config.Files = m.addresses, m.files.socket.Addr().String()
	m.thread.Do(func() { p, err = launch.Start(nil, config, max(1, runtime.NumCPU()/m.ticket.Engines), m.out, m.err) })
	if err != nil {
		m.channel.send(news{Process: number, Failed: err.Error()})
		return
	}
	m.mu.Lock()
	m.processes[number] = p
	m.mu.Unlock()
	m.channel.send(news{Process: number, Pid: p.Pid()})
	m.group.Go(func() {
		<-p.Ended()
		how := ended{How: p.End()}
		how.Call, how.Item = p.Last()
		m.mu.Lock()
		delete(m.processes, number)
		m.mu.Unlock()
		p.Close()
		m.channel.send(news{Process: number, Ended: &how})
	})
}

// An engine that is seen stopped at so many looks in a row is killed. Only looks of a node that runs
// itself count.
const (
	lookEvery  = 500 * time.Millisecond
	stoppedFor = 3
)

// watch looks whether engines are stopped.
func (m *manager) watch() {
	still := map[uint64]int{}
	for range time.Tick(lookEvery) {
		m.mu.Lock()
		for number, p := range m.processes {
			if !p.Stopped() {
				delete(still, number)
			} else if still[number]++; still[number] == stoppedFor {
				p.KillFor(fmt.Sprintf("had been stopped, by a signal such as SIGSTOP, for %v, and was killed", stoppedFor*lookEvery))
			}
		}
		m.mu.Unlock()
	}
}

// endAll ends the engines and waits for their end.
func (m *manager) endAll() {
	m.mu.Lock()
	for _, p := range m.processes {
		p.KillFor("")
	}
	m.mu.Unlock()
	m.group.Wait()
}
