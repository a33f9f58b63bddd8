package kernel

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// Params are what a kernel is made of.
type Params struct {
	// Channels are served from New on and closed by Run.
	Channels *jupyter.Channels
	// Open starts the interpreter. It is called in the background at once, so
	// that the kernel introduces itself while the interpreter starts, and again
	// for each cell while it fails. It may report what takes long to progress,
	// line by line, and so may the interpreter later.
	Open func(ctx context.Context, progress func(line string)) (cell.Interpreter, error)
	// Earlier are the cells of earlier sessions, the oldest first, which consoles offer
	// again.
	Earlier []cell.Past
	// Version is the version of goparallel, GoVersion that of the language.
	Version, GoVersion string
	Log                *slog.Logger
}

// Kernel serves one notebook.
type Kernel struct {
	p       Params
	session string // this kernel's own session id
	quit    context.CancelFunc

	interp     *opener
	background *output // for what is printed between cells
	comms      comms

	// Of the shell goroutine.
	count      int       // execution count of the last cell that counted
	abortUntil time.Time // execute requests that arrived before are aborted
	history    history

	mu      sync.Mutex
	running *execution      // the cell being run, or nil; guarded by mu
	latest  json.RawMessage // header of the latest execute request; guarded by mu
	event   json.RawMessage // header of the comm message being handled, or nil; guarded by mu
}

// Deadlines of the end: a Jupyter server sends SIGTERM after 2.5 seconds.
const (
	closeInterpreter = 1500 * time.Millisecond
	finishCell       = 300 * time.Millisecond
	drainChannels    = 500 * time.Millisecond
)

// New makes a kernel. Run serves it.
func New(p Params) *Kernel {
	k := &Kernel{p: p, session: newID()}
	k.background = newOutput(k, k.latestHeader, 0)
	for _, c := range p.Earlier {
		k.history.add(earlierSessions, c.Count, c.Code, nil)
	}
	p.Channels.IOPub.Welcome(k.welcome)
	return k
}

// Run serves requests until a shutdown request arrives or ctx ends, then ends
// the interpreter, delivers what is queued and closes the channels.
func (k *Kernel) Run(ctx context.Context) {
	ctx, k.quit = context.WithCancel(ctx)
	defer k.quit()
	k.interp = newOpener(ctx, k.open, k.background)
	k.publish("status", jupyter.Status{ExecutionState: "starting"}, nil)

	shell := make(chan struct{})
	go func() {
		defer close(shell)
		k.serveShell(ctx)
	}()
	control := make(chan struct{})
	go func() {
		defer close(control)
		k.serve(ctx, k.p.Channels.Control, k.dispatch)
	}()
	<-ctx.Done()
	<-control
	k.closeInterpreter()
	select {
	case <-shell:
	case <-time.After(finishCell):
		k.p.Log.Warn("the running cell did not end in time and is abandoned")
	}
	k.background.flush()
	drain, cancel := context.WithTimeout(context.Background(), drainChannels)
	defer cancel()
	k.p.Channels.Close(drain)
}

// open starts the interpreter. While a cell waits for something, such as the
// download of a module, the user sees there what it is.
func (k *Kernel) open(ctx context.Context) (cell.Interpreter, error) {
	return k.p.Open(ctx, func(line string) {
		k.p.Log.Info(line)
		k.mu.Lock()
		waits := k.running != nil
		k.mu.Unlock()
		if waits {
			cell.Note(k.background, line)
		}
	})
}

// closeInterpreter ends the interpreter's processes. It may be called twice.
func (k *Kernel) closeInterpreter() {
	closed := make(chan error, 1)
	go func() { closed <- k.interp.close() }()
	select {
	case err := <-closed:
		if err != nil {
			k.p.Log.Warn("the interpreter did not end properly", "err", err)
		}
	case <-time.After(closeInterpreter):
		k.p.Log.Warn("the interpreter did not end in time")
	}
}

func (k *Kernel) latestHeader() json.RawMessage {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.latest
}
