// Package launch starts engine processes on this machine and ends them.
//
// An engine is the executable that this process runs, or an [Executable], started again with
// the variable GOPARALLEL_ENGINE in its environment. It finds two inherited files: a pipe, on
// which the parent sends one line of JSON (a [Config], with the secret that lets
// it connect) and which it then holds open for as long as it lives, and a page
// of shared memory, the [Record], in which it notes what it is doing, so that
// even after kill -9 the parent knows which item it was.
//
// An engine does not outlive its parent: the kernel kills it when the parent
// dies (Pdeathsig), and it exits when the pipe ends.
package launch

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/process"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Variable is the environment variable that makes an executable an engine, or, where it is
// [NodeValue], a node, which starts engines.
const (
	Variable  = "GOPARALLEL_ENGINE"
	NodeValue = "node"
)

// Numbers of the inherited files in the engine.
const (
	configFile = 3
	recordFile = 4
)

// Config is what an engine is told by its parent.
type Config struct {
	// ID is the engine's number.
	ID int
	// Ended is the number of its processes that ended before this one.
	Ended int
	// Addresses are those at which the controller listens; one that answers is enough.
	Addresses []wire.Address
	// Files is the socket of the node that has the controller's files; "" where this machine has them.
	Files string
	// Credentials are those of this engine, if it connects by TLS.
	Credentials *wire.Credentials
	// Secret lets this process connect, once.
	Secret wire.Secret
	// Memory is how many bytes it may map; 0 means any number.
	Memory int64
}

// Process is a running engine as its controller sees it: a [Child], or a process on
// another machine. Its methods may be called from any goroutine.
type Process interface {
	// Ended is closed when the process has ended.
	Ended() <-chan struct{}
	// Pid is the process's number, on the machine where it runs.
	Pid() int
	// Last returns the call and the item that the engine noted last; the item is negative if none
	// was running, or nobody knows. The engine must have ended.
	Last() (call uint64, item int)
	// KillFor ends the process, and all in its group, at once. The reason, unless it is "", is what
	// End then gives, however often the process is killed.
	KillFor(why string)
	// Tail returns the last lines of its stderr.
	Tail() string
	// WorksFor notes that what the engine prints from now on belongs to a call, unless the engine says otherwise. The engine
	// does nothing just then.
	WorksFor(call uint64)
	// FlushOutput begins to pass on what the engine has printed so far. It returns what waits for the end of
	// that, for at most the given time, or nil where it has ended.
	FlushOutput(limit time.Duration) (wait func())
	// Stopped reports whether the process stands still because of a signal, such as SIGSTOP.
	Stopped() bool
	// End describes how the process ended, once Ended is closed.
	End() string
	// Close kills the process if it runs, waits for its end and frees what belongs to it.
	Close()
}

// Child is an engine that this process has started.
type Child struct {
	*process.Process
	out, err *Forwarder // of what the engine prints
	pipe     *os.File   // held open: its end is the engine's end
	record   *Record
	config   Config
	starved  int // processes that memory was wanting for before this one began

	mu  sync.Mutex
	why string // it was killed, if there is a reason to tell
}

