package launch

import (
	"fmt"
	"strings"

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
	c.traced = c.traced || beginsStack(line)
	if len(c.lines) >= maxTrace {
		return true
	}
	c.lines = append(c.lines, line)
	return c.traced || len(c.lines) <= maxReason
}

// beginsStack reports whether a line is like "goroutine 7 [running]:", with labels and
// addresses or without.
func beginsStack(line string) bool {
	return strings.HasPrefix(line, "goroutine ") && strings.Contains(line, " [") && strings.HasSuffix(line, ":")
}

// Frames and lines of the reason that a summary shows.
const (
	shownReason = 6
	shownFrames = 8
)

// summary is the reason, and the frames of the goroutine that crashed, which is the
// first: the user's, or all where there is none of theirs.
func (c *crash) summary() string {
	var reason, users, all []string
	at := 0
	system := false // the stack of the runtime itself, which precedes the others
	for ; at < len(c.lines) && !beginsStack(c.lines[at]); at++ {
		line := c.lines[at]
		system = system || line == "runtime stack:"
		if line != "" && !system && !strings.HasPrefix(line, "runtime: sp=") {
			reason = append(reason, line)
		}
	}
	last := "" // of the user's frames
	for at++; at+1 < len(c.lines) && c.lines[at] != ""; at += 2 {
		if strings.HasPrefix(c.lines[at], "...") { // frames that are left out, in one line
			at--
			continue
		}
		frame := function(c.lines[at]) + "\n" + position(c.lines[at+1])
		all = append(all, frame)
		if stack.Ours(c.lines[at]) || isRuntime(c.lines[at], c.lines[at+1]) {
			continue
		}
		if frame != last {
			last = frame
			users = append(users, frame)
		} else {
			users[len(users)-1] = frame + " (again and again)"
		}
	}
	if len(users) == 0 {
		users = all
	}
	if len(reason) > shownReason {
		reason = append(reason[:shownReason], "…")
	}
	if len(users) > shownFrames {
		users = append(users[:shownFrames], fmt.Sprintf("… and %d more calls", len(users)-shownFrames))
	}
	return strings.Join(append(reason, users...), "\n")
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
