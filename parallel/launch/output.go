package launch

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Sink receives whole lines from several engines.
type Sink struct {
	// Writer returns where lines go; it is asked for each write, because a
	// program may replace os.Stdout.
	Writer func() io.Writer
	mu     sync.Mutex
}

func (s *Sink) write(text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Writer().Write(text) // where output cannot be written, nobody can be told
}

// Say writes a line of the parent's own, about its engines.
func (s *Sink) Say(format string, args ...any) {
	s.write(fmt.Appendf(nil, "[parallel] "+format+"\n", args...))
}

// tailLines and tailLine limit what is kept for error messages.
const (
	tailLines = 12
	tailLine  = 300
)

// Forwarder copies one stream of an engine to a sink, each line with a prefix.
type Forwarder struct {
	pipe    *os.File
	prefix  string
	to      *Sink
	done    chan struct{}
	writing atomic.Bool // bytes have been read that are not written yet

	mu      sync.Mutex
	partial []byte   // the line that has not ended yet
	tail    []string // the last lines
	fatal   string   // the line that says why the Go runtime gave up
}

func forward(pipe *os.File, prefix string, to *Sink) *Forwarder {
	f := &Forwarder{pipe: pipe, prefix: prefix, to: to, done: make(chan struct{})}
	go f.copy()
	return f
}

// copy runs until the stream ends.
func (f *Forwarder) copy() {
	defer close(f.done)
	raw, err := f.pipe.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, 32<<10)
	for {
		n := 0
		var readErr error
		err := raw.Read(func(fd uintptr) bool {
			f.writing.Store(true) // before the pipe is emptied: Settle looks at both
			for {
				if n, readErr = unix.Read(int(fd), buf); readErr != unix.EINTR {
					break
				}
			}
			if readErr == unix.EAGAIN {
				f.writing.Store(false)
				return false
			}
			return true
		})
		if err != nil || readErr != nil || n <= 0 {
			break
		}
		f.take(buf[:n])
		f.writing.Store(false)
	}
	f.flush()
	f.writing.Store(false)
}

// take passes on the lines that are complete.
func (f *Forwarder) take(text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.partial = append(f.partial, text...)
	var out []byte
	for {
		end := bytes.IndexByte(f.partial, '\n')
		if end < 0 {
			break
		}
		out = f.line(out, f.partial[:end])
		f.partial = f.partial[end+1:]
	}
	if len(f.partial) > 64<<10 { // a line without end
		out = f.line(out, f.partial)
		f.partial = nil
	}
	if len(out) > 0 {
		f.to.write(out)
	}
}

// line appends one line to out, and keeps it as the latest.
func (f *Forwarder) line(out, text []byte) []byte {
	short := string(text[:min(len(text), tailLine)])
	if f.fatal == "" && (strings.HasPrefix(short, "panic: ") || strings.HasPrefix(short, "fatal error: ") || strings.HasPrefix(short, "runtime: ")) {
		f.fatal = short
	}
	f.tail = append(f.tail, short)
	if len(f.tail) > tailLines {
		f.tail = f.tail[1:]
	}
	return append(append(append(out, f.prefix...), text...), '\n')
}

// flush passes on a line that has not ended.
func (f *Forwarder) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.partial) > 0 {
		f.to.write(f.line(nil, f.partial))
		f.partial = nil
	}
}

// Settle waits until all that the engine has printed so far is passed on, for
// at most the given time.
func (f *Forwarder) Settle(limit time.Duration) {
	for end := time.Now().Add(limit); ; time.Sleep(50 * time.Microsecond) {
		waiting := 0
		if raw, err := f.pipe.SyscallConn(); err == nil {
			raw.Control(func(fd uintptr) { waiting, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
		}
		if waiting == 0 && !f.writing.Load() || time.Now().After(end) {
			break
		}
	}
	f.flush()
}

// finish waits, for at most the given time, until the stream has ended.
func (f *Forwarder) finish(limit time.Duration) {
	select {
	case <-f.done:
	case <-time.After(limit):
	}
}

// close ends the forwarding.
func (f *Forwarder) close() {
	f.pipe.Close()
	<-f.done
}

// Tail returns the last lines, after the one in which the Go runtime said why
// it gave up.
func (f *Forwarder) Tail() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := strings.Join(f.tail, "\n")
	if f.fatal != "" && !strings.Contains(text, f.fatal) {
		text = f.fatal + "\n…\n" + text
	}
	return text
}
