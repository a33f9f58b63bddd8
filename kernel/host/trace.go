package host

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/goparallel/goparallel/kernel/cell"
)

// maxFrames is how many lines a traceback shows at most.
const maxFrames = 20

// valuesLost ends every report of a host's end.
const valuesLost = "The session's values are gone; run the cells again that define them."

// frame is a line of a Go stack trace.
type frame struct {
	function string // "main.(*point).Move"
	file     string
	line     string
	creator  bool // the go statement that started the goroutine
}

// runError describes a failed run, with the cells' own frames of the stack.
func runError(f *failure, cellName func(string) string) *cell.Error {
	first, _, _ := strings.Cut(f.Value, "\n")
	e := &cell.Error{Name: f.Name, Value: first, Traceback: headline(f.Name, f.Value)}
	if f.Stack != "" {
		e.Traceback = append(e.Traceback, describe(userFrames(parseStack(f.Stack)), cellName)...)
	}
	if f.Remote != "" {
		e.Traceback = append(e.Traceback, "", fmt.Sprintf("on engine %d:", f.Engine))
		e.Traceback = append(e.Traceback, describe(userFrames(parseStack("goroutine 0 [running]:\n"+f.Remote)), cellName)...)
	}
	return e
}

// nameCells writes the names that people know in place of the cells' files and
// of the package that cells are compiled as, in text such as a logged position
// or a stack that a cell prints.
func nameCells(text string, cellName func(string) string) string {
	if !strings.Contains(text, "cell-") {
		return text
	}
	text = packagePrefix.ReplaceAllStringFunc(text, func(name string) string {
		label := nameInCells(name)
		if label == "" {
			label = "the cell"
		}
		return label
	})
	return cellReference.ReplaceAllStringFunc(text, func(s string) string {
		if name := cellName(cellReference.FindStringSubmatch(s)[1]); strings.Contains(name, "[") {
			return name + s[strings.LastIndexByte(s, ':'):]
		}
		return s
	})
}

// deathError describes the end of the host process.
func deathError(state *os.ProcessState, report string, killed bool, cellName func(string) string) *cell.Error {
	var e *cell.Error
	switch {
	case killed:
		e = runError(&failure{Name: "Interrupted", Value: "the cell did not stop, so its process was killed"}, cellName)
	case report != "":
		name, value := crashCause(report)
		e = runError(&failure{Name: name, Value: value, Stack: report}, cellName)
	default:
		e = runError(&failure{Name: "Exited", Value: howEnded(state)}, cellName)
	}
	e.Traceback = append(e.Traceback, "", valuesLost)
	return e
}

// howEnded says in words how a process ended without a crash report.
func howEnded(state *os.ProcessState) string {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		if status.Signal() == syscall.SIGKILL {
			return "the process that runs the cells was killed (signal 9): by someone, or by the system for want of memory"
		}
		return fmt.Sprintf("the process that runs the cells was ended by signal %d (%s)", status.Signal(), status.Signal())
	}
	return fmt.Sprintf("the process that runs the cells ended with exit status %d (os.Exit or log.Fatal)", state.ExitCode())
}

// crashCause finds in a crash report what the runtime calls its cause.
func crashCause(report string) (name, value string) {
	for line := range strings.Lines(report) {
		line = strings.TrimRight(line, "\n")
		for _, kind := range []string{"panic", "fatal error"} {
			if rest, ok := strings.CutPrefix(line, kind+": "); ok {
				return kind, rest
			}
		}
	}
	first, _, _ := strings.Cut(report, "\n")
	return "crash", first
}

// headline is the first line of a traceback, with the name in red.
func headline(name, value string) []string {
	return strings.Split(fmt.Sprintf("\x1b[31m%s\x1b[0m: %s", name, value), "\n")
}

var (
	goroutineLine = regexp.MustCompile(`^goroutine \d+ .*\[.*\].*:$`)
	positionLine  = regexp.MustCompile(`^\t(.+):(\d+)(?: \+0x[0-9a-f]+)?(?: .*)?$`)
	creatorSuffix = regexp.MustCompile(` in goroutine \d+$`)
	cellFile      = regexp.MustCompile(`^cell-([0-9A-Za-z_]+)$`)
	cellReference = regexp.MustCompile(`[^\s"'(]*\bcell-([0-9A-Za-z_]+):\d+`)
	packagePrefix = regexp.MustCompile(`(?m)^main\.[^\s(]*`)
	functionName  = regexp.MustCompile(`^[^ ]+\(.*\)$`)
)

