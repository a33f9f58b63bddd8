package traceback

import (
	"regexp"
	"runtime"
	"strings"
)

// A Goroutine is one of a trace.
type Goroutine struct {
	// State is what it does or waits in: "chan receive".
	State string
	// Frames are its calls, the innermost first, from the last panic on.
	Frames []Frame
}

// A Frame is a call in a stack.
type Frame struct {
	// Function is its whole name, without arguments: "main.(*point).Move".
	Function string
	// File and Line are where it is.
	File, Line string
	// Creator says that it is the go statement which started the goroutine.
	Creator bool
}

var (
	headLine      = regexp.MustCompile(`^goroutine \d+ .*?\[([^,\]]*).*\].*:$`)
	positionLine  = regexp.MustCompile(`^\t(.+):(\d+)(?: \+0x[0-9a-f]+)?(?: .*)?$`)
	creatorSuffix = regexp.MustCompile(` in goroutine \d+$`)
	functionName  = regexp.MustCompile(`^[^ ]+\(.*\)$`)
)

// Parse reads a trace. Frames above the last panic of a goroutine, which belong to its handling,
// are left out.
func Parse(trace string) []Goroutine {
	var all []Goroutine
	for line := range strings.Lines(trace) {
		line = strings.TrimRight(line, "\n")
		if m := headLine.FindStringSubmatch(line); m != nil {
			all = append(all, Goroutine{State: m[1]})
			continue
		}
		if len(all) == 0 {
			continue
		}
		frames := &all[len(all)-1].Frames
		switch {
		case positionLine.MatchString(line) && len(*frames) > 0:
			m := positionLine.FindStringSubmatch(line)
			last := &(*frames)[len(*frames)-1]
			last.File, last.Line = m[1], m[2]
		case strings.HasPrefix(line, "created by "):
			function := creatorSuffix.ReplaceAllString(strings.TrimPrefix(line, "created by "), "")
			*frames = append(*frames, Frame{Function: function, Creator: true})
		case strings.HasPrefix(line, "panic("):
			*frames = nil
		case functionName.MatchString(line):
			*frames = append(*frames, Frame{Function: Function(line)})
		}
	}
	return all
}

// Function is a line of a stack without the list of arguments at its end.
func Function(line string) string {
	depth := 0
	for i := len(line) - 1; i >= 0; i-- {
		switch line[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return line[:i]
			}
		}
	}
	return line
}

// Initialising returns the path of the package whose initialisation the calling goroutine is in,
// or nothing.
func Initialising() string {
	pcs := make([]uintptr, 1<<16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	below := ""
	for {
		frame, more := frames.Next()
		if frame.Function == "runtime.doInit1" {
			slash := strings.LastIndexByte(below, '/') + 1
			name, _, _ := strings.Cut(below[slash:], ".")
			return below[:slash] + strings.ReplaceAll(name, "%2e", ".")
		}
		if !more {
			return ""
		}
		below = frame.Function
	}
}
