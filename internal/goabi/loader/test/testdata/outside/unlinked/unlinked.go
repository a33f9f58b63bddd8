// Package unlinked has code in C that the test does not link.
package unlinked

// int one_alone(void) { return 1; }
import "C"

// One returns 1.
func One() int { return int(C.one_alone()) }
