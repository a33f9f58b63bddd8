package repl

import (
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/magic"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/shown"
)

// place is one thing wrong at one place of a cell.
type place struct {
	cell         string // "cell[3]"
	line, column int    // 1-based, in bytes; 0 where there is no place
	message      string
	text         string // of the line
	hint         string
}

// String is the place and the message in one line, as compilers write it.
func (p place) String() string {
	if p.line == 0 {
		return p.message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.cell, p.line, p.column, p.message)
}

// lines shows the place with its source and a caret under the column.
func (p place) lines() []string {
	lines := strings.Split(p.String(), "\n")
	if p.line > 0 && strings.TrimSpace(p.text) != "" {
		lines = append(lines, "    "+p.text, "    "+diag.Indent(p.text, p.column)+"\x1b[31m^\x1b[0m")
	}
	if p.hint != "" {
		lines = append(lines, "hint: "+p.hint)
	}
	return lines
}

// placesError is the error reply for a cell that is wrong in some places, each
// shown once.
func placesError(name string, places []place) *cell.Error {
	e := &cell.Error{Name: name}
	e.Value, _, _ = strings.Cut(places[0].String(), "\n")
	if more := len(places) - 1; more > 0 {
		e.Value += fmt.Sprintf(" (and %d more)", more)
	}
	for i, p := range places {
		lines := p.lines()
		if i == 0 {
			lines[0] = fmt.Sprintf("\x1b[31m%s\x1b[0m: %s", name, lines[0])
		}
		e.Traceback = append(e.Traceback, lines...)
	}
	return e
}

// compileError is the error reply for what the session's compiler rejects.
func (r *Interpreter) compileError(errs *diag.Errors, req cell.Request) *cell.Error {
	var places []place
	for _, d := range errs.List {
		p := place{cell: r.session.CellName(d.Unit), line: d.Line, column: d.Column, message: shown.InWords(d.Message), text: d.Text, hint: d.Hint}
		p.message = strings.ReplaceAll(p.message, "ᐧoverhead.Run", "%overhead") // the call that the magic was rewritten to
		if p.cell == cellName(req) {
			p.text = sourceLine(req.Code, d.Line) // as typed, where a magic was rewritten
		}
		places = append(places, p)
	}
	return placesError("CompileError", places)
}

// magicError is the error reply for a magic that is used wrongly.
func magicError(err *magic.Error, req cell.Request) *cell.Error {
	return placesError(err.Name, []place{{
		cell: cellName(req), line: err.Line, column: err.Column, message: err.Message,
		text: sourceLine(req.Code, err.Line),
	}})
}

// plainError is an error without a place.
func plainError(name, message string) *cell.Error {
	return placesError(name, []place{{message: message}})
}

func cellName(req cell.Request) string { return fmt.Sprintf("cell[%d]", req.Count) }

// sourceLine returns a line of source, 1-based.
func sourceLine(source string, number int) string {
	lines := strings.Split(source, "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[number-1], "\r")
}
