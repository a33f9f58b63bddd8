package session_test

import (
	"fmt"
	"testing"
)

// BenchmarkNewCell compiles and runs a cell never seen before.
func BenchmarkNewCell(b *testing.B) {
	n := open(b)
	n.run("import \"fmt\"\nx := 1")
	i := 0
	for b.Loop() {
		i++
		n.run(fmt.Sprintf("x = x + %d\nfmt.Sprint(x)", i))
	}
}

// BenchmarkSameCell runs a cell again unchanged.
func BenchmarkSameCell(b *testing.B) {
	n := open(b)
	n.run("x := 1")
	n.run("x = x + 1\nx")
	for b.Loop() {
		n.run("x = x + 1\nx")
	}
}
