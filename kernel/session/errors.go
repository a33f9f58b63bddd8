package session

import (
	"fmt"
	"go/scanner"
	"go/types"
	"slices"
	"strings"
)

// A Diagnostic is one thing that is wrong with a cell's source.
type Diagnostic struct {
	// Restart says that a new session would compile the cell: another version of a
	// module is loaded in this one.
	Restart bool
	// Unit is the id of the cell that the position belongs to: usually the one
	// being compiled, another one where a redefinition broke it.
	Unit string
	// Line and Column count from 1, in the text that the user typed; the column
	// is in bytes. Both are 0 where the problem has no place.
	Line, Column int
	// Message is the compiler's, in one line.
	Message string
	// Text is the line itself.
	Text string
	// Hint says what may help. It can be empty.
	Hint string
}

// Errors is why a cell did not compile. It is never empty.
type Errors struct{ List []Diagnostic }

// Error returns all messages, a line for each.
func (e *Errors) Error() string {
	var lines []string
	for _, d := range e.List {
		lines = append(lines, fmt.Sprintf("%d:%d: %s", d.Line, d.Column, d.Message))
	}
	return strings.Join(lines, "\n")
}

func (e *Errors) add(d Diagnostic) {
	same := func(o Diagnostic) bool {
		return o.Unit == d.Unit && o.Line == d.Line && o.Message == d.Message
	}
	if !slices.ContainsFunc(e.List, same) {
		e.List = append(e.List, d)
	}
}

func (e *Errors) sort() {
	slices.SortStableFunc(e.List, func(a, b Diagnostic) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

// fail makes an error without a place.
func fail(format string, args ...any) *Errors {
	return &Errors{List: []Diagnostic{{Message: fmt.Sprintf(format, args...)}}}
}

// bug makes an error of a mistake that is not the user's. It has all that a report
// needs.
func bug(source, format string, args ...any) *Errors {
	return fail("a bug in goparallel: %s\nPlease report it, with this text, at https://github.com/goparallel/goparallel/issues. The cell was:\n%s",
		fmt.Sprintf(format, args...), source)
}

// unitOf extracts the unit id from a file name of a line directive.
func unitOf(filename string) string {
	return strings.TrimPrefix(filename[strings.LastIndexByte(filename, '/')+1:], filePrefix)
}

// syntaxErrors turns what the parser reports into diagnostics.
func syntaxErrors(err error) []Diagnostic {
	var list []Diagnostic
	if errs, ok := err.(scanner.ErrorList); ok {
		for _, e := range errs {
			list = append(list, Diagnostic{Unit: unitOf(e.Pos.Filename), Line: e.Pos.Line, Column: e.Pos.Column, Message: e.Msg})
		}
		return list
	}
	return []Diagnostic{{Message: err.Error()}}
}

// errorClass tells apart the type errors that need treatment of their own.
type errorClass int

const (
	realError errorClass = iota
	unusedVar
	unusedExpr
	initCycle
)

// classOf classifies a type error. go/types carries an error code in a field
// that is not exported yet, so the message decides; the session's tests hold one
// cell for each class.
func classOf(err types.Error) errorClass {
	switch {
	case strings.HasPrefix(err.Msg, "declared and not used: "), strings.HasSuffix(err.Msg, " declared and not used"):
		return unusedVar
	case strings.HasSuffix(err.Msg, " is not used"):
		return unusedExpr
	case strings.HasPrefix(err.Msg, "initialization cycle"):
		return initCycle
	}
	return realError
}

// continueWith adds to an error what the type checker reports as one more, such as
// where the other declaration is.
func (s *Session) continueWith(first *types.Error, more types.Error) {
	at, place := s.fset.Position(first.Pos), s.fset.Position(more.Pos)
	where := fmt.Sprintf("line %d", place.Line)
	if place.Filename != at.Filename {
		where = s.cellName(unitOf(place.Filename)) + ", " + where
	}
	first.Msg += fmt.Sprintf("; %s (%s)", strings.TrimSpace(more.Msg), where)
}

// Indent is what stands before a caret that is to point at a column of text: it
// repeats the tabs of the text, so that the caret stands right at any width of a
// tab.
func Indent(text string, column int) string {
	before := text[:min(max(column-1, 0), len(text))]
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, before)
}
