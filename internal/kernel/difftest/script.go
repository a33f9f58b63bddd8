// Package difftest finds wrong answers of sessions. It makes random notebooks, runs
// them in real sessions, and compares what each cell shows with what a Go program
// shows that does the same: the current declarations, and the statements of all
// cells in the order in which they ran.
//
// The stages of a run, each in a file of its own: generate makes a script, model
// says what the rules of docs/notebook.md make of it and writes the program, oracle
// builds the programs of many scripts at once and runs them, run has a session
// run the script, and shrink looks for the smallest script that still differs.
package difftest

import (
	"fmt"
	"slices"
	"strings"
)

// A script is a notebook: its cells in the order in which they run.
type script struct {
	name  string
	cells []entry
	model *model // after all cells; nil for a script that was made from another
}

// An entry is a cell: its text in pieces, so that a script can be made smaller.
type entry struct {
	imports []string
	items   []item
	// last is what the cell shows: an expression, or several with commas between.
	last string
	// del is a name to delete; such a cell holds nothing else.
	del string
}

// An item is a declaration or a statement at the top level of a cell.
type item struct {
	declares bool
	text     string
}

// text is the cell as a user types it.
func (c entry) text() string {
	if c.del != "" {
		return "%del " + c.del
	}
	var b strings.Builder
	for _, path := range c.imports {
		fmt.Fprintf(&b, "import %q\n", path)
	}
	for _, it := range c.items {
		b.WriteString(it.text + "\n")
	}
	b.WriteString(c.last)
	return strings.TrimSuffix(b.String(), "\n")
}

func (c entry) clone() entry {
	c.imports, c.items = slices.Clone(c.imports), slices.Clone(c.items)
	return c
}

// String is the whole script, to be read.
func (s *script) String() string {
	var b strings.Builder
	for i, c := range s.cells {
		fmt.Fprintf(&b, "-- cell %d --\n%s\n", i+1, c.text())
	}
	return b.String()
}
