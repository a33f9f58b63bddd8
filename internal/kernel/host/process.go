package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/process"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

const (
	// startTimeout bounds the start of a host process.
	startTimeout = 30 * time.Second
	// cancelTimeout is how long a host may take to answer an interrupt that came
	// from a context. One that cannot answer at all is killed then, if there is nobody
	// to decide that.
	cancelTimeout = 5 * time.Second
	// endTimeout is how long a host may take to end when its connection has
	// ended; one that goes on has lost it.
	endTimeout = 2 * time.Second
	// watcherTimeout is how long the watcher may take after the host's end.
	watcherTimeout = 5 * time.Second
)

// ErrInterrupted is the cause of the end of [Process.Run]'s context where a user has
// interrupted the cell, who can do so again.
var ErrInterrupted = errors.New("the cell was interrupted")

// unanswered tells the user why nothing happens. The process cannot even notice: code
// that Go's scheduler cannot stop, mostly assembly over a lot of memory, holds all of it.
const unanswered = "the cell is in a call that cannot be stopped yet; its values are kept, and a second interrupt ends the process without them"

// Options say how a host process is started.
type Options struct {
	// Path is the host binary.
	Path string
	// Dir is the folder in which cells run; empty means the current one.
	Dir string
	// Env is the whole environment; nil means that of this process.
	Env []string
	// Memory is how many bytes the process, and each one that it starts, may
	// use; 0 means DefaultMemory.
	Memory int64
	// CellName returns the name that people know a unit by, such as "cell[3]".
	// Nil leaves the unit's id.
	CellName func(id string) string
	// FileFor returns the file that engines of another architecture, as GOARCH names it, get in the place of
	// that at path, and their program for the path ""; nil means that there are none such.
	FileFor func(ctx context.Context, arch, path string) (string, error)
	// Background receives what is printed and shown while nothing runs; nil
	// discards it.
	Background cell.Output
}

// Program is what Run executes: the modules it needs, in the order in which
// they have to be loaded (those already loaded are skipped), then commands,
// then the unit of the id Run. Commands and Run may be empty.
type Program struct {
	Load     []registry.Module
	Commands []Command
	Run      string
	// Compile compiles source for engines, which the program asks for while it runs. The error is a
	// *cell.Error where the source is at fault.
	Compile func(ctx context.Context, source string) (Compiled, error)
}

// Compiled is a unit for engines: what has to be loaded, the unit, and the symbols of the variables
// that it reads and declares.
type Compiled struct {
	Load         []registry.Module
	Unit         string
	Reads, Keeps []string
}

// Command is a magic that acts on the host process; see magic.Command.
type Command struct {
	Name string `json:"name"`
	Arg  string `json:"arg"`
}

// Outcome is how a run ended.
type Outcome struct {
	// Err is nil where the run came to its end.
	Err *cell.Error
	// Dead says that the host process is gone, and the session's values with
	// it. A new one has to be started.
	Dead bool
}

// Process is a running host. Run is called by one goroutine at a time, the
// other methods by any.
type Process struct {
	process  *process.Process
	thread   *process.Thread // that has started it
	conn     *conn
	streams  *streams
	cellName func(id string) string
	fileFor  func(ctx context.Context, arch, path string) (string, error)
	path     string
	memory   int64
	loaded   map[string]bool    // modules that it has; by Run only
	death    func() *cell.Error // describes the end, after it
	exited   chan struct{}      // closed when, besides, all it said is read and all that it left running has ended

	mu         sync.Mutex
	background cell.Output
	current    *running
	runs       int
	outputs    map[int]cell.Output   // of the last runs
	events     map[int]chan *message // comm messages that await their end, by number
	numbered   int                   // how many there have been
	comms      map[string]bool       // ids of the open comms
	why        *failure              // why the process ended, where it or we know
	gonbui     *gonbui               // nil before a cell has imported it
}

// Start starts a host process and waits until it can run units.
func Start(ctx context.Context, o Options) (*Process, error) {
	p := &Process{cellName: o.CellName, fileFor: o.FileFor, path: o.Path, memory: cmp.Or(o.Memory, DefaultMemory()), loaded: make(map[string]bool), outputs: make(map[int]cell.Output), exited: make(chan struct{})}
	p.death = sync.OnceValue(p.died)
	if p.cellName == nil {
		p.cellName = func(id string) string { return "cell " + id }
	}
	p.background = orDiscard(o.Background)
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	streams, writers, err := newStreams(p.background, p.cellName)
	if err != nil {
		ours.Close()
		theirs.Close()
		return nil, err
	}
	p.streams = streams
	p.conn = newConn(ours)
	cmd := exec.Command(o.Path)
	cmd.Dir, cmd.Env = o.Dir, o.Env
	if o.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", MemoryVariable, p.memory))
	cmd.Stdout, cmd.Stderr = writers[0], writers[1]
	cmd.ExtraFiles = []*os.File{theirs, writers[2]}
	ready := make(chan error, 1)
	err = p.launch(cmd, ready)
	// Only the host holds its ends now, so that we see when it ends.
	for _, f := range append(writers, theirs) {
		f.Close()
	}
	if err != nil {
		ours.Close()
		streams.start()
		streams.close()
		return nil, fmt.Errorf("the session's host process cannot be started: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case <-ready:
		return p, nil
	case <-p.exited:
		err = fmt.Errorf("it ended at once (%s); what it said is above", p.process.State())
	case <-ctx.Done():
		err = ctx.Err()
	}
	p.Close()
	return nil, fmt.Errorf("the session's host process did not start: %w", err)
}

// socketPair returns our end of a connection and the end for the child.
func socketPair() (net.Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "host"), os.NewFile(uintptr(fds[1]), "kernel")
	defer ours.Close()
	c, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return c, theirs, nil
}

