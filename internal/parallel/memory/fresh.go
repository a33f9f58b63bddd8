// Package memory moves large pieces of pointer-free memory between processes
// with as few copies as possible.
//
// A [Block] is such a piece on its way. On one machine it travels through a
// [Segment], memory that both processes have mapped: its sender copies it in,
// once for all receivers, and a receiver either looks at it in place
// ([Block.View]) or takes it over ([Block.Take]) as memory of the Go heap whose
// pages are those of the segment until somebody writes to them. Segments are
// used again when all receivers are done with them: memory that is in use already
// takes a copy three times as fast as fresh memory does.
package memory

import (
	"strings"
	"unsafe"
)

// Fresh returns n bytes that are not cleared, on an address that suits any type.
func Fresh(n int) []byte {
	var b strings.Builder
	b.Grow(max(n, 16)) // below 16 bytes memory need not be aligned
	return unsafe.Slice(unsafe.StringData(b.String()), n)
}
