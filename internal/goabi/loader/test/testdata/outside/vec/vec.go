// Package vec has functions in assembly.
package vec

// Add is in assembly.
func Add(a, b int) int

// Call calls, from assembly, a function in Go.
func Call(n int) int

func double(n int) int { return grow(n, 100) }

func grow(n, depth int) int {
	if depth == 0 {
		return 2 * n
	}
	return grow(n, depth-1)
}