// parseStack reads the stack of the first goroutine in a trace that has any
// frame in a cell, or else of the first one. Frames above the last panic, which
// belong to its handling, are left out.
func parseStack(trace string) []frame {
	var first, frames []frame
	inGoroutine := false
	for line := range strings.Lines(trace) {
		line = strings.TrimRight(line, "\n")
		switch {
		case goroutineLine.MatchString(line):
			if hasCell(frames) {
				return frames
			}
			if first == nil {
				first = frames
			}
			inGoroutine, frames = true, nil
		case !inGoroutine:
		case positionLine.MatchString(line) && len(frames) > 0:
			m := positionLine.FindStringSubmatch(line)
			frames[len(frames)-1].file, frames[len(frames)-1].line = m[1], m[2]
		case strings.HasPrefix(line, "created by "):
			function := creatorSuffix.ReplaceAllString(strings.TrimPrefix(line, "created by "), "")
			frames = append(frames, frame{function: function, creator: true})
		case strings.HasPrefix(line, "panic("):
			frames = nil
		case functionName.MatchString(line):
			frames = append(frames, frame{function: line[:argumentsAt(line)]})
		}
	}
	if hasCell(frames) || first == nil {
		return frames
	}
	return first
}

// argumentsAt returns where the argument list at the end of a line begins.
func argumentsAt(line string) int {
	depth := 0
	for i := len(line) - 1; i >= 0; i-- {
		switch line[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(line)
}

func hasCell(frames []frame) bool {
	for _, f := range frames {
		if f.cellID() != "" {
			return true
		}
	}
	return false
}

// cellID returns the unit in whose source the frame is, empty where it is not
// in a cell.
func (f frame) cellID() string {
	if m := cellFile.FindStringSubmatch(filepath.Base(f.file)); m != nil {
		return m[1]
	}
	return ""
}

// userFrames leaves the frames in cells, or, where there are none, those
// outside the runtime and the host.
func userFrames(frames []frame) []frame {
	var user, other []frame
	for _, f := range frames {
		switch {
		case f.cellID() != "":
			user = append(user, f)
		case !internal(f.function):
			other = append(other, f)
		}
	}
	if user != nil {
		return user
	}
	return other
}

// internal reports whether a function belongs to what runs the cells.
func internal(function string) bool {
	for _, prefix := range []string{
		"runtime.", "runtime/", "reflect.", "main.main", "plugin.",
		"github.com/goparallel/goparallel/kernel/",
		"github.com/goparallel/goparallel/parallel/poll",
		"github.com/goparallel/goparallel/parallel/registry",
	} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}

// describe writes frames as people read them: "  cell[3]:5 in pow10".
func describe(frames []frame, cellName func(string) string) []string {
	if len(frames) == 0 {
		return nil
	}
	var lines []string
	times := 0 // that the last line stands for
	end := func() {
		if times > 1 {
			lines[len(lines)-1] += fmt.Sprintf(" (%d times)", times)
		}
	}
	for _, f := range frames {
		line := f.describe(cellName)
		if times > 0 && line == lines[len(lines)-1] {
			times++ // a recursion
			continue
		}
		end()
		times = 1
		lines = append(lines, line)
	}
	end()
	if more := len(lines) - maxFrames; more > 0 {
		lines = append(lines[:maxFrames], fmt.Sprintf("  … %d more", more))
	}
	return append([]string{""}, lines...)
}

// describe writes one frame.
func (f frame) describe(cellName func(string) string) string {
	where := f.file
	if id := f.cellID(); id != "" {
		where = cellName(id)
	}
	if f.line != "" {
		where += ":" + f.line
	}
	name := f.label()
	switch {
	case name == "":
		return "  " + where
	case f.creator:
		return "  " + where + " started by " + name
	}
	return "  " + where + " in " + name
}

var (
	closureSuffix = regexp.MustCompile(`(\.(func|gowrap|deferwrap)?\d+)+(\.\d+)*(-range\d+)?$`)
	versionSuffix = regexp.MustCompile(`ᐧ\d+`)
	generated     = regexp.MustCompile(`^(ᐧ(run|bind|init\d*)_|glob\.$|init$)`)
	lifted        = regexp.MustCompile(`^ᐧlit\d+_`)
)

// label is the name of the function as the user wrote it: without the package
// of the cells, without what the session's compiler added. It is empty for the
// statements of a cell themselves. Functions of other packages keep their
// whole name.
func (f frame) label() string {
	if f.cellID() == "" {
		return f.function
	}
	return nameInCells(f.function)
}

// nameInCells is label for a function that is known to be a cell's.
func nameInCells(function string) string {
	name := function[strings.LastIndexByte(function, '/')+1:]
	_, name, _ = strings.Cut(name, ".")
	base := closureSuffix.ReplaceAllString(name, "")
	literal := base != name
	switch {
	case generated.MatchString(base):
		base = ""
	case lifted.MatchString(base):
		base, literal = "", true
	default:
		base = versionSuffix.ReplaceAllString(base, "")
		base = strings.NewReplacer("ᐧ", "", "ƒ", "", "[...]", "").Replace(base)
	}
	switch {
	case literal && base == "":
		return "a function literal"
	case literal:
		return "a function literal in " + base
	}
	return base
}
