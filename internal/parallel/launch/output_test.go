package launch

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// taken is where output goes in these tests: lines with their engine where no call has them, and of calls with their number.
type taken struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *taken) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(&s.text, format, args...)
}

func (s *taken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *taken) Write(text []byte) (int, error) { s.add("%s", text); return len(text), nil }

type ofCall struct {
	*taken
	call uint64
}

func (c ofCall) Print(_ int, lines []byte) bool {
	for line := range strings.Lines(string(lines)) {
		c.add("call %d: %s", c.call, line)
	}
	return true
}

func (c ofCall) Show(_ int, what []byte) { c.add("call %d shows %s\n", c.call, what) }

// sinkTo passes on to s what nobody has asked for; calls from 1 to 9 have asked.
func sinkTo(s *taken, bound int) *Sink {
	return &Sink{Stream: "stdout", Bound: bound, Writer: func() io.Writer { return s }, Of: func(call uint64) Printed {
		if call < 10 {
			return ofCall{s, call}
		}
		return nil
	}}
}

// messageOf is what an engine writes among what it prints.
func messageOf(kind byte, what any) string {
	m := append(slices.Clone(escape), kind)
	if call, isMark := what.(int); isMark {
		return string(binary.LittleEndian.AppendUint64(m, uint64(call)))
	}
	part := what.(string)
	return string(append(binary.LittleEndian.AppendUint16(m, uint16(len(part))), part...))
}

// However a stream comes, in whichever pieces, the lines and what is shown are the same, in the same order, for the same calls.
func TestOutputInAnyPieces(t *testing.T) {
	stream := "before\n" + messageOf(markKind, 3) + "of three\n\nan unfinished line" + messageOf(partKind, "ta") + "between\n" + messageOf(lastKind, "ble") +
		messageOf(markKind, 12) + "of nobody\n" + messageOf(lastKind, "lost") + messageOf(markKind, 0) + "after\nend"
	const want = "[stdout:4] before\ncall 3: of three\ncall 3: \ncall 3: an unfinished line\ncall 3: between\ncall 3 shows table\n[stdout:4] of nobody\n[stdout:4] after\n[stdout:4] end\n"
	for i := range len(stream) {
		for _, j := range []int{i, i + 1, i + 7, len(stream)} {
			j = min(j, len(stream))
			got := new(taken)
			f := &Forwarder{engine: 4, to: sinkTo(got, 0)}
			for _, piece := range []string{stream[:i], stream[i:j], stream[j:]} {
				f.take([]byte(piece))
			}
			if f.flush(); got.String() != want {
				t.Fatalf("in pieces that end at %d and %d it is\n%s", i, j, got)
			}
		}
	}
}

// A line that has not ended is passed on when somebody waits for it, and a message that has not ended is kept.
func TestWhatHasNotEnded(t *testing.T) {
	got := new(taken)
	f := &Forwarder{engine: 1, to: sinkTo(got, 0)}
	mark := messageOf(markKind, 5)
	f.take([]byte("a question? " + mark[:10]))
	f.flush()
	f.take([]byte(mark[10:] + "yes\n"))
	if want := "[stdout:1] a question? \ncall 5: yes\n"; got.String() != want {
		t.Errorf("%q", got)
	}
	long := strings.Repeat("x", 64<<10)
	if f.take([]byte(long)); strings.Contains(got.String(), "x") {
		t.Error("a line is cut too early")
	}
	if f.take([]byte("x")); !strings.HasSuffix(got.String(), "call 5: "+long+"x\n") {
		t.Error("a line without end is kept")
	}
}

// An engine prints up to its bound, says once that it leaves out the rest, and may print as much again when that was renewed.
func TestBoundOfOutput(t *testing.T) {
	got := new(taken)
	to := sinkTo(got, 2<<10)
	f := &Forwarder{engine: 1, to: to}
	line := strings.Repeat("x", 1<<10-1) + "\n"
	f.take([]byte(line + line + "one more\nand another\n"))
	const said = "[stdout:1] … it prints more than 2 KB in one call: the rest is left out\n"
	want := "[stdout:1] " + line + "[stdout:1] " + line + said
	if got.String() != want {
		t.Errorf("%q", got)
	}
	to.Renew()
	f.take([]byte("again\n" + line + line))
	if want += "[stdout:1] again\n[stdout:1] " + line + said; got.String() != want {
		t.Errorf("%q", got)
	}
	if tail := f.Tail(); !strings.HasSuffix(tail, "x") {
		t.Errorf("what is left out is not in the tail: %q", tail)
	}
}

// What an engine has printed before it begins with another call belongs to the one before, though nobody has read it by then.
func TestTurnsOfCalls(t *testing.T) {
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	got := new(taken)
	f := &Forwarder{pipe: out, engine: 2, to: sinkTo(got, 0), done: make(chan struct{})}
	io.WriteString(in, "of none\n")
	f.turnTo(1)
	f.turnTo(2) // nothing was printed in between
	io.WriteString(in, "of two\n")
	f.turnTo(3)
	io.WriteString(in, messageOf(markKind, 4)+"of four\n"+messageOf(markKind, 0)+"of three\n")
	go f.copy()
	f.FlushOutput(time.Hour)
	if want := "[stdout:2] of none\ncall 2: of two\ncall 4: of four\ncall 3: of three\n"; got.String() != want {
		t.Errorf("%q", got)
	}
	f.turnTo(0)
	io.WriteString(in, "the end")
	in.Close()
	f.finish(time.Hour)
	if !strings.HasSuffix(got.String(), "[stdout:2] the end\n") || !f.ended() || f.Tail() == "" {
		t.Errorf("%q", got)
	}
	f.FlushOutput(time.Hour) // there is nothing to wait for
	f.close()
}

// What looks like the end of a Go process is held back: with stacks it is told in short, in the tail and when the stream ends; without
// it was something else, which is passed on.
func TestCrashesAreHeldBack(t *testing.T) {
	const reason, stack = "panic: no\n\n", "goroutine 1 [running]:\nmain.f()\n\t/x/main.go:3 +0x1\nmain.main()\n\t/x/main.go:9 +0x1\nexit status 2\n"
	for name, test := range map[string]struct{ printed, tail string }{
		"a crash":        {"before\n" + reason + stack, "panic: no"},
		"something else": {"panic: no\nor not\n", "or not"},
	} {
		out, in, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		got := new(taken)
		f := forward(out, 3, sinkTo(got, 0))
		io.WriteString(in, test.printed)
		in.Close()
		f.finish(time.Hour)
		if tail := f.Tail(); !strings.Contains(tail, test.tail) {
			t.Errorf("%s: the tail is %q", name, tail)
		}
		if text := got.String(); strings.Count(text, "panic: no") != 1 || !strings.HasPrefix(text, "[stdout:3] ") || strings.Contains(text, "/x/main.go:9") && name != "a crash" {
			t.Errorf("%s: %q", name, text)
		}
		f.close()
	}
}
