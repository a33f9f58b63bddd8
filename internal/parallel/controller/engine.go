package controller

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// engine is one engine as the controller sees it, over all the processes that
// have had its number.
type engine struct {
	cluster    *Cluster
	id         int
	processors int
	ending     chan struct{} // closed when it is removed
	place      *place        // where its processes are; nil for this machine
	wake       chan struct{} // tells the sender that there may be something to do
	sending    sync.Mutex    // held by whoever sends
	encoded    []byte        // a buffer of whoever sends, until the message is sent
	restored   uint64        // the call that restored values in this process, or 0; belongs to supervise

	// The fields below are guarded by cluster.mu.

	process  launch.Process
	apart    bool                 // it is being added or removed: new calls leave it out
	removed  bool                 // for good
	ordered  launch.Process       // that was ended to be started again
	draining bool                 // it is not to begin anything, because its node will end
	coming   bool                 // the process has not connected yet
	link     connection           // nil while no process is connected
	reader   *reader              // of the link
	gone     string               // why no process runs, while one is long in coming
	deaths   int                  // processes that ended, or could not be started, since the last one that did some work
	still    int                  // looks in a row at which the process was stopped
	sent     map[uint64]*attempt  // frames that are not answered yet
	stale    int                  // of these, those of calls that are over
	opened   map[*Call]bool       // calls that this process knows
	ended    []uint64             // calls that it may forget
	last     told                 // what it was told of the last call
	modules  map[string]bool      // modules that it was told to load
	values   map[wire.Hash]*value // encoded values that it has
	held     int                  // bytes of them
	pushed   map[string]*pushed   // by name, what was pushed; nil where it is too large to be kept
	ends     int                  // processes that ended; written by supervise alone
	spans    []backend.Span       // the frames that it answered last, as a ring
	span     int                  // where the next one goes
	done     int                  // items that were finished, by all processes
	failed   int                  // of these, those that failed
	control  []*wire.Message      // messages that go before frames
	// printing are the outputs of the call that the engine works for, of several the first one.
	printing *outputs
}

// connection is what the controller uses of a [wire.Link] to an engine's process. Tests have one without a process at
// its other end, so that they choose what happens when.
type connection interface {
	Send(*wire.Message) error
	Flush() error
	Recv() (wire.Message, error)
	Poll() (wire.Message, bool, error)
	Polls() bool
	Buffered() bool
	Close()
}

func newEngine(c *Cluster, id, processors int) *engine {
	return &engine{cluster: c, id: id, processors: processors, wake: make(chan struct{}, 1), ending: make(chan struct{})}
}

// poke wakes the sender.
func (e *engine) poke() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// pokeAll wakes all senders, because work may have come back.
func (c *Cluster) pokeAll() {
	for _, e := range c.engines {
		e.poke()
	}
}

// maxDeaths is how many processes of an engine may die in a row, without finishing
// a frame and without an item to blame, before its work goes to others.
const maxDeaths = 5

// Between processes that die or do not start the pause grows.
const (
	firstPause = 50 * time.Millisecond
	maxPause   = 5 * time.Second
)

// supervise keeps a process running until the cluster is closed. The first
// attempt to start one is reported to ready.
func (e *engine) supervise(ready chan<- started) {
	for first := true; ; first = false {
		process, link, err := e.start()
		if err == nil && !first {
			e.restore(link)
		}
		if err == nil && !e.adopt(process, link) {
			link.Close()
			err = ErrClosed
		}
		begun := func() {
			if first {
				ready <- started{e, err}
			}
		}
		if err != nil {
			begun()
			e.leave(err.Error())
			if process != nil {
				process.Close()
			}
			if errors.As(err, &gone{}) {
				return
			}
		} else {
			e.serve(process, link, begun)
		}
		if !e.pause() {
			return
		}
	}
}

// serve sends and receives until the process has ended. It calls begun once it does.
func (e *engine) serve(process launch.Process, link connection, begun func()) {
	sending := make(chan struct{})
	receiving := make(chan struct{})
	go func() { defer close(sending); e.send(process, e.reader) }()
	go func() { defer close(receiving); e.reader.receive(process.Ended()) }()
	begun()
	select {
	case <-process.Ended():
		link.Close()
		<-receiving
	case <-receiving: // an engine that hung up is of no use
		process.KillFor("")
		<-process.Ended()
	}
	<-sending
	e.died(process)
	process.Close()
}

