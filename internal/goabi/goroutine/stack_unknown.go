//go:build !amd64 && !arm64

package goroutine

// StackUsed returns 0, as nothing is known of the stack.
func StackUsed() uintptr { return 0 }
