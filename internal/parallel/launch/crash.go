package launch

import (
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
	"github.com/goparallel/goparallel/internal/parallel/stack"
)

// crash takes what the Go runtime prints when it gives up: the reason, and a
// traceback of every goroutine, of which the user wants to see a few lines.
type crash struct {
	lines  []string
	traced bool // a goroutine's stack has begun, so that it is a crash indeed
}

// crashes begin the lines with the runtime's reasons.
var crashes = []string{"panic: ", "fatal error: ", "runtime: ", "SIG", "unexpected fault address"}

func beginsCrash(line string) bool {
	for _, begin := range crashes {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}

// maxReason limits the lines before the first stack, maxTrace those that are kept.
const (
	maxReason = 30
	maxTrace  = 400
)

// add takes the next line. It returns false if this is no crash after all.
func (c *crash) add(line string) bool {
	c.traced = c.traced || traceback.IsHeader(line)
	if len(c.lines) >= maxTrace {
		return true
	}
	c.lines = append(c.lines, line)
	return c.traced || len(c.lines) <= maxReason
}

// Frames and lines of the reason that a summary shows.
const (
	shownReason = 6
	shownFrames = 8
)

// summary is the reason, and the user's frames of the goroutine that crashed, which is the
// first; where it has none, as a collector of garbage that finds no memory, those of one that
// was at work then. Where nobody has any, it is all frames of the first.
func (c *crash) summary() string {
	var reason []string
	at := 0
	system := false // the stack of the runtime itself, which precedes the others
	for ; at < len(c.lines) && !traceback.IsHeader(c.lines[at]); at++ {
		line := c.lines[at]
		system = system || line == "runtime stack:"
		if line != "" && !system && !strings.HasPrefix(line, "runtime: sp=") {
			reason = append(reason, line)
		}
	}
	first, shown, unseen := []string(nil), []string(nil), false
	for stack := range traceback.Split(strings.Join(c.lines[at:], "\n")) {
		all, users := frames(strings.Split(stack, "\n"))
		if first == nil {
			first, shown = all, users
		} else if _, doing, _ := traceback.State(stack); traceback.Working(doing) {
			shown = users
			unseen = unseen || strings.Contains(stack, traceback.Unavailable)
		}
		if len(shown) > 0 {
			break
		}
	}
	if len(shown) == 0 {
		shown = first
	} else {
		unseen = false
	}
	if len(reason) > shownReason {
		reason = append(reason[:shownReason], "…")
	}
	if len(shown) > shownFrames {
		shown = append(shown[:shownFrames], fmt.Sprintf("… and %d more calls", len(shown)-shownFrames))
	}
	if unseen {
		shown = append(shown, "(Go's runtime could not tell where the goroutines were that ran at that moment)")
	}
	return strings.Join(append(reason, shown...), "\n")
}

// frames returns the calls of a goroutine's stack, whose first line is its header: all, and the user's.
func frames(lines []string) (all, users []string) {
	last := "" // of the user's
	for at := 1; at+1 < len(lines) && lines[at] != ""; at += 2 {
		if strings.HasPrefix(lines[at], "...") || strings.Contains(lines[at], traceback.Unavailable) { // what is left out, in one line
			at--
			continue
		}
		frame := function(lines[at]) + "\n" + position(lines[at+1])
		all = append(all, frame)
		if stack.Ours(lines[at]) || isRuntime(lines[at], lines[at+1]) {
			continue
		}
		if frame != last {
			last = frame
			users = append(users, frame)
		} else {
			users[len(users)-1] = frame + " (again and again)"
		}
	}
	return all, users
}

// function is a line of a traceback without arguments and goroutine numbers, so that
// the same crash has the same summary.
func function(line string) string {
	if name, _, created := strings.Cut(line, " in goroutine "); created {
		return name
	}
	if strings.HasSuffix(line, ")") {
		if open := strings.LastIndexByte(line, '('); open > 0 {
			return line[:open] + "(…)"
		}
	}
	return line
}

// position is the line below, without the offset in the code.
func position(line string) string {
	file, _, _ := strings.Cut(line, " +0x")
	return file
}

// isRuntime reports whether a line of a traceback, with the one below it, is about Go's
// runtime, or about what surrounds an engine: but main is also what the statements of a
// cell are called.
func isRuntime(line, below string) bool {
	if strings.HasPrefix(line, "main.main(") {
		return !strings.Contains(below, "cell-")
	}
	for _, prefix := range []string{"runtime.", "runtime/", "internal/", "github.com/goparallel/goparallel/internal/kernel/host"} {
		if strings.HasPrefix(strings.TrimPrefix(line, "created by "), prefix) {
			return true
		}
	}
	return false
}
