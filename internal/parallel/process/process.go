// Package process starts programs that belong to this process: each with all that it starts itself, so that the end
// of one leaves nothing behind.
//
// Engines, sessions' hosts, nodes and the go command are started by it. What they are told, and what becomes of what
// they print, is theirs.
package process

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Options say how a process belongs to this one.
type Options struct {
	// Session gives the process a session of its own, and not a group alone. A terminal's interrupt reaches
	// neither; what a process started, in whatever group, can be told by its session.
	Session bool
	// Dies lets the process die when this one does, however that ends. Linux takes the end of the thread that started
	// it for that: start it on a [Thread]. Other systems cannot.
	Dies bool
}

// Process is a process that was started, with all in its group. Its methods may be called from any goroutine.
type Process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // of Wait; set before ended is closed

	mu   sync.Mutex // keeps the number from being another process's while it is signalled
	gone bool
}

// Start starts a command.
func Start(cmd *exec.Cmd, o Options) (*Process, error) {
	cmd.SysProcAttr = attributes(o)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		p.end()
	}()
	return p, nil
}

// Pid is the process's number, and that of its group.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Ended is closed when the process has ended, and all that it printed has been passed on by package exec.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Kill ends the process, and all in its group, at once. It reports whether the process still ran.
func (p *Process) Kill() (ran bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		kill(p.cmd.Process)
	}
	return !p.gone
}

// Signal sends a signal to the process alone. It is [os.ErrProcessDone] where that has ended.
func (p *Process) Signal(signal syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return os.ErrProcessDone
	}
	return p.cmd.Process.Signal(signal)
}

// State is how the process ended, once Ended is closed.
func (p *Process) State() *os.ProcessState {
	<-p.ended
	return p.cmd.ProcessState
}

// End describes how the process ended, once Ended is closed.
func (p *Process) End() string {
	state := p.State()
	if state == nil {
		return fmt.Sprint(p.err)
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Sprintf("was killed by signal %d (%v)", status.Signal(), status.Signal())
	}
	return fmt.Sprintf("exited with status %d", state.ExitCode())
}

// Close kills the process and waits for its end.
func (p *Process) Close() {
	p.Kill()
	<-p.ended
}

// outputDelay is how long what a command has left behind may hold its output open.
const outputDelay = time.Second

// Whole makes a command of [exec.CommandContext] end with all that it has started, when its context ends.
func Whole(cmd *exec.Cmd) {
	cmd.SysProcAttr = attributes(Options{})
	cmd.Cancel = func() error { kill(cmd.Process); return nil }
	cmd.WaitDelay = outputDelay
}
