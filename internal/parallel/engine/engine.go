// Package engine is the inside of an engine process: it connects to the
// controller that started it, loads the code it is told to, and runs items until
// its parent is gone.
//
// The main goroutine reads messages and works through them in order. While it is long
// in running items another one reads, so that a cancellation reaches the call that is
// running (inbox.go). Items of a frame run one after the other in a goroutine of their
// call's poll.Run.
package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"

	"github.com/goparallel/goparallel/internal/parallel/fetch"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/node"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/values"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Loader makes the functions of a module known to the registry. It is called
// once for each module, in the order of their needs.
type Loader func(ctx context.Context, module registry.Module) error

func init() {
	backend.Engine.Wanted, backend.Engine.Started, backend.Engine.Running = Wanted, launch.IsEngine, Running
	backend.Engine.ID = func() int { return int(number.Load()) }
	backend.Engine.Main = func() int { return Main(nil) }
}

// Wanted reports whether this process was started as an engine, so that its main
// function should call [Main] before anything else. A process that has called it may
// start engines: they come to the same place.
func Wanted() bool { return launch.Ask() }

// running is true while Main runs.
var running atomic.Bool

// Running reports whether this process is at work as an engine.
func Running() bool { return running.Load() }

// number is the engine's; -1 in other processes.
var number = func() *atomic.Int64 {
	n := new(atomic.Int64)
	n.Store(-1)
	return n
}()

// Main is the life of an engine process. It returns the process's exit status
// when the parent is gone. The loader may be nil in a program that has all its
// functions from the start.
//
// Where the process was started as a node, it is that instead: it has engines of the same program.
func Main(load Loader) (status int) {
	if launch.IsNode() {
		return node.Main()
	}
	running.Store(true)
	config, record, orphaned, err := launch.Inherit()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if err := config.LimitMemory(); err != nil {
		fmt.Fprintf(os.Stderr, "engine %d: %v\n", config.ID, err)
		return 2
	}
	launch.KeepOutputs()
	values.Engine(config.ID, config.Ended)
	number.Store(int64(config.ID))
	if config.Files != "" {
		fetch.From(config.Files)
	}
	go func() {
		<-orphaned
		os.Exit(0) // whatever runs: nobody is left who wants it
	}()
	build, err := launch.Build()
	var link *wire.Link
	if err == nil {
		link, err = wire.DialAny(context.Background(), config.Addresses, config.Secret, build, config.Credentials)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "engine %d: %v\n", config.ID, err)
		return 2
	}
	if config.Files != "" {
		link.FromNode(fetch.Block)
	}
	if load == nil {
		load = func(_ context.Context, m registry.Module) error {
			return fmt.Errorf("this program cannot load modules")
		}
	}
	e := &executor{
		link: link, load: load, record: record,
		marks:  config.Files != "",
		loaded: map[string]bool{}, values: map[wire.Hash]*held{}, current: map[string]wire.Hash{}, calls: map[uint64]*call{},
	}
	e.inbox = newInbox(link, e.stop)
	e.work()
	link.Close()
	return 0
}

// executor works through the messages. Its fields belong to the main goroutine,
// but for those that mu guards.
type executor struct {
	link   *wire.Link
	inbox  *inbox
	load   Loader
	record *launch.Record

	loaded  map[string]bool      // modules
	values  map[wire.Hash]*held  // encoded values that the controller counts on
	current map[string]wire.Hash // what the registered variables are set to
	calls   map[uint64]*call
	last    *call  // that was opened last
	scratch []byte // where small results are written
	encoded []byte // a buffer for results that are not raw, until they are sent

	ran    uint64 // the call of the last frame
	marks  bool   // each call is marked: the controller, which knows when the engine does nothing, does not read the outputs
	marked bool   // the outputs have a mark of it

	unsent time.Time // when the oldest result that waits for Flush was sent; zero if none does

	mu      sync.Mutex
	running *call // whose items run now
}

// flushAfter is how long a result may wait for others to travel with it.
const flushAfter = 200 * time.Microsecond

// work runs until the link ends.
func (e *executor) work() {
	flush := func() {
		e.link.Flush() // an error shows in the receiver as well
		e.unsent = time.Time{}
	}
	for {
		m, ok := e.inbox.next()
		if !ok {
			return
		}
		var answer *wire.Message
		switch m.Kind {
		case wire.Open:
			e.open(m.Message)
		case wire.Again:
			e.repeat(m.Call)
		case wire.Frame:
			e.inbox.busy()
			answer = e.frame(m)
		case wire.Cancel:
			e.inbox.stopped(m.Call)
			answer = &wire.Message{Envelope: wire.Envelope{Kind: wire.Stopped, Call: m.Call}}
		}
		if answer != nil {
			if err := e.send(answer); err != nil {
				return
			}
		}
		switch {
		case e.inbox.empty():
			flush()
		case e.unsent.IsZero():
			e.unsent = time.Now()
			// An item that runs for long must not hold back the results before it.
			time.AfterFunc(flushAfter, func() { e.link.Flush() })
		case time.Since(e.unsent) > flushAfter:
			flush()
		}
	}
}

// send sends an answer; a result that is too large is answered by that fact.
func (e *executor) send(answer *wire.Message) error {
	err := e.link.Send(answer)
	var large *wire.TooLarge
	if errors.As(err, &large) {
		answer.Kind, answer.Failures, answer.Payload, answer.Blocks = wire.Failed, 0, []byte(large.Error()), nil
		return e.link.Send(answer)
	}
	return err
}

// stop ends the items of a call, if they run now.
func (e *executor) stop(id uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running != nil && e.running.id == id {
		e.running.run.Stop()
		e.running.cancel()
	}
}
