// Package diag is what is said of a cell that does not compile: which line of which cell,
// what is wrong with it, and what may help.
//
// Each stage of a compilation adds to an [Errors]: the scanner of a cell's tokens, the
// parser, the type checker, the session's own rules. Places are those of the text that the
// user typed: line directives in what is parsed give each cell's text a file name of its
// own, [FilePrefix] and the cell's key, from which [UnitOf] gets the cell again. A mistake
// of ours is an error of the cell as well, made by [Bug], so that a session goes on.
package diag

import (
	"fmt"
	"go/scanner"
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

// Add adds what is not said of that line yet.
func (e *Errors) Add(d Diagnostic) {
	same := func(o Diagnostic) bool {
		return o.Unit == d.Unit && o.Line == d.Line && o.Message == d.Message
	}
	if !slices.ContainsFunc(e.List, same) {
		e.List = append(e.List, d)
	}
}

// Sort puts the list in the order of the text.
func (e *Errors) Sort() {
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

// Bug makes an error of a mistake that is not the user's. It has all that a report
// needs.
func Bug(source, format string, args ...any) *Errors {
	return fail("a bug in goparallel: %s\nPlease report it, with this text, at https://github.com/goparallel/goparallel/issues. The cell was:\n%s",
		fmt.Sprintf(format, args...), source)
}

// FilePrefix begins the file name that line directives give to a cell's text;
// the cell's key follows.
const FilePrefix = "cell-"

// UnitOf extracts the unit id from a file name of a line directive.
func UnitOf(filename string) string {
	return strings.TrimPrefix(filename[strings.LastIndexByte(filename, '/')+1:], FilePrefix)
}

// OfParser turns what the parser reports into diagnostics.
func OfParser(err error) []Diagnostic {
	var list []Diagnostic
	if errs, ok := err.(scanner.ErrorList); ok {
		for _, e := range errs {
			list = append(list, Diagnostic{Unit: UnitOf(e.Pos.Filename), Line: e.Pos.Line, Column: e.Pos.Column, Message: e.Msg})
		}
		return list
	}
	return []Diagnostic{{Message: err.Error()}}
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
