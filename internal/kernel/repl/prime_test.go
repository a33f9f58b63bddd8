package repl_test

import "testing"

// TestPrimingLeavesNothing looks for what the host has run before the first cell: a user's cell with the
// same text is the user's, and what the notebook has is nothing.
func TestPrimingLeavesNothing(t *testing.T) {
	n := open(t)
	n.ok("%whos", "The session has declared nothing yet.\n")
	n.ok("%stale", "No cell is stale.\n")
	n.ok("fmt.Sprint(1)", "[imported fmt]=> 1")
	n.ok("_", "=> 1")
	n.ok("fmt.Sprint(2)", "=> 2")
	n = open(t)
	n.fails("_", "CompileError")
	n.ok("type fmt struct{ x int }\nfmt{1}", "=> {x:1}") // the name is free
}
