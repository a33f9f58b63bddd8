//go:build amd64 || arm64

package goroutine

// StackUsed returns how many bytes of stack the calling goroutine uses. The place
// of the stack's bounds in the runtime's description of a goroutine is fixed, since
// code made by C compilers looks there, too.
func StackUsed() uintptr
