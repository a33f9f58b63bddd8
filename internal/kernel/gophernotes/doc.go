// Package gophernotes builds the kernel gophernotes with views and plots in it,
// for notebooks that shall stay in it.
//
// gophernotes is a program and cannot be imported, so it is extended when it is
// built: its source, which gophernotes.mod pins as a tool, is copied out of the module cache
// and gets one more file, whose init registers packages with the interpreter, as
// gomacro provides for. Nothing of theirs is in this repository.
//
// The packages that cells import by the names of parallel and plots are those that
// an interpreter can use: package parallel below this one, and plots itself.
package gophernotes
