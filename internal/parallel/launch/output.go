package launch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/printed"
	"github.com/goparallel/goparallel/internal/parallel/process"
)

// Forwarder copies one stream of an engine to a sink, each line with a prefix.
type Forwarder struct {
	pipe   *os.File
	engine int
	to     *Sink
	done   chan struct{}
	taken  atomic.Int64 // bytes that have been read and passed on

	reading sync.Mutex // held while the pipe is looked at
	read    int64      // bytes that have been read
	turns   []turn     // that have not been reached

	mu      sync.Mutex
	partial []byte  // the line that has not ended yet
	call    uint64  // the engine works for, where it does for one only
	marked  bool    // the engine has said to which call it belongs
	printed Printed // of that call
	shown   []byte  // the parts of what it shows that have come
	tail    process.Tail
	crash   *crash // what the Go runtime prints when it gives up, once it has begun
	passed  int    // bytes since the sink was renewed
	renewed uint64 // calls of its Renew when that was counted
}

// turn is a place in a stream from which on what is printed belongs to another call.
type turn struct {
	at   int64
	call uint64
}

func forward(pipe *os.File, engine int, to *Sink) *Forwarder {
	f := &Forwarder{pipe: pipe, engine: engine, to: to, done: make(chan struct{})}
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
		for text := buf[:n]; len(text) > 0; {
			text = text[f.upToTurn(text):]
		}
	}
	f.flush()
	f.mu.Lock()
	if f.crash != nil {
		f.to.writeCrash(printed.Prefix(f.to.Stream, f.engine), f.crash.summary())
	}
	f.mu.Unlock()
}

// turnTo notes that what comes after all that the pipe has now belongs to a call. The engine does nothing just then.
func (f *Forwarder) turnTo(call uint64) {
	f.reading.Lock()
	defer f.reading.Unlock()
	at := f.read + f.inPipe()
	if n := len(f.turns); n > 0 && f.turns[n-1].at == at {
		f.turns = f.turns[:n-1] // nothing was printed in between
	}
	f.turns = append(f.turns, turn{at, call})
}

// inPipe is how many bytes nobody has read. Reading is locked.
func (f *Forwarder) inPipe() (n int64) {
	if raw, err := f.pipe.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			waiting, _ := unix.IoctlGetInt(int(fd), unix.TIOCINQ)
			n = int64(waiting)
		})
	}
	return n
}

// upToTurn takes a text up to where another call's begins, and returns how much that is.
func (f *Forwarder) upToTurn(text []byte) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	taken := f.taken.Load()
	f.reading.Lock()
	for len(f.turns) > 0 && f.turns[0].at <= taken {
		f.call = f.turns[0].call
		f.turns = f.turns[1:]
	}
	if len(f.turns) > 0 {
		text = text[:min(int64(len(text)), f.turns[0].at-taken)]
	}
	f.reading.Unlock()
	if !f.marked {
		f.belongs(0)
	}
	f.take(text)
	f.taken.Add(int64(len(text)))
	return len(text)
}

// take passes on the lines that are complete. The forwarder is locked.
func (f *Forwarder) take(text []byte) {
	f.partial = append(f.partial, text...)
	var out []byte
	for {
		end := bytes.IndexByte(f.partial, '\n')
		first := f.partial
		if end >= 0 {
			first = f.partial[:end]
		}
		if at := bytes.Index(first, escape); at >= 0 {
			rest := f.partial[at:]
			size := lengthOf(rest)
			if size == 0 || len(rest) < size {
				break // the rest of it comes
			}
			if at > 0 {
				out = f.line(out, f.partial[:at])
			}
			f.pass(out)
			out = nil
			f.takeMark(rest[:size])
			f.partial = rest[size:]
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

// takeMark takes in a mark, or a part of what is shown.
func (f *Forwarder) takeMark(message []byte) {
	if message[len(escape)] == markKind {
		f.belongs(binary.LittleEndian.Uint64(message[markHead:]))
		return
	}
	part := message[partHead:]
	if len(f.shown)+len(part) <= MaxShown {
		f.shown = append(f.shown, part...)
	}
	if message[len(escape)] == lastKind {
		what := f.shown
		f.shown = nil
		if f.printed != nil {
			f.printed.Show(f.engine, what)
		}
	}
}

// belongs notes to which call what follows belongs; 0 means the one that the engine works for.
func (f *Forwarder) belongs(call uint64) {
	f.marked = call != 0
	if !f.marked {
		call = f.call
	}
	f.printed = f.to.find(call)
}

// pass passes lines on.
func (f *Forwarder) pass(out []byte) {
	if len(out) > 0 {
		f.to.print(f.printed, f.engine, out)
	}
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
	return append(append(out, text...), '\n')
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
	line := f.partial
	if at := bytes.Index(line, escape); at >= 0 { // the rest of what begins there comes
		line = line[:at]
	}
	if len(line) > 0 {
		f.pass(f.line(nil, line))
		f.partial = f.partial[len(line):]
	}
	f.mu.Unlock()
	f.release()
}

// FlushOutput waits until all that the engine has printed so far is passed on, for
// at most the given time. It does not wait for what is printed meanwhile, which may have no end.
func (f *Forwarder) FlushOutput(limit time.Duration) {
	f.reading.Lock()
	printed := f.read + f.inPipe()
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
