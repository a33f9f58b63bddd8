package launch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/process"
)

// Sink receives whole lines from several engines.
type Sink struct {
	// Writer returns where lines go; it is asked for each write, because a
	// program may replace os.Stdout.
	Writer func() io.Writer
	// Bound is how many bytes each engine may write between calls of Renew; 0 means
	// any number.
	Bound int
	// Of returns what takes what a call prints, and Now what takes what an engine prints now, where it has not said
	// to which call that belongs: it works for one only. A nil Printed means that nobody wants it; both may be nil.
	Of  func(call uint64) Printed
	Now func(engine int) Printed

	renewed atomic.Uint64 // calls of Renew
	mu      sync.Mutex
	crash   string // the summary that was written last
	crashed uint64 // calls of Renew before that
}

// Printed is what a call's items print on one of the outputs.
type Printed interface {
	// Keep takes a line of an engine, with its line feed.
	Keep(engine int, line []byte)
	// Writer is where the line goes besides, with the engine's number; nil is where the lines of
	// all calls go.
	Writer() io.Writer
}

// Renew lets engines write as much again as the bound allows, and crashes be told
// in full.
func (s *Sink) Renew() { s.renewed.Add(1) }

// writeCrash writes the summary of a crash, with a prefix for each line; the same one
// again in short.
func (s *Sink) writeCrash(prefix, summary string) {
	s.mu.Lock()
	text := summary
	now := s.renewed.Load()
	if s.crash == summary && s.crashed == now {
		text, _, _ = strings.Cut(summary, "\n")
		text += " (the same again)"
	}
	s.crash, s.crashed = summary, now
	s.mu.Unlock()
	s.write([]byte(prefix + strings.ReplaceAll(text, "\n", "\n"+prefix) + "\n"))
}

func (s *Sink) write(text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Writer().Write(text) // where output cannot be written, nobody can be told
}

// Pass writes whole lines that have a prefix already.
func (s *Sink) Pass(lines []byte) {
	if len(lines) > 0 {
		s.write(lines)
	}
}

// Say writes a line of the parent's own, about its engines.
func (s *Sink) Say(format string, args ...any) {
	s.write(fmt.Appendf(nil, "[parallel] "+format+"\n", args...))
}

// Forwarder copies one stream of an engine to a sink, each line with a prefix.
type Forwarder struct {
	pipe   *os.File
	engine int
	prefix string
	to     *Sink
	done   chan struct{}
	taken  atomic.Int64 // bytes that have been read and passed on

	reading sync.Mutex // held while the pipe is looked at
	read    int64      // bytes that have been read

	mu      sync.Mutex
	partial []byte  // the line that has not ended yet
	marked  bool    // the engine has said to which call it belongs
	printed Printed // of that call
	tail    process.Tail
	crash   *crash // what the Go runtime prints when it gives up, once it has begun
	passed  int    // bytes since the sink was renewed
	renewed uint64 // calls of its Renew when that was counted
}

func forward(pipe *os.File, engine int, name string, to *Sink) *Forwarder {
	f := &Forwarder{pipe: pipe, engine: engine, prefix: fmt.Sprintf("[%s:%d] ", name, engine), to: to, done: make(chan struct{})}
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
			f.reading.Lock()
			defer f.reading.Unlock()
			for {
				if n, readErr = unix.Read(int(fd), buf); readErr != unix.EINTR {
					break
				}
			}
			f.read += int64(max(n, 0))
			return readErr != unix.EAGAIN
		})
		if err != nil || readErr != nil || n <= 0 {
			break
		}
		f.take(buf[:n])
		f.taken.Add(int64(n))
	}
	f.flush()
	f.mu.Lock()
	if f.crash != nil {
		f.to.writeCrash(f.prefix, f.crash.summary())
	}
	f.mu.Unlock()
}

