package poll

import (
	_ "runtime/pprof" // declares the two functions linked to below
	"unsafe"
)

// The runtime keeps these two names reachable for programs that need the label
// of a goroutine (go.dev/issue/67401), so no linker flag is needed.

//go:linkname runtimeGetProfLabel runtime/pprof.runtime_getProfLabel
func runtimeGetProfLabel() unsafe.Pointer

//go:linkname runtimeSetProfLabel runtime/pprof.runtime_setProfLabel
func runtimeSetProfLabel(label unsafe.Pointer)

// currentLabel returns the label of the calling goroutine, or nil.
func currentLabel() unsafe.Pointer { return runtimeGetProfLabel() }

// setLabel gives the calling goroutine a label that another one had.
func setLabel(label unsafe.Pointer) { runtimeSetProfLabel(label) }

// Label returns what identifies the calling goroutine's run, or nil. It is
// equal for all goroutines of a run and differs between runs that are alive.
func Label() unsafe.Pointer { return runtimeGetProfLabel() }
