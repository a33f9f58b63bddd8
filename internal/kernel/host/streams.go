package host

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Text is handed on when this much has gathered or this time has passed, so
// that a cell that prints lines does not flood the front end with messages.
const (
	flushSize  = 32 << 10
	flushAfter = 50 * time.Millisecond
	// causeWait is how long a line that may be the cause of a crash waits for the report.
	causeWait = 2 * time.Second
	// maxCrash is how much of a crash report is kept.
	maxCrash = 256 << 10
)

// streams reads what the host process and its children print. The lock is
// held while text is handed on: where the front end is slow, reading stops,
// the pipes fill, and the cell waits; nothing is lost.
type streams struct {
	stdout, stderr, crash *pipe
	cellName              func(id string) string
	readers               sync.WaitGroup

	mu      sync.Mutex // guards all below, and every read
	out     cell.Output
	pending []text // in the order of arrival
	size    int
	timer   *time.Timer
	since   time.Time       // when the timer was first set for what is pending
	report  strings.Builder // what came through the crash pipe
	buf     []byte
}

// text is a piece of one stream.
type text struct {
	name string
	data []byte
}

// pipe is the reading end of one of the host's outputs.
type pipe struct {
	name string
	file *os.File
	raw  syscall.RawConn
	rest []byte // the beginning of a character whose end has not arrived
}

// newStreams makes the pipes. The ends to write to go to the host process.
func newStreams(out cell.Output, cellName func(string) string) (s *streams, writers []*os.File, err error) {
	s = &streams{out: out, cellName: cellName, buf: make([]byte, flushSize)}
	for _, p := range []struct {
		name string
		pipe **pipe
	}{{"stdout", &s.stdout}, {"stderr", &s.stderr}, {"crash", &s.crash}} {
		// The end for reading is polled; the other one is a child's standard
		// output, which has to block as everybody expects.
		var fds [2]int
		if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
			return nil, nil, os.NewSyscallError("pipe2", err)
		}
		if err := unix.SetNonblock(fds[0], true); err != nil {
			return nil, nil, os.NewSyscallError("fcntl", err)
		}
		r, w := os.NewFile(uintptr(fds[0]), p.name), os.NewFile(uintptr(fds[1]), p.name)
		raw, err := r.SyscallConn()
		if err != nil {
			return nil, nil, err
		}
		*p.pipe = &pipe{name: p.name, file: r, raw: raw}
		writers = append(writers, w)
	}
	s.timer = time.AfterFunc(time.Hour, s.flush)
	s.timer.Stop()
	return s, writers, nil
}

// start begins to read.
func (s *streams) start() {
	for _, p := range []*pipe{s.stdout, s.stderr, s.crash} {
		s.readers.Go(func() { s.read(p) })
	}
}

// read reads a pipe until it is closed.
func (s *streams) read(p *pipe) {
	for end := false; !end; {
		err := p.raw.Read(func(fd uintptr) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			n, err := syscall.Read(int(fd), s.buf)
			if err == syscall.EAGAIN {
				return false
			}
			end = n <= 0 && err != syscall.EINTR
			if n > 0 {
				s.add(p, s.buf[:n])
			}
			return true
		})
		if err != nil {
			return
		}
	}
}

// add appends data that was read from a pipe. The caller holds the lock.
func (s *streams) add(p *pipe, data []byte) {
	if p == s.crash {
		if s.report.Len() < maxCrash {
			s.report.Write(data)
		}
		return
	}
	data = append(p.rest, data...)
	whole := wholeRunes(data)
	p.rest = append([]byte(nil), data[whole:]...)
	data = data[:whole]
	if len(data) == 0 {
		return
	}
	if last := len(s.pending) - 1; last >= 0 && s.pending[last].name == p.name {
		s.pending[last].data = append(s.pending[last].data, data...)
	} else {
		s.pending = append(s.pending, text{p.name, data})
	}
	if s.size == 0 {
		s.since = time.Now()
		s.timer.Reset(flushAfter)
	}
	s.size += len(data)
	if s.size >= flushSize {
		s.handOn(false)
	}
}

// wholeRunes returns the length of data without a character cut off at its end.
func wholeRunes(data []byte) int {
	for back := 1; back <= min(utf8.UTFMax-1, len(data)); back++ {
		if i := len(data) - back; utf8.RuneStart(data[i]) {
			if !utf8.FullRune(data[i:]) {
				return i
			}
			break
		}
	}
	return len(data)
}

