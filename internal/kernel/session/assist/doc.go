// Package assist answers questions about code that is being typed: what the name at the cursor
// can become, what it is, and whether a cell is complete.
//
// Half-typed code is made checkable (cursor.go): a name stands in for what is typed, brackets are
// closed, lines that are wrong are left out, until the type checker can say what stands before the
// dot or around the cursor. From that follow the candidates: what a scope has (scope.go), what a
// value or a package has (members.go), the nearest first (complete.go), and a page about one thing
// (inspect.go). An [Assistant] reads one state of the session, so that a cell may be compiled
// meanwhile.
package assist