// launch starts the process and what watches it.
func (p *Process) launch(cmd *exec.Cmd, ready chan error) (err error) {
	p.thread = process.NewThread()
	// In a session of its own, what cells leave running can be told by that.
	p.thread.Do(func() { p.process, err = process.Start(cmd, process.Options{Session: true, Dies: true}) })
	if err != nil {
		p.thread.Close()
		return err
	}
	watcher, err := startWatcher(p.path, p.Pid())
	if err != nil {
		p.process.Close()
		p.thread.Close()
		return err
	}
	p.streams.start()
	received := make(chan struct{})
	go func() {
		defer close(received)
		p.receive(ready)
	}()
	go p.live(watcher, received)
	return nil
}

// live lasts until the process has ended, and all that belongs to it.
func (p *Process) live(watcher *process.Process, received <-chan struct{}) {
	<-p.process.Ended()
	p.thread.Close()
	stuck := time.AfterFunc(watcherTimeout, func() { watcher.Kill() })
	<-watcher.Ended()
	stuck.Stop()
	<-received
	p.conn.close()
	close(p.exited)
}

// receive handles the host's messages until it ends or talks nonsense.
func (p *Process) receive(ready chan error) {
	for {
		m, err := p.conn.receive()
		if err != nil {
			p.disconnected()
			return
		}
		switch m.Kind {
		case kindReady:
			select {
			case ready <- nil:
			default:
			}
		case kindDone:
			p.mu.Lock()
			if p.current != nil {
				select {
				case p.current.done <- m.Failure:
				default: // a run ends once
				}
			}
			p.mu.Unlock()
		case kindExit:
			p.because(m.Failure)
		case kindHandled:
			p.handled(m)
		case kindInput:
			go p.input(m)
		case kindStream:
			p.stream(m)
		case kindCompile:
			go p.compile(m)
		case kindFile:
			go p.file(m)
		default:
			p.show(m)
		}
	}
}

// disconnected ends a process that can no longer be talked to.
func (p *Process) disconnected() {
	timer := time.NewTimer(endTimeout)
	defer timer.Stop()
	select {
	case <-p.process.Ended():
	case <-timer.C:
		p.because(lostConnection(p.Pid(), p.path))
		p.process.Kill()
	}
}

// because keeps why the process ends; the first reason counts.
func (p *Process) because(why *failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == nil {
		p.why = why
	}
}

// Kill ends the process because a run did not stop when it was interrupted.
func (p *Process) Kill() {
	p.because(&failure{Name: "Interrupted", Value: "the cell did not stop, so its process was killed"})
	p.process.Kill()
}

// Background sets where output goes that arrives while nothing runs.
func (p *Process) Background(out cell.Output) {
	p.mu.Lock()
	p.background = orDiscard(out)
	idle := p.current == nil
	p.mu.Unlock()
	if idle {
		p.streams.redirect(orDiscard(out))
	}
}

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Pid returns the process id of the host.
func (p *Process) Pid() int { return p.process.Pid() }

// Close ends the process and waits for its end. It may be called again.
func (p *Process) Close() error {
	p.process.Kill()
	<-p.exited
	p.death()
	p.mu.Lock()
	g := p.gonbui
	p.gonbui = nil
	p.mu.Unlock()
	if g != nil {
		g.close()
	}
	p.streams.close()
	return nil
}

// Death describes how the process ended; call it after Exited is closed. Its
// last output has been handed on when it returns.
func (p *Process) Death() *cell.Error { return p.death() }

// died describes the end of the process, once: the report of a crash is in
// the error and not in the cell's output as well.
func (p *Process) died() *cell.Error {
	report := p.streams.finish()
	p.mu.Lock()
	why := p.why
	p.mu.Unlock()
	return runError(causeOfDeath(p.process.State(), report, why, p.memory), p.cellName)
}

// failed describes a failed run, nil where it did not fail.
func (p *Process) failed(f *failure) *cell.Error {
	if f == nil {
		return nil
	}
	return runError(f, p.cellName)
}

func orDiscard(out cell.Output) cell.Output {
	if out == nil {
		return cell.Discard{}
	}
	return out
}