// Start starts an engine of an executable, or, where that is nil, of this process's program or
// [Program]. Its output goes line by line to out and err. It must be called on a [process.Thread].
func Start(x *Executable, config Config, processors int, out, err *Sink) (*Child, error) {
	p, cmd := &Child{config: config, starved: process.Starved()}, x.command()
	var e error
	var files [3]*os.File // the engine's ends
	defer func() {
		for _, f := range files {
			f.Close() // nil is fine
		}
	}()
	var outPipe, errPipe *os.File
	if outPipe, files[0], e = os.Pipe(); e != nil {
		return nil, e
	}
	p.out = forward(outPipe, config.ID, out)
	if errPipe, files[1], e = os.Pipe(); e != nil {
		p.release()
		return nil, e
	}
	p.err = forward(errPipe, config.ID, err)
	if files[2], p.pipe, e = os.Pipe(); e != nil {
		p.release()
		return nil, e
	}
	if p.record, e = NewRecord(); e != nil {
		p.release()
		return nil, e
	}
	// A secret on a pipe is seen by nobody else, unlike one in the arguments or
	// in the environment.
	line, e := json.Marshal(config)
	if e == nil {
		_, e = p.pipe.Write(append(line, '\n'))
	}
	if e != nil {
		p.release()
		return nil, e
	}

	cmd.Env = append(cmd.Environ(), Variable+"="+strconv.Itoa(config.ID))
	if !has(cmd.Env, "GOMAXPROCS") {
		cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(processors))
	}
	cmd.Stdout, cmd.Stderr = files[0], files[1]
	cmd.ExtraFiles = []*os.File{files[2], p.record.file}
	started.Lock() // so that no engine runs that Pids does not know
	if p.Process, e = process.Start(cmd, process.Options{Dies: true}); e == nil {
		started.children[p] = true
	}
	started.Unlock()
	if e != nil {
		p.release()
		return nil, fmt.Errorf("engine %d could not be started: %w", config.ID, e)
	}
	go p.forget()
	return p, nil
}

// started are the engines that this process has started.
var started = struct {
	sync.Mutex
	children map[*Child]bool
}{children: make(map[*Child]bool)}

// Pids lists the running engines that this process has started. Each leads a process
// group, in which what its items start is. Any goroutine may call it.
func Pids() (pids []int) {
	started.Lock()
	defer started.Unlock()
	for p := range started.children {
		select {
		case <-p.Ended():
		default:
			pids = append(pids, p.Pid())
		}
	}
	return pids
}

// forget lets go of what a process that has ended needs no more.
func (p *Child) forget() {
	<-p.Ended()
	started.Lock()
	delete(started.children, p)
	started.Unlock()
	p.pipe.Close()
}

// Last returns the call and the item that the engine noted last.
func (p *Child) Last() (call uint64, item int) { return p.record.Last() }

// WorksFor notes to which call belongs what comes after all that the pipes have now.
func (p *Child) WorksFor(call uint64) {
	p.out.turnTo(call)
	p.err.turnTo(call)
}

// Tail returns the last lines of the engine's stderr.
func (p *Child) Tail() string { return p.err.Tail() }

// FlushOutput passes on what the engine has printed so far, for at most twice the given time.
func (p *Child) FlushOutput(limit time.Duration) (wait func()) {
	p.out.FlushOutput(limit)
	p.err.FlushOutput(limit)
	return nil
}

// KillFor ends the process, and all in its group, at once, for a reason.
func (p *Child) KillFor(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Kill() && why != "" {
		p.why = why
	}
}

// Memory is the bytes of memory that the process occupies, or 0 where that is not known.
func (p *Child) Memory() int64 {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.Pid()))
	if err != nil {
		return 0 // it has ended
	}
	var size, resident int64
	fmt.Sscan(string(statm), &size, &resident)
	return resident * int64(os.Getpagesize())
}

// outputTime limits the wait for the rest of a dead engine's output.
const outputTime = 300 * time.Millisecond

// End describes how the process ended, once [Process.Ended] is closed: its exit
// status or signal, and the last lines of its stderr.
func (p *Child) End() string {
	p.out.finish(outputTime)
	p.err.finish(outputTime)
	how := p.Process.End()
	p.mu.Lock()
	why := p.why
	p.mu.Unlock()
	if why != "" {
		how = why
	} else {
		how += p.wanting()
	}
	tail := p.err.Tail()
	if p.config.Memory != 0 && ranOut(tail) {
		how = fmt.Sprintf("needed more than its limit of memory, %s, and %s", p.config.memory(), how)
	}
	if tail != "" {
		how += "; the last of its stderr:\n" + tail
	}
	return how
}

// Close kills the process if it runs, waits for its end and frees what belongs
// to it.
func (p *Child) Close() {
	p.Process.Close()
	p.release()
}

// release closes the files.
func (p *Child) release() {
	for _, f := range []*Forwarder{p.out, p.err} {
		if f != nil {
			f.finish(outputTime)
			f.close()
		}
	}
	p.pipe.Close()
	if p.record != nil {
		p.record.Close()
	}
}