// flush hands on what has gathered. The line that names the cause of a crash comes before
// the report, on a busy machine long before, and waits for it.
func (s *streams) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.endsInCause() && time.Since(s.since) < causeWait {
		s.timer.Reset(flushAfter)
		return
	}
	s.handOn(false)
}

// endsInCause reports whether the last line on stderr may be the cause of a crash.
func (s *streams) endsInCause() bool {
	for _, t := range slices.Backward(s.pending) {
		if t.name == "stderr" {
			lines := bytes.TrimRight(t.data, "\n")
			last := string(lines[bytes.LastIndexByte(lines, '\n')+1:])
			return last != "" && isCause(last)
		}
	}
	return false
}

// handOn gives the pending text to the output. Once the host is crashing, what
// it writes to stderr is kept back until finish, because the report of the
// crash is shown as the cell's error. The caller holds the lock.
func (s *streams) handOn(final bool) {
	s.timer.Stop()
	if !final {
		s.available(s.crash)
	}
	crashing := s.report.Len() > 0 && !final
	var kept []text
	for _, t := range s.pending {
		if crashing && t.name == "stderr" {
			kept = append(kept, t)
			continue
		}
		s.out.Stream(t.name, nameCells(strings.ToValidUTF8(string(t.data), "\uFFFD"), s.cellName))
	}
	s.pending, s.size = kept, 0
}

// available reads what is in a pipe now. The caller holds the lock.
func (s *streams) available(p *pipe) {
	_ = p.raw.Control(func(fd uintptr) {
		left, err := unix.IoctlGetInt(int(fd), unix.TIOCINQ)
		for err == nil && left > 0 {
			var n int
			n, err = syscall.Read(int(fd), s.buf[:min(left, len(s.buf))])
			if n <= 0 {
				return
			}
			left -= n
			s.add(p, s.buf[:n])
		}
	})
}

// drain hands on everything that was printed before the call.
func (s *streams) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drainLocked()
}

func (s *streams) drainLocked() {
	s.available(s.stdout)
	s.available(s.stderr)
	s.handOn(false)
}

// redirect hands on everything that was printed before the call, and sends
// what is printed afterwards to out.
func (s *streams) redirect(out cell.Output) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drainLocked()
	s.out = out
}

// finish is called when the host process has ended: it hands on what it
// printed last and returns the report of its crash, empty where it did not
// crash. The report is not handed on.
func (s *streams) finish() (report string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.available(s.crash)
	s.available(s.stdout)
	s.available(s.stderr)
	for _, p := range []*pipe{s.stdout, s.stderr} {
		if len(p.rest) > 0 {
			s.pending = append(s.pending, text{p.name, p.rest})
			p.rest = nil
		}
	}
	if s.report.Len() > 0 {
		report = s.takeReport()
	}
	s.handOn(true)
	return report
}

// takeReport takes the crash report out of the pending text of stderr, to which
// the runtime writes it too. There it begins earlier than in the crash pipe:
// with the lines that name the cause.
func (s *streams) takeReport() string {
	report := s.report.String()
	s.report.Reset()
	var all strings.Builder
	for _, t := range s.pending {
		if t.name == "stderr" {
			all.Write(t.data)
		}
	}
	first, _, _ := strings.Cut(strings.TrimLeft(report, "\n"), "\n")
	begin := strings.Index(all.String(), first)
	if begin < 0 {
		return report
	}
	for begin > 0 {
		line := strings.LastIndexByte(all.String()[:begin-1], '\n') + 1
		if !isCause(all.String()[line:begin]) {
			break
		}
		begin = line
	}
	report = all.String()[begin:]
	var kept []text
	left := begin
	for _, t := range s.pending {
		if t.name == "stderr" {
			n := min(left, len(t.data))
			left -= n
			t.data = t.data[:n]
		}
		if len(t.data) > 0 {
			kept = append(kept, t)
		}
	}
	s.pending = kept
	return report
}

// isCause reports whether a line is one of those with which the runtime begins
// to report a crash.
func isCause(line string) bool {
	if line == "\n" {
		return true
	}
	for _, prefix := range []string{"runtime: ", "fatal error: ", "panic: ", "unexpected fault address", "[signal "} {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}

// close ends the readers, also where a child of a cell still holds the pipes.
func (s *streams) close() {
	for _, p := range []*pipe{s.stdout, s.stderr, s.crash} {
		p.file.Close()
	}
	s.readers.Wait()
	s.timer.Stop()
}
