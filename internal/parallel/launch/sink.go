package launch

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goparallel/goparallel/internal/parallel/printed"
)

// Sink receives whole lines from several engines.
type Sink struct {
	// Stream is "stdout" or "stderr".
	Stream string
	// Writer returns where lines go; it is asked for each write, because a
	// program may replace os.Stdout.
	Writer func() io.Writer
	// Bound is how many bytes each engine may write between calls of Renew; 0 means
	// any number.
	Bound int
	// Of returns what takes what a call prints; nil means that nobody wants it. Of may be nil itself.
	Of func(call uint64) Printed

	renewed atomic.Uint64 // calls of Renew
	mu      sync.Mutex
	crash   string // the summary that was written last
	crashed uint64 // calls of Renew before that
}

// Printed takes what a call's items print on one of the outputs, and show.
type Printed interface {
	// Print takes whole lines of an engine, without its number. It returns false where they go where the lines of all
	// calls go besides.
	Print(engine int, lines []byte) bool
	// Show takes what an engine has given to [Show].
	Show(engine int, what []byte)
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

// Take takes what an engine has printed, whole lines, and what it has shown, for a call, or for none.
func (s *Sink) Take(call uint64, engine int, lines, what []byte) {
	to := s.find(call)
	if len(lines) > 0 {
		s.print(to, engine, lines)
	}
	if len(what) > 0 && to != nil {
		to.Show(engine, what)
	}
}

// find returns what takes the output of a call; 0 is none.
func (s *Sink) find(call uint64) Printed {
	if s.Of == nil || call == 0 { // nobody asks
		return nil
	}
	return s.Of(call)
}

// print passes on whole lines.
func (s *Sink) print(to Printed, engine int, lines []byte) {
	if to == nil || !to.Print(engine, lines) {
		s.write(printed.Prefixed(s.Stream, engine, lines))
	}
}

// Say writes a line of the parent's own, about its engines.
func (s *Sink) Say(format string, args ...any) {
	s.write(fmt.Appendf(nil, "[parallel] "+format+"\n", args...))
}
