package goruntime

import (
	"fmt"
	"unsafe"
)

// goroutine has the beginning of runtime.g.
type goroutine struct {
	_      [4]uintptr // the stack's bounds and guards
	panics *panicking
	_      [23]uintptr
	// The signal that became a panic, 0 where none did.
	signal            uint32
	_                 int32
	_                 [3]uintptr
	code, address, pc uintptr
}

// panicking has the layout of runtime._panic.
type panicking struct {
	value     any
	link      *panicking
	_         [8]uintptr // where it is in the stack
	recovered bool
	_         bool
	goexit    bool
}

// getg returns the calling goroutine's runtime.g.
func getg() *goroutine

// Panics calls each for the panics of the calling goroutine that are under way,
// the latest first: what a deferred call panics with does not end the panic
// that it was called for. Same says that the value is that of the panic before.
func Panics(each func(value any, recovered, same bool)) {
	words := func(v *any) [2]uintptr { return *(*[2]uintptr)(unsafe.Pointer(v)) }
	for p := getg().panics; p != nil; p = p.link {
		if !p.goexit {
			each(p.value, p.recovered, p.link != nil && words(&p.value) == words(&p.link.value))
		}
	}
}

//go:linkname signalName runtime.signame
func signalName(signal uint32) string

// Signal is what Go prints of the signal that became a panic of the calling
// goroutine, such as one for an access to memory that there is not. It is empty
// where no panic under way was a signal.
func Signal() string {
	g := getg()
	if g.signal == 0 {
		return ""
	}
	return fmt.Sprintf("[signal %s code=%#x addr=%#x pc=%#x]", signalName(g.signal), g.code, g.address, g.pc)
}
