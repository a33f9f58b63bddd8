package host

import (
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// lines is an output that keeps what is printed.
type lines struct {
	cell.Output
	text chan string
}

func (l lines) Stream(name, text string) { l.text <- name + ": " + text }

// TestTheCauseOfACrashWaitsForTheReport writes the lines of a crash as the runtime does on a machine so busy
// that the cause is there long before the rest, with what the cell has printed above it.
func TestTheCauseOfACrashWaitsForTheReport(t *testing.T) {
	out := lines{text: make(chan string, 10)}
	s, writers, err := newStreams(out, func(id string) string { return id })
	if err != nil {
		t.Fatal(err)
	}
	stderr, crash := writers[1], writers[2]
	s.start()
	write := func(text string) {
		if _, err := stderr.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("mine\n")
	if got := <-out.text; got != "stderr: mine\n" {
		t.Errorf("printed %q", got)
	}
	write("also mine\nruntime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n\n")
	select {
	case got := <-out.text:
		t.Errorf("the cause was shown as output: %q", got)
	case <-time.After(6 * flushAfter):
	}
	for _, line := range []string{"runtime stack:\n", "runtime.throw()\n"} {
		write(line)
		if _, err := crash.WriteString(line); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range writers {
		w.Close()
	}
	report := s.finish()
	s.close()
	if name, value := crashCause(report); name != "fatal error" || !strings.HasPrefix(value, "stack overflow") {
		t.Errorf("%s, %s: of the report %q", name, value, report)
	}
	if got := <-out.text; got != "stderr: also mine\n" {
		t.Errorf("printed %q", got)
	}

	// Where no report follows, it is what somebody printed.
	s, writers, err = newStreams(out, func(id string) string { return id })
	if err != nil {
		t.Fatal(err)
	}
	s.start()
	if _, err := writers[1].WriteString("fatal error: of mine\n"); err != nil {
		t.Fatal(err)
	}
	if got := <-out.text; got != "stderr: fatal error: of mine\n" {
		t.Errorf("printed %q", got)
	}
	for _, w := range writers {
		w.Close()
	}
	s.close()
}
