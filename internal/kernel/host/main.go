package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/command"
	"github.com/goparallel/goparallel/internal/kernel/command/show"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/kernel/live/carry"
	_ "github.com/goparallel/goparallel/internal/parallel/controller" // for the cells, see parallel/engines_linux.go
	"github.com/goparallel/goparallel/internal/parallel/engine"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	_ "github.com/goparallel/goparallel/internal/parallel/remote"
	"github.com/goparallel/goparallel/kernel/comms"
	"github.com/goparallel/goparallel/kernel/display"
)

// maxEngineOutput limits what a notebook shows of what an engine prints in one call,
// in bytes of each of its streams.
const maxEngineOutput = 256 << 10

// Runtime is what the host asks of Go's runtime beyond its exported functions;
// packages goruntime and loader have it.
type Runtime struct {
	// PendingTimer reports whether any timer of the process will go off.
	PendingTimer func() bool
	// OnExit has a function called by the goroutine that calls os.Exit.
	OnExit func(func())
	// Panics calls a function for the panics of this goroutine that are under
	// way, the latest first; same says that the one before has the same value.
	Panics func(each func(value any, recovered, same bool))
	// Signal describes the signal that became a panic of this goroutine, if one did.
	Signal func() string
	// NewLoader returns what loads objects of the compiler; see package loader.
	NewLoader NewLoader
}

