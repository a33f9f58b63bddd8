// Package launchers asks for nodes where users have machines: over ssh, from Slurm, Grid Engine and other
// batch systems, or by any command. See backend.Launcher for what a node is.
package launchers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/process"
)

// children are nodes whose processes are children of this one, or reached through such. Standard input is the
// nodes' leash: when it ends they end, and it ends with this process.
type children []*child

// child is one of them.
type child struct {
	name string
	*process.Process
	in   io.WriteCloser
	said process.Tail
	end  chan struct{} // closed when the process has ended, and it is known why

	mu     sync.Mutex
	ready  bool   // it has its ticket
	doing  string // before that
	reason string // it ended
}

// newChild starts a command with an environment, nil for this process's. What it prints before its ticket, if anything, is read by hear.
func newChild(name string, args, environment []string, hear func(line string)) (*child, error) {
	c, cmd := &child{name: name, doing: "starting", end: make(chan struct{})}, exec.Command(args[0], args[1:]...)
	out := &splitter{line: func(line string) {
		c.said.Add(line)
		if hear != nil {
			hear(line)
		}
	}}
	cmd.Env = environment
	cmd.Stdout, cmd.Stderr = out, out // one writer: exec calls it for one stream at a time
	var err error
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	cmd.WaitDelay = time.Second // what it leaves behind may hold its output open
	if c.Process, err = process.Start(cmd, process.Options{}); err != nil {
		c.in.Close()
		return nil, err
	}
	go func() {
		<-c.Ended()
		out.flush()
		c.mu.Lock()
		if c.reason == "" {
			c.reason = "its process ended: " + c.Process.State().String()
		}
		c.mu.Unlock()
		close(c.end)
	}()
	return c, nil
}

// give writes the ticket, and what goes before it. It fails where the process has ended, which is known
// already.
func (c *child) give(parts ...io.Reader) {
	_, err := io.Copy(c.in, io.MultiReader(parts...))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready = err == nil
}

// fail ends the process for a reason.
func (c *child) fail(reason string) {
	c.mu.Lock()
	if c.reason == "" {
		c.reason = reason
	}
	c.mu.Unlock()
	c.in.Close()
	c.Kill()
}

// does notes what is done before the node has its ticket.
func (c *child) does(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doing = what
}

// state says how far the node has come.
func (c *child) state() backend.NodeState {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := backend.NodeState{Name: c.name, Phase: backend.NodePending, Reason: c.doing}
	select {
	case <-c.end:
		s.Phase, s.Reason, s.Tail = backend.NodeEnded, c.reason, c.said.String()
	default:
		if c.ready {
			s.Phase, s.Reason = backend.NodeRunning, ""
		}
	}
	return s
}

// Poll says what has become of the processes.
func (cs children) Poll(context.Context) ([]backend.NodeState, error) {
	var states []backend.NodeState
	for _, c := range cs {
		states = append(states, c.state())
	}
	return states, nil
}

// leashTime is how long a node may take to end when its leash is let go.
const leashTime = 5 * time.Second

// Stop lets go of the leashes of these nodes, or of all, and waits for their ends.
func (cs children) Stop(ctx context.Context, nodes ...int) error {
	chosen := cs
	if len(nodes) > 0 {
		chosen = nil
		for _, i := range nodes {
			chosen = append(chosen, cs[i])
		}
	}
	for _, c := range chosen {
		c.in.Close()
	}
	var errs []error
	late := time.After(leashTime)
	for _, c := range chosen {
		select {
		case <-c.end:
			continue
		case <-late:
		case <-ctx.Done():
		}
		errs = append(errs, fmt.Errorf("%s did not end within %v, and was left to itself: %s", c.name, leashTime, c.said.String()))
		c.fail("was killed")
		<-c.end
		late = time.After(0)
	}
	return errors.Join(errs...)
}

// splitter calls line for each line that is written to it.
type splitter struct {
	line    func(string)
	partial []byte
}

func (s *splitter) Write(p []byte) (int, error) {
	s.partial = append(s.partial, p...)
	for {
		line, rest, ok := bytes.Cut(s.partial, []byte("\n"))
		if !ok && len(s.partial) < 64<<10 {
			return len(p), nil
		}
		s.partial = rest
		s.line(strings.TrimSuffix(string(line), "\r"))
	}
}

// flush passes on a line that has no end.
func (s *splitter) flush() {
	if len(s.partial) > 0 {
		s.line(string(s.partial))
		s.partial = nil
	}
}
