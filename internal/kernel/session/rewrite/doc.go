// Package rewrite makes the code of a unit of a cell that was checked: what the user wrote, with
// small edits, and what makes one program of all cells.
//
// [Generate] gives the cell's declarations their symbols (declare.go) and writes the unit's
// parts one after the other:
//
//   - the function that runs the cell's statements, and initialises its variables in Go's order
//     (statements.go, variables.go);
//   - the declarations themselves (generate.go), and those of other units that the text refers
//     to, as far as a unit needs them (extern.go, forward.go, newest.go);
//   - what is told when the unit is loaded: types and variables that are carried over
//     (announce.go), functions, types and errors for engines (register*.go).
//
// A renderer (render.go) writes a text: it replaces names by what the unit calls them, and adds
// the looks at the flag that an interrupt raises. Where those stand is in poll.go, strip.go
// (tight loops), after.go and waits.go (behind what waits), callback.go (functions that packages
// call). Function literals and method values that views can be given travel as literal.go and
// methodvalue.go say, and files of //go:embed directives come in by embed.go.
//
// No process is started and nothing compiled here; files are read for embed.go alone.
package rewrite
