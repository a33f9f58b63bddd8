package contest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Hello is the first line that a contestant in a process prints.
type Hello struct {
	Version string `json:"version,omitempty"`
	// Missing names what has to be installed before the contestant can be
	// measured.
	Missing string `json:"missing,omitempty"`
}

// answer is the line after a task.
type answer struct {
	Seconds []float64 `json:"seconds,omitempty"`
	Error   string    `json:"error,omitempty"`
}

// Limits of a contestant's patience with a process.
const (
	openTime = time.Minute
	taskTime = 3 * time.Minute
	endTime  = 20 * time.Second
)

// Process is a contestant in a process of its own: it reads a task from a line
// of its standard input and prints a line with the answer. It ends when its
// input does. It is used by one goroutine.
type Process struct {
	Hello
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan []byte // closed at the end of its output
	log   *tail
	end   func() error
}

// Open starts a contestant's command and reads its first line.
func Open(ctx context.Context, env []string, command string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(command, args...), lines: make(chan []byte), log: &tail{}}
	p.end = sync.OnceValue(p.wait)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = p.log
	p.cmd.WaitDelay = endTime
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with all that it starts
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.lines)
		r := bufio.NewReader(out)
		for {
			line, err := r.ReadBytes('\n')
			if err != nil {
				return
			}
			p.lines <- line
		}
	}()
	if err := p.read(ctx, openTime, &p.Hello); err != nil {
		p.kill()
		return nil, err
	}
	if p.Missing != "" {
		p.Close()
		return nil, fmt.Errorf("%s is not installed", p.Missing)
	}
	return p, nil
}

// Do asks the process for a task.
func (p *Process) Do(ctx context.Context, t Task) ([]float64, error) {
	line, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return nil, fmt.Errorf("it is gone: %w\n%s", err, p.log)
	}
	var a answer
	if err := p.read(ctx, taskTime, &a); err != nil {
		return nil, err
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return a.Seconds, nil
}

// read waits for the next line.
func (p *Process) read(ctx context.Context, limit time.Duration, into any) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case line, ok := <-p.lines:
		if !ok {
			p.end() // after which its last words are there
			return fmt.Errorf("it ended\n%s", p.log)
		}
		return json.Unmarshal(line, into)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return fmt.Errorf("it did not answer within %v\n%s", limit, p.log)
	}
}

// Close ends the process and what it has started.
func (p *Process) Close() error { return p.end() }

// wait is what Close does, once.
func (p *Process) wait() error {
	p.in.Close() // it ends by itself
	timer := time.AfterFunc(endTime, func() { syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) })
	defer timer.Stop()
	for range p.lines {
		// What it still prints is of no use.
	}
	return p.cmd.Wait()
}

// kill ends the process at once.
func (p *Process) kill() {
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	p.Close()
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-tailBytes):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}

// Serve is the other side of [Process]: it lets the contestant do the tasks that
// are read, until there are no more, and closes it.
func Serve(ctx context.Context, in io.Reader, out io.Writer, hello Hello, c Contestant) error {
	answers := json.NewEncoder(out)
	if err := answers.Encode(hello); err != nil {
		return errors.Join(err, c.Close())
	}
	tasks := json.NewDecoder(in)
	for {
		var t Task
		if err := tasks.Decode(&t); errors.Is(err, io.EOF) {
			return c.Close()
		} else if err != nil {
			return errors.Join(err, c.Close())
		}
		var a answer
		seconds, err := c.Do(ctx, t)
		if a.Seconds = seconds; err != nil {
			a.Error = err.Error()
		}
		if err := answers.Encode(a); err != nil {
			return errors.Join(err, c.Close())
		}
	}
}
