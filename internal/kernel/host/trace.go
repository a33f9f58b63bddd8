package host

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
	"github.com/goparallel/goparallel/internal/kernel/cell"
)

const (
	// maxFrames is how many lines a traceback shows at most.
	maxFrames = 20
	// maxGoroutines is how many different goroutines it shows at most.
	maxGoroutines = 5
)

// runError describes a failed run, with the cells' own frames of the stack.
func runError(f *failure, cellName func(string) string) *cell.Error {
	first, _, _ := strings.Cut(f.Value, "\n")
	e := &cell.Error{Name: f.Name, Value: first, Traceback: headline(f.Name, f.Value)}
	e.Stack = nameCells(f.Stack, cellName)
	switch {
	case f.All:
		e.Traceback = append(e.Traceback, describeAll(traceback.Parse(f.Stack), cellName)...)
	case f.Stack != "":
		e.Traceback = append(e.Traceback, describe(userFrames(parseStack(f.Stack)), cellName)...)
	}
	if f.Remote != "" {
		e.Traceback = append(e.Traceback, "", fmt.Sprintf("on engine %d:", f.Engine))
		e.Traceback = append(e.Traceback, describe(userFrames(parseStack(traceback.Unnumbered+f.Remote)), cellName)...)
	}
	return e
}

// nameCells writes the names that people know in place of the cells' files and
// of the package that cells are compiled as, in text such as a logged position,
// a stack that a cell prints, or what runtime.Caller returns.
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
			return name + cellReference.FindStringSubmatch(s)[2]
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
		return describeFrame(traceback.Frame{Function: traceback.Function(function), File: m[2], Line: m[3], Creator: creator}, cellName)
	})
}

// headline is the first line of a traceback, with the name in red.
func headline(name, value string) []string {
	return strings.Split(fmt.Sprintf("\x1b[31m%s\x1b[0m: %s", name, value), "\n")
}

var (
	cellFile      = regexp.MustCompile(`^cell-([0-9A-Za-z_]+)$`)
	cellReference = regexp.MustCompile(`(?:/[^\s"'(]*/|\b)cell-([0-9A-Za-z_]+)(:\d+)?`)
	cellFrame     = regexp.MustCompile(`(?m)^(created by \S+|\S.*\))(?: in goroutine \d+)?\n\t(\S*\bcell-[0-9A-Za-z_]+):(\d+)(?: \+0x[0-9a-f]+)?`)
	packagePrefix = regexp.MustCompile(`(?m)^(\[stderr:\d+\] )?(created by )?main\.(\(\*[^)\s]*\))?[^\s(]*`)
)

// parseStack reads the stack of the first goroutine in a trace that has any
// frame in a cell, or else of the first one.
func parseStack(trace string) []traceback.Frame {
	all := traceback.Parse(trace)
	for _, g := range all {
		if hasCell(g.Frames) {
			return g.Frames
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[0].Frames
}

func hasCell(frames []traceback.Frame) bool {
	for _, f := range frames {
		if cellID(f) != "" {
			return true
		}
	}
	return false
}

// cellID returns the unit in whose source the frame is, empty where it is not
// in a cell.
func cellID(f traceback.Frame) string {
	if m := cellFile.FindStringSubmatch(filepath.Base(f.File)); m != nil {
		return m[1]
	}
	return ""
}

// userFrames leaves the frames in cells, or, where there are none, those
// outside the runtime and the host.
func userFrames(frames []traceback.Frame) []traceback.Frame {
	var user, other []traceback.Frame
	for _, f := range frames {
		switch {
		case cellID(f) != "":
			user = append(user, f)
		case !internal(f.Function):
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
func describe(frames []traceback.Frame, cellName func(string) string) []string {
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
		line := describeFrame(f, cellName)
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
func describeAll(all []traceback.Goroutine, cellName func(string) string) []string {
	type kind struct {
		state, text string
		times       int
	}
	var kinds []kind
	for _, g := range all {
		if !hasCell(g.Frames) {
			continue
		}
		text := strings.Join(describe(userFrames(g.Frames), cellName), "\n")
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.state == g.State && k.text == text })
		if i < 0 {
			i = len(kinds)
			kinds = append(kinds, kind{g.State, text, 0})
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

// describeFrame writes one frame.
func describeFrame(f traceback.Frame, cellName func(string) string) string {
	where := f.File
	if id := cellID(f); id != "" {
		where = cellName(id)
	}
	if f.Line != "" {
		where += ":" + f.Line
	}
	name := label(f)
	switch {
	case name == "" && f.Creator:
		return "  " + where + " started it"
	case name == "":
		return "  " + where
	case f.Creator:
		return "  " + where + " started by " + name
	}
	return "  " + where + " in " + name
}

var (
	versionSuffix = regexp.MustCompile(`ᐧ\d+`)
	generated     = regexp.MustCompile(`^(ᐧbind_|init$|main$)`)
)

// label is the name of the function as the user wrote it: without the package
// of the cells, without what the session's compiler added. It is empty for the
// statements of a cell themselves. Functions of other packages keep their
// whole name.
func label(f traceback.Frame) string {
	if cellID(f) == "" {
		return f.Function
	}
	return nameInCells(f.Function)
}

// nameInCells is label for a function that is known to be a cell's.
func nameInCells(function string) string {
	base, literal := traceback.Declared(function)
	if generated.MatchString(base) {
		base = ""
	} else {
		base = strings.ReplaceAll(versionSuffix.ReplaceAllString(base, ""), "ᐧ", "")
	}
	switch {
	case literal && base == "":
		return "a function literal"
	case literal:
		return "a function literal in " + base
	}
	return base
}
