// Package launch starts engine processes on this machine and ends them.
//
// An engine is the executable that this process runs, or [Program], started again with
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
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/parallel/wire"
)

// Variable is the environment variable that makes an executable an engine.
const Variable = "GOPARALLEL_ENGINE"

// Program is the executable that engines are, where they are not this one: that
// of a process whose own code engines cannot share, such as an interpreter. It is
// set before the first engine is started.
var Program string

// command returns how an engine is started.
func command() *exec.Cmd {
	if Program != "" {
		return exec.Command(Program)
	}
	cmd := exec.Command(running, os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	return cmd
}

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
	// Address is where the controller listens.
	Address wire.Address
	// Credentials are those of this engine, if it connects by TLS.
	Credentials *wire.Credentials
	// Secret lets this process connect, once.
	Secret wire.Secret
}

// Process is a running engine. Its methods may be called from any goroutine.
type Process struct {
	// Out and Err forward what the engine prints.
	Out, Err *Forwarder

	cmd    *exec.Cmd
	pipe   *os.File // held open: its end is the engine's end
	record *Record
	ended  chan struct{}
	state  *os.ProcessState // set before ended is closed
	kill   sync.Mutex       // keeps the pid from being reused while it is signalled
	why    string           // it was killed, if there is a reason to tell
}

// Start starts an engine. Its output goes line by line to out and err. It must
// be called on a [Thread].
func Start(config Config, processors int, out, err *Sink) (*Process, error) {
	p := &Process{cmd: command(), ended: make(chan struct{})}
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
	p.Out = forward(outPipe, fmt.Sprintf("[stdout:%d] ", config.ID), out)
	if errPipe, files[1], e = os.Pipe(); e != nil {
		p.release()
		return nil, e
	}
	p.Err = forward(errPipe, fmt.Sprintf("[stderr:%d] ", config.ID), err)
	if files[2], p.pipe, e = os.Pipe(); e != nil {
		p.release()
		return nil, e
	}
	if p.record, e = newRecord(); e != nil {
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

	p.cmd.Env = append(os.Environ(), Variable+"="+strconv.Itoa(config.ID))
	if os.Getenv("GOMAXPROCS") == "" {
		p.cmd.Env = append(p.cmd.Env, "GOMAXPROCS="+strconv.Itoa(processors))
	}
	p.cmd.Stdout, p.cmd.Stderr = files[0], files[1]
	p.cmd.ExtraFiles = []*os.File{files[2], p.record.file}
	// A group of its own keeps a terminal's ^C away: the parent decides.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started.Lock() // so that no engine runs that Pids does not know
	e = p.cmd.Start()
	if e == nil {
		started.pids[p.Pid()] = true
	}
	started.Unlock()
	if e != nil {
		p.release()
		return nil, fmt.Errorf("engine %d could not be started: %w", config.ID, e)
	}
	go p.wait()
	return p, nil
}

// started are the running engines that this process has started.
var started = struct {
	sync.Mutex
	pids map[int]bool
}{pids: make(map[int]bool)}

// Pids lists the running engines that this process has started. Each leads a process
// group, in which what its items start is. Any goroutine may call it.
func Pids() []int {
	started.Lock()
	defer started.Unlock()
	return slices.Collect(maps.Keys(started.pids))
}

// wait notices the end of the process.
func (p *Process) wait() {
	p.cmd.Wait()
	p.kill.Lock()
	p.state = p.cmd.ProcessState
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // what it started goes with it
	p.kill.Unlock()
	started.Lock()
	delete(started.pids, p.Pid())
	started.Unlock()
	p.pipe.Close()
	close(p.ended)
}

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Pid returns the process's number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Record returns what the engine noted last.
func (p *Process) Record() *Record { return p.record }

// Kill ends the process, and all in its group, at once.
func (p *Process) Kill() { p.KillFor("") }

// KillFor is Kill for a reason, which [Process.End] then gives, however often it is
// killed.
func (p *Process) KillFor(why string) {
	p.kill.Lock()
	defer p.kill.Unlock()
	if p.state == nil {
		if why != "" {
			p.why = why
		}
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// outputTime limits the wait for the rest of a dead engine's output.
const outputTime = 300 * time.Millisecond

// End describes how the process ended, once [Process.Ended] is closed: its exit
// status or signal, and the last lines of its stderr.
func (p *Process) End() string {
	p.Out.finish(outputTime)
	p.Err.finish(outputTime)
	how := fmt.Sprintf("exited with status %d", p.state.ExitCode())
	if ws, ok := p.state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		how = fmt.Sprintf("was killed by signal %d (%v)", ws.Signal(), ws.Signal())
	}
	if p.why != "" {
		how = p.why
	}
	if tail := p.Err.Tail(); tail != "" {
		how += "; the last of its stderr:\n" + tail
	}
	return how
}

// Close kills the process if it runs, waits for its end and frees what belongs
// to it.
func (p *Process) Close() {
	p.Kill()
	<-p.ended
	p.release()
}

// release closes the files.
func (p *Process) release() {
	for _, f := range []*Forwarder{p.Out, p.Err} {
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
