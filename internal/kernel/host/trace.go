package host

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

const (
	// maxFrames is how many lines a traceback shows at most.
	maxFrames = 20
	// maxGoroutines is how many different goroutines it shows at most.
	maxGoroutines = 5
)

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
	e.Stack = nameCells(f.Stack, cellName)
	switch {
	case f.All:
		e.Traceback = append(e.Traceback, describeAll(parseGoroutines(f.Stack), cellName)...)
	case f.Stack != "":
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
		at := strings.Index(name, "main.")
		label := nameInCells(name[at:])
		if label == "" {
			label = "the cell"
		}
		return name[:at] + label
	})
	return cellReference.ReplaceAllStringFunc(text, func(s string) string {
		if name := cellName(cellReference.FindStringSubmatch(s)[1]); strings.Contains(name, "[") {
			return name + s[strings.LastIndexByte(s, ':'):]
		}
		return s
	})
}

// nameStacks writes the frames of cells in a text, which are two lines each, as
// those of a traceback.
func nameStacks(text string, cellName func(string) string) string {
	return cellFrame.ReplaceAllStringFunc(text, func(s string) string {
		m := cellFrame.FindStringSubmatch(s)
		function, creator := strings.CutPrefix(m[1], "created by ")
		f := frame{function: function[:argumentsAt(function)], file: m[2], line: m[3], creator: creator}
		return f.describe(cellName)
	})
}

// headline is the first line of a traceback, with the name in red.
func headline(name, value string) []string {
	return strings.Split(fmt.Sprintf("\x1b[31m%s\x1b[0m: %s", name, value), "\n")
}

var (
	goroutineLine = regexp.MustCompile(`^goroutine \d+ .*?\[([^,\]]*).*\].*:$`)
	positionLine  = regexp.MustCompile(`^\t(.+):(\d+)(?: \+0x[0-9a-f]+)?(?: .*)?$`)
	creatorSuffix = regexp.MustCompile(` in goroutine \d+$`)
	cellFile      = regexp.MustCompile(`^cell-([0-9A-Za-z_]+)$`)
	cellReference = regexp.MustCompile(`[^\s"'(]*\bcell-([0-9A-Za-z_]+):\d+`)
	cellFrame     = regexp.MustCompile(`(?m)^(created by \S+|\S.*\))(?: in goroutine \d+)?\n\t(\S*\bcell-[0-9A-Za-z_]+):(\d+)(?: \+0x[0-9a-f]+)?`)
	packagePrefix = regexp.MustCompile(`(?m)^(\[stderr:\d+\] )?(created by )?main\.(\(\*[^)\s]*\))?[^\s(]*`)
	functionName  = regexp.MustCompile(`^[^ ]+\(.*\)$`)
)

// goroutine is one of a trace.
type goroutine struct {
	state  string // "chan receive"
	frames []frame
}

// parseStack reads the stack of the first goroutine in a trace that has any
// frame in a cell, or else of the first one.
func parseStack(trace string) []frame {
	all := parseGoroutines(trace)
	for _, g := range all {
		if hasCell(g.frames) {
			return g.frames
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[0].frames
}

// parseGoroutines reads a trace. Frames above the last panic of a goroutine,
// which belong to its handling, are left out.
func parseGoroutines(trace string) []goroutine {
	var all []goroutine
	for line := range strings.Lines(trace) {
		line = strings.TrimRight(line, "\n")
		if m := goroutineLine.FindStringSubmatch(line); m != nil {
			all = append(all, goroutine{state: m[1]})
			continue
		}
		if len(all) == 0 {
			continue
		}
		frames := &all[len(all)-1].frames
		switch {
		case positionLine.MatchString(line) && len(*frames) > 0:
			m := positionLine.FindStringSubmatch(line)
			last := &(*frames)[len(*frames)-1]
			last.file, last.line = m[1], m[2]
		case strings.HasPrefix(line, "created by "):
			function := creatorSuffix.ReplaceAllString(strings.TrimPrefix(line, "created by "), "")
			*frames = append(*frames, frame{function: function, creator: true})
		case strings.HasPrefix(line, "panic("):
			*frames = nil
		case functionName.MatchString(line):
			*frames = append(*frames, frame{function: line[:argumentsAt(line)]})
		}
	}
	return all
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
		"runtime.", "runtime/", "reflect.", "main.main",
		"github.com/goparallel/goparallel/kernel/", "github.com/goparallel/goparallel/internal/kernel/",
		"github.com/goparallel/goparallel/internal/parallel/poll",
		"github.com/goparallel/goparallel/internal/parallel/registry",
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

// describeAll writes the goroutines of a trace that are in cells, equal ones
// once.
func describeAll(all []goroutine, cellName func(string) string) []string {
	type kind struct {
		state, text string
		times       int
	}
	var kinds []kind
	for _, g := range all {
		if !hasCell(g.frames) {
			continue
		}
		text := strings.Join(describe(userFrames(g.frames), cellName), "\n")
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.state == g.state && k.text == text })
		if i < 0 {
			i = len(kinds)
			kinds = append(kinds, kind{g.state, text, 0})
		}
		kinds[i].times++
	}
	var lines []string
	for i, k := range kinds {
		if i == maxGoroutines {
			lines = append(lines, "", fmt.Sprintf("… and %d more", len(kinds)-i))
			break
		}
		who := "a goroutine waits"
		if k.times > 1 {
			who = fmt.Sprintf("%d goroutines wait", k.times)
		}
		lines = append(lines, "", who+" in "+k.state+":")
		lines = append(lines, strings.Split(strings.TrimPrefix(k.text, "\n"), "\n")...)
	}
	return lines
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
	case name == "" && f.creator:
		return "  " + where + " started it"
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
	generated     = regexp.MustCompile(`^(ᐧbind_|glob\.$|init$|main$)`)
	initFunction  = regexp.MustCompile(`^init\.\d+$`)
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
	literal := base != name && !initFunction.MatchString(name)
	if generated.MatchString(base) {
		base = ""
	} else {
		base = versionSuffix.ReplaceAllString(base, "")
		base = strings.NewReplacer("ᐧ", "", "[...]", "").Replace(base)
	}
	switch {
	case literal && base == "":
		return "a function literal"
	case literal:
		return "a function literal in " + base
	}
	return base
}
