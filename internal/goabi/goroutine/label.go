// Package goroutine knows of the calling goroutine what Go does not tell: its label, by which
// the goroutines of a run are known, and how much stack it uses.
//
// Assumed: the runtime keeps runtime_getProfLabel and runtime_setProfLabel reachable
// (go.dev/issue/67401), so no linker flag is needed; a goroutine inherits the label; the
// bounds of its stack are the first words of runtime.g, which C compilers' code relies on too.
//
// Where a release has it otherwise: a program does not link, which names the function. Without
// inheritance an interrupt leaves the goroutines of a cell running: the doctor's cell
// "interrupt". With other bounds a printer that never ends is not stopped, or all are: the
// tests of LimitStack in package poll.
package goroutine

import (
	_ "runtime/pprof" // declares the two functions linked to below
	"unsafe"
)

//go:linkname runtimeGetProfLabel runtime/pprof.runtime_getProfLabel
func runtimeGetProfLabel() unsafe.Pointer

//go:linkname runtimeSetProfLabel runtime/pprof.runtime_setProfLabel
func runtimeSetProfLabel(label unsafe.Pointer)

// Label returns the label of the calling goroutine, which package runtime/pprof sets, or nil. It
// is equal for goroutines that have it from one another.
func Label() unsafe.Pointer { return runtimeGetProfLabel() }

// SetLabel gives the calling goroutine a label that another one had.
func SetLabel(label unsafe.Pointer) { runtimeSetProfLabel(label) }
