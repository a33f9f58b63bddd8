// Package native has code in C.
package native

/*
#cgo LDFLAGS: -lm
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "native.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

//export goTwice
func goTwice(n C.int) C.int {
	if n == 13 {
		panic("thirteen")
	}
	return 2 * n
}

// One returns 1.
func One() int { return int(C.one()) }

// Root returns a square root.
func Root(x float64) float64 { return float64(C.sqrt(C.double(x))) }

// Fail returns an error of the C library.
func Fail() error {
	_, err := C.fail()
	return err
}

// Count adds to a variable of C.
func Count(n int) int {
	C.counter += C.int(n)
	return int(C.counter)
}

// Word returns a text of C.
func Word(i int) string { return C.GoString(C.word(C.int(i))) }

// Copy copies a text by way of C's memory.
func Copy(s string) string {
	p := C.CString(s)
	defer C.free(unsafe.Pointer(p))
	return C.GoStringN(p, C.int(C.strlen(p)))
}

// Twice has a thread of C call Go.
func Twice(n int) int { return int(C.twice(C.int(n))) }

// Sum has C call Go n times; the call with 13 panics.
func Sum(n int) (sum int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("Go called from C: %v", v)
		}
	}()
	return int(C.sum(C.int(n))), nil
}