// Main is the main function of the host binary: it runs units for the kernel
// process that started it, and ends when that one does. Started by package
// parallel, the same binary is an engine, which loads the units that functions
// sent to it need. Started a second time by the kernel process, it watches over the
// end of the first.
func Main(rt Runtime) {
	if host, ok := watched(); ok {
		watchHost(host)
		os.Exit(0)
	}
	limitMemory()
	show.Register()
	if engine.Wanted() {
		_ = os.Unsetenv(gonbuiPipe) // one process at a time can write to it
		display.SetSink(&onEngine)
		comms.SetSink(onEngine.Comm)
		os.Exit(engine.Main(newLoader(rt).onEngine))
	}
	if err := serve(rt); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// host is the running side. There is one in a process.
type host struct {
	conn    *conn
	runtime Runtime
	outputs []*output // by execute only
	stdin   stdin     // by execute only
	loader  *loader

	events  sync.Mutex // held while a message of a comm is handled
	engines sync.Mutex // held while something of an engine is shown: nothing of another's comes between it and its label

	mu          sync.Mutex
	engineComms map[string]origin // comms that engines have opened
	calls       int
	run         int                   // the number of the last run
	waiting     map[int]chan *message // calls that await their answer
	current     *execution            // nil while no unit runs
	handling    []*execution          // of the comms' messages that have come and are not handled
}

func serve(rt Runtime) error {
	connection, err := inherited(connectionFD)
	if err != nil {
		return fmt.Errorf("this program runs the cells of a goparallel notebook and is started by the goparallel kernel: %w", err)
	}
	if crash := os.NewFile(crashFD, "crash"); crash != nil {
		if err := debug.SetCrashOutput(crash, debug.CrashOptions{}); err != nil {
			return err
		}
		crash.Close() // the runtime has its own copy
	}
	h := &host{conn: newConn(connection), runtime: rt, loader: newLoader(rt), waiting: map[int]chan *message{}, engineComms: map[string]origin{}}
	if h.outputs, err = keepOutputs(); err != nil {
		return err
	}
	rt.OnExit(h.exiting)
	display.SetSink(captured{sink{h}})
	comms.SetSink(sink{h}.Comm)
	hooks.SetContext(live.Context)
	hooks.SetProgress(showProgress)
	hooks.SetWarn(func(line string) { cell.Note(sink{h}, line) })
	carry.Tell = func(note string) { cell.Note(sink{h}, note) }
	hooks.SetOutputBound(maxEngineOutput)
	hooks.SetCompiler(h.compileForEngines)
	hooks.SetCallOutput(h.callOutput)
	hooks.SetCode(code{h})
	if err := h.conn.send(&message{Kind: kindReady}); err != nil {
		return err
	}
	for {
		m, err := h.conn.receive()
		if err != nil {
			return nil // the kernel process has ended, and so does this one
		}
		switch m.Kind {
		case kindRun:
			e := newExecution()
			h.mu.Lock()
			h.current, h.run = e, m.Run
			h.mu.Unlock()
			go h.execute(e, m)
		case kindComm:
			e := newExecution()
			h.mu.Lock()
			h.handling = append(h.handling, e) // here, so that an interrupt which follows finds it
			h.mu.Unlock()
			go h.handle(e, m)
		case kindInterrupt:
			h.interrupt()
		case kindAnswer:
			h.mu.Lock()
			answer := h.waiting[m.Call]
			delete(h.waiting, m.Call)
			h.mu.Unlock()
			if answer != nil {
				answer <- m
			}
		}
	}
}

// interrupt stops the cell and the handlers of comms' messages, and ends what they have started.
func (h *host) interrupt() {
	h.mu.Lock()
	cell, handlers := h.current, slices.Clone(h.handling)
	h.mu.Unlock()
	for _, e := range handlers {
		go e.interrupt(handlerInterrupted)
	}
	if cell != nil {
		go cell.interrupt(interrupted)
	}
}

// inherited returns the connection to the kernel process, which children of
// the cells shall not inherit in turn.
func inherited(fd int) (net.Conn, error) {
	syscall.CloseOnExec(fd)
	syscall.CloseOnExec(crashFD)
	f := os.NewFile(uintptr(fd), "kernel")
	if f == nil {
		return nil, errors.New("there is no connection to it")
	}
	defer f.Close()
	return net.FileConn(f)
}

// execute runs one unit, or commands, to its end and reports it.
func (h *host) execute(e *execution, m *message) {
	// Only an interrupt ends the context: a call that the cell leaves running in
	// the background belongs to later cells.
	live.Begin(e.ctx, command.TimeStop)
	h.lookLater(e)
	defer close(e.ended)
	command.TimeReset()
	var data cell.Bundle // the cell's value, rendered; that the run has ended orders its use
	var metadata map[string]any
	for _, o := range h.outputs {
		if note := o.mend(); note != "" {
			cell.Note(sink{h}, note)
		}
	}
	endInput := h.serveInput(e.ctx, e, m.AllowInput)
	f, ended := h.await(e, "the cell", func() *failure {
		if f := h.runUnit(m); f != nil {
			return f
		}
		if v := live.Value(); v != nil {
			live.Remember(m.Count, v)
			data, metadata = display.Result(v...) // may call methods of the user's
		}
		return nil
	})
	endInput()
	if f != nil || !ended || data != nil && metadata[cell.ErrorValue] == nil && command.Keep(data, metadata, "") {
		data = nil // an error is shown under %%capture, too
	}
	command.CaptureEnd()
	endMeasurements()
	if data != nil {
		sink{h}.Result(data, metadata)
	}
	h.mu.Lock()
	h.current = nil
	h.mu.Unlock()
	if err := h.conn.send(&message{Kind: kindDone, Failure: f}); err != nil {
		os.Exit(1) // without its connection the process has no purpose
	}
}

// endMeasurements prints what the cell has measured to its end, also where it failed.
func endMeasurements() {
	show.End()
	command.TimeEnd()
}

// serveInput gives the cell its standard input, and returns what ends it.
func (h *host) serveInput(ctx context.Context, e *execution, allowed bool) (stop func()) {
	if err := h.stdin.open(); err != nil || !allowed || !canWatch() {
		h.stdin.close()
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.stdin.serve(ctx, e.looks, func(ctx context.Context) (string, error) {
			return sink{h}.Input(ctx, "", false)
		})
	}()
	return func() { cancel(); <-done }
}

// runUnit sets the environment, loads what is not loaded yet, in order, and runs the unit's
// statements, or else the commands.
func (h *host) runUnit(m *message) *failure {
	for _, variable := range m.Env {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			return &failure{Name: "LoadError", Value: err.Error()}
		}
	}
	for _, module := range m.Load {
		if err := h.loader.load(module); err != nil {
			return &failure{Name: "LoadError", Value: err.Error()}
		}
	}
	for _, c := range m.Commands {
		command.Run(c.Name, c.Arg)
	}
	if m.Unit == "" {
		return nil
	}
	statements := live.Unit(m.Unit)
	if statements == nil {
		return &failure{Name: "LoadError", Value: fmt.Sprintf("the unit %s is not loaded", m.Unit)}
	}
	statements()
	return nil
}
