package main

import (
	"slices"
	"unsafe"
)

// thousand are functions that differ in their code: the compiler makes an
// instance of one for each three of ten types.
var thousand = slices.Concat(
	hundred[t0](), hundred[t1](), hundred[t2](), hundred[t3](), hundred[t4](),
	hundred[t5](), hundred[t6](), hundred[t7](), hundred[t8](), hundred[t9](),
)

func hundred[A any]() []func(int) int {
	return slices.Concat(
		ten[A, t0](), ten[A, t1](), ten[A, t2](), ten[A, t3](), ten[A, t4](),
		ten[A, t5](), ten[A, t6](), ten[A, t7](), ten[A, t8](), ten[A, t9](),
	)
}

func ten[A, B any]() []func(int) int {
	return []func(int) int{
		one[A, B, t0], one[A, B, t1], one[A, B, t2], one[A, B, t3], one[A, B, t4],
		one[A, B, t5], one[A, B, t6], one[A, B, t7], one[A, B, t8], one[A, B, t9],
	}
}

// one returns a number that depends on the types, so that no two are alike.
func one[A, B, C any](x int) int {
	var a A
	var b B
	var c C
	return x + int(100*unsafe.Sizeof(a)+10*unsafe.Sizeof(b)+unsafe.Sizeof(c))
}

type (
	t0 [0]byte
	t1 [1]byte
	t2 [2]byte
	t3 [3]byte
	t4 [4]byte
	t5 [5]byte
	t6 [6]byte
	t7 [7]byte
	t8 [8]byte
	t9 [9]byte
)