// pause waits before another process is started: not at all where the last one had
// worked, or an item ended it. It returns false when the cluster is closed.
func (e *engine) pause() bool {
	c := e.cluster
	c.mu.Lock()
	deaths, closed := e.deaths, c.closed || e.removed
	c.mu.Unlock()
	if closed || deaths == 0 {
		return !closed
	}
	pause := maxPause
	if deaths < 10 {
		pause = min(maxPause, firstPause<<(deaths-1))
	}
	select {
	case <-time.After(pause):
		return true
	case <-e.ending:
		return false
	case <-c.closing:
		return false
	}
}

// start starts a process and waits until it has connected.
func (e *engine) start() (process launch.Process, link *wire.Link, err error) {
	c := e.cluster
	config := launch.Config{ID: e.id, Ended: e.ends, Addresses: []wire.Address{c.listener.Address()}, Secret: wire.NewSecret(), Memory: c.options.Memory}
	if c.authority != nil {
		if config.Credentials, err = c.authority.Issue(fmt.Sprintf("engine-%d", e.id)); err != nil {
			return nil, nil, err
		}
	}
	arrived, cancel := c.listener.Expect(config.Secret, c.build)
	defer cancel()
	if e.place != nil {
		process, err = e.place.start(e, config)
	} else {
		c.thread.Do(func() { process, err = launch.Start(c.executable, config, e.processors, c.out, c.err) })
	}
	if err != nil {
		return nil, nil, err
	}
	e.comes(process)
	limit := time.NewTimer(c.patience)
	defer limit.Stop()
	select {
	case a := <-arrived:
		if a.Err != nil {
			a.Err = fmt.Errorf("engine %d was refused: %w; its file was replaced after this process had begun: end this process and start it again", e.id, a.Err)
		}
		if a.Link != nil && e.place.several() {
			a.Link.Leave(&c.depot)
		}
		return process, a.Link, a.Err
	case <-process.Ended():
		return process, nil, fmt.Errorf("engine %d ended before it connected: it %s\n"+
			"An engine is this program, started again: what this does before parallel.Init, each engine does", e.id, process.End())
	case <-limit.C:
		return process, nil, fmt.Errorf("engine %d has not connected within %v: %s", e.id, c.patience.Round(time.Second), e.missing())
	case <-e.ending:
		return process, nil, ErrClosed
	case <-c.closing:
		return process, nil, ErrClosed
	}
}

// adopt makes a process the one that has this number. It returns false if the
// cluster was closed meanwhile.
func (e *engine) adopt(process launch.Process, link connection) bool {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || e.removed {
		return false
	}
	defer c.changed()
	e.coming, e.process, e.link, e.gone, e.still = false, process, link, "", 0
	e.reader = newReader(e, link)
	e.sent, e.stale, e.opened, e.ended, e.last = map[uint64]*attempt{}, 0, map[*Call]bool{}, nil, told{}
	if e.restored != 0 {
		e.ended, e.restored = []uint64{e.restored}, 0
	}
	e.modules, e.values, e.held, e.control = map[string]bool{}, map[wire.Hash]*value{}, 0, nil
	c.observer.started(e)
	e.poke()
	return true
}

// kill ends the process, if there is one, even if it is only coming. The cluster is
// locked.
func (e *engine) kill() {
	if e.link != nil || e.coming {
		e.process.KillFor("")
	}
}

// send sends what there is to send, for as long as the link lives.
func (e *engine) send(process launch.Process, reader *reader) {
	for {
		e.sending.Lock()
		ok := e.pump(reader.link)
		e.sending.Unlock()
		if !ok {
			return
		}
		reader.want()
		select {
		case <-e.wake:
		case <-process.Ended():
			return
		}
	}
}

// sendNow sends what there is to send from the calling goroutine, which saves
// the time to wake another; unless that other is sending already.
func (e *engine) sendNow() {
	e.cluster.mu.Lock()
	link, reader := e.link, e.reader
	e.cluster.mu.Unlock()
	if link == nil || !e.sending.TryLock() {
		e.poke()
		return
	}
	defer e.sending.Unlock()
	if e.pump(link) {
		reader.use()
	}
}

// pump sends until there is nothing to send. It returns false when the link is
// of no more use. The caller holds e.sending.
func (e *engine) pump(link connection) bool {
	for {
		messages, ok := e.next(link)
		if !ok {
			return false
		}
		for _, m := range messages {
			if err := link.Send(m); err != nil {
				link.Close()
				return false
			}
		}
		if len(messages) == 0 {
			break
		}
	}
	if err := link.Flush(); err != nil {
		link.Close()
		return false
	}
	return true
}
