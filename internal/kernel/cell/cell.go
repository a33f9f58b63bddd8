// Package cell holds the words that the kernel and an interpreter share: what
// a front end asks to be run, where its output goes, and how it ended. It
// imports nothing of this module, so that the protocol
// (package kernel), the interpreter (package repl) and the notebook runner
// agree without knowing each other.
package cell

import (
	"context"
	"fmt"
	"strings"
)

// Request is one piece of source that a front end wants executed.
type Request struct {
	// Code is the text of the cell, exactly as the user typed it.
	Code string
	// ID tells the cell from others of the notebook, also when its text is changed. It
	// is empty where the front end does not say.
	ID string
	// Count is the execution count that the front end shows as In [Count].
	Count int
	// Silent asks for execution without any broadcast output or result.
	Silent bool
	// StoreHistory reports whether the cell is kept in the history.
	StoreHistory bool
	// Expressions are evaluated after a successful cell, by name.
	Expressions map[string]string
	// AllowStdin reports whether the front end can answer Output.Input.
	AllowStdin bool
}

// Bundle is one value in several representations, by MIME type. Text types
// hold strings, image types hold []byte or base64 strings, and JSON types hold
// values that encoding/json can marshal.
type Bundle map[string]any

// ErrorValue is the key of a result's metadata that holds the type and text of an
// error which the cell has as its value, or among its values.
const ErrorValue = "goparallel.error"

// Output receives what a running cell shows, in order. Its methods may be
// called from several goroutines. None of them blocks for longer than the front
// end's back-pressure demands.
type Output interface {
	// Stream appends text to "stdout" or "stderr".
	Stream(name, text string)
	// Display shows a bundle. With a non-empty id, later Updates replace it.
	Display(data Bundle, metadata map[string]any, id string)
	// Update replaces the display with the given id, in whichever cell it is.
	Update(data Bundle, metadata map[string]any, id string)
	// Result shows the value of the cell's last expression as Out[Count].
	Result(data Bundle, metadata map[string]any)
	// Clear removes the cell's output, at once or, with wait, when the next
	// output arrives.
	Clear(wait bool)
	// Input asks the user for a line. It returns an error at once where the
	// front end cannot be asked, and ctx's error when ctx ends first.
	Input(ctx context.Context, prompt string, password bool) (string, error)
	// Comm sends a message of a comm to the front end, also of a silent cell.
	Comm(m Comm)
}

// Reply says how a cell ended.
type Reply struct {
	// Err is nil where the cell ran to its end.
	Err *Error
	// Payloads are the side effects on the front end that the protocol allows,
	// such as {"source": "page", "data": {...}, "start": 0}.
	Payloads []map[string]any
	// Expressions holds, for each name of Request.Expressions, either
	// {"status": "ok", "data": …, "metadata": …} or an error in the same form.
	Expressions map[string]any
}

// Error is a failed cell as the front end shows it. Each fact appears in it
// once: Traceback already contains Name and Value, formatted for people.
type Error struct {
	// Name is the kind of failure: "CompileError", "panic", "Interrupted", ….
	Name string
	// Value is the message in one line.
	Value string
	// Traceback is what is printed, a string for each line, possibly with ANSI
	// colours. It is never nil.
	Traceback []string
	// Stack is Go's own text of the stack, for those who want to see all of it. It may
	// be empty.
	Stack string
}

// Error returns the name and the value.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Name, e.Value) }

// Text returns the traceback as one text.
func (e *Error) Text() string { return strings.Join(e.Traceback, "\n") }

// Past is a cell that has run, in this session or in an earlier one.
type Past struct {
	// Count is its execution count.
	Count int
	// Code is its text.
	Code string
}

// Completeness tells a console whether a piece of source can be run.
type Completeness struct {
	// Status is "complete", "incomplete", "invalid" or "unknown".
	Status string
	// Indent is what the next line should start with, where incomplete.
	Indent string
}

// Completion is one way to go on at the cursor.
type Completion struct {
	// Text replaces the code between Completions.Start and End.
	Text string
	// Kind is "function", "variable", "type", "constant", "package", "field",
	// "method", "keyword", "magic" or "path".
	Kind string
	// Signature is a function's parameters and results, or a variable's type.
	Signature string
}

// Completions are the ways to go on at the cursor.
type Completions struct {
	// Start and End delimit what is replaced, in Unicode code points.
	Start, End int
	// Items may be empty.
	Items []Completion
	// Import, if not empty, is a line that all items need. It is to be inserted
	// at ImportAt, in code points, which begins a line.
	Import   string
	ImportAt int
}

// Inspection is the documentation of the name at the cursor.
type Inspection struct {
	// Found is false where nothing is known.
	Found bool
	// Data always holds text/plain where Found.
	Data Bundle
}

// Interpreter runs cells. The kernel calls Execute from one goroutine at a
// time; the other methods may be called while a cell runs.
type Interpreter interface {
	// Execute runs a cell. All of its output has been handed to out when it
	// returns. It returns an error reply, never a Go error: whatever happens to
	// the process that runs the cell, the interpreter can run the next one.
	// When ctx ends, the cell is interrupted.
	Execute(ctx context.Context, req Request, out Output) Reply
	// Interrupt stops the running cell and the handling of a comm's message, if there
	// are any, and returns at once. A second call while the same cell is still running
	// ends its process.
	Interrupt()
	// IsComplete judges code without running it.
	IsComplete(code string) Completeness
	// Complete lists continuations at cursor, in code points.
	Complete(ctx context.Context, code string, cursor int) Completions
	// Inspect documents the name at cursor, in code points. Detail 1 asks for
	// the source as well.
	Inspect(ctx context.Context, code string, cursor, detail int) Inspection
	// Background sets where output goes that arrives while no cell runs, such
	// as prints of a goroutine that outlived its cell.
	Background(out Output)
	// Comm hands the session a message that the front end sent on a comm, and returns
	// when what it is for has been done, or ctx ends. One for a comm that the session
	// does not have is answered by closing it. What a handler shows goes where the
	// output of goroutines goes. The kernel calls it from one goroutine at a time.
	Comm(ctx context.Context, m Comm) *Error
	// Close ends the interpreter's processes and removes its files.
	Close() error
}

// Gist is the line by which a person recognises a cell.
func Gist(code string) string {
	for line := range strings.Lines(code) {
		if line = strings.TrimSpace(line); line != "" {
			if runes := []rune(line); len(runes) > 60 {
				return string(runes[:59]) + "…"
			}
			return line
		}
	}
	return ""
}