// take passes on the lines that are complete.
func (f *Forwarder) take(text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.partial = append(f.partial, text...)
	if !f.marked {
		f.belongs(0)
	}
	var out []byte
	for {
		end := bytes.IndexByte(f.partial, '\n')
		first := f.partial
		if end >= 0 {
			first = f.partial[:end]
		}
		if at := bytes.Index(first, mark); at >= 0 {
			if len(f.partial) < at+markSize {
				break // the rest of it comes
			}
			if at > 0 {
				out = f.line(out, f.partial[:at])
			}
			f.pass(out)
			out = nil
			call := binary.LittleEndian.Uint64(f.partial[at+len(mark):])
			f.belongs(call)
			f.partial = f.partial[at+markSize:]
			continue
		}
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
	f.pass(out)
}

// belongs notes to which call what follows belongs; 0 means the one that the engine works for.
func (f *Forwarder) belongs(call uint64) {
	f.marked, f.printed = call != 0, nil
	switch {
	case f.to.Of == nil: // nobody asks
	case f.marked:
		f.printed = f.to.Of(call)
	default:
		f.printed = f.to.Now(f.engine)
	}
}

// pass passes lines on.
func (f *Forwarder) pass(out []byte) {
	if len(out) == 0 {
		return
	}
	if f.printed != nil {
		if w := f.printed.Writer(); w != nil {
			w.Write(out) // where output cannot be written, nobody can be told
			return
		}
	}
	f.to.write(out)
}

// line appends one line to out, and keeps it as the latest. Lines of a crash are
// held back: the end of the stream writes their summary.
func (f *Forwarder) line(out, text []byte) []byte {
	short := process.Short(text)
	if f.crash == nil && beginsCrash(short) {
		f.crash = &crash{}
		time.AfterFunc(crashTime, f.release)
	}
	if f.crash != nil {
		if f.crash.add(short) {
			return out
		}
		return f.resume(out)
	}
	return f.plain(out, short, text)
}

// plain appends a line that is part of no crash.
func (f *Forwarder) plain(out []byte, short string, text []byte) []byte {
	f.tail.Add(short)
	if f.to.Bound > 0 {
		if now := f.to.renewed.Load(); now != f.renewed {
			f.passed, f.renewed = 0, now
		}
		before := f.passed
		if f.passed += len(text) + 1; f.passed > f.to.Bound {
			if before > f.to.Bound {
				return out
			}
			text = fmt.Appendf(nil, "… it prints more than %d KB in one call: the rest is left out", f.to.Bound>>10)
		}
	}
	if f.printed != nil {
		f.printed.Keep(f.engine, append(bytes.Clone(text), '\n'))
	}
	return append(append(append(out, f.prefix...), text...), '\n')
}

// resume appends the lines that were held back to out.
func (f *Forwarder) resume(out []byte) []byte {
	lines := f.crash.lines
	f.crash = nil
	for _, line := range lines {
		out = f.plain(out, line, []byte(line))
	}
	return out
}

// crashTime is how long after the reason for a crash its first stack may come.
const crashTime = time.Second

// release passes on lines that looked like the beginning of a crash.
func (f *Forwarder) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.crash != nil && !f.crash.traced {
		f.pass(f.resume(nil))
	}
}

// flush passes on a line that has not ended, and what may have been held back for
// nothing.
func (f *Forwarder) flush() {
	f.mu.Lock()
	if len(f.partial) > 0 {
		f.pass(f.line(nil, f.partial))
		f.partial = nil
	}
	f.mu.Unlock()
	f.release()
}

// Settle waits until all that the engine has printed so far is passed on, for
// at most the given time. It does not wait for what is printed meanwhile, which may have no end.
func (f *Forwarder) Settle(limit time.Duration) {
	f.reading.Lock()
	printed := f.read
	if raw, err := f.pipe.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			n, _ := unix.IoctlGetInt(int(fd), unix.TIOCINQ)
			printed += int64(n)
		})
	}
	f.reading.Unlock()
	pause := 50 * time.Microsecond
	for end := time.Now().Add(limit); f.taken.Load() < printed && !f.ended() && time.Now().Before(end); {
		time.Sleep(pause)
		pause = min(2*pause, 5*time.Millisecond)
	}
	f.flush()
}

// ended reports whether the stream has ended.
func (f *Forwarder) ended() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
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

// Tail returns the last lines, or the summary of the crash that they were.
func (f *Forwarder) Tail() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.crash != nil {
		return f.crash.summary()
	}
	return f.tail.String()
}
