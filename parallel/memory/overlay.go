package memory

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// minOverlay is the number of bytes from which mapping is cheaper than copying. An
// object of the heap of that size has its pages to itself.
const minOverlay = 256 << 10

// overlay returns memory of the Go heap that shows the first n bytes of a file:
// its pages are mapped, privately, over the pages of the heap object. Pages that
// are written to become the process's own; the others stay shared. The collector
// neither reads nor moves memory without pointers, so it does not see the
// difference. When the memory is garbage, plain pages are put in place of the
// mapped ones, and then released is called.
//
// n is at least minOverlay.
func overlay(fd, n int, released func()) ([]byte, error) {
	b := Fresh(n)
	start := unsafe.Pointer(unsafe.SliceData(b))
	// The last page belongs to the object as a whole: large objects consist of
	// whole pages of the heap, which are multiples of those of the machine.
	pages := roundUp(n)
	if uintptr(start)%uintptr(pageSize) != 0 {
		return nil, fmt.Errorf("a large object of the heap begins within a page")
	}
	if err := mapOver(start, pages, fd, unix.MAP_PRIVATE); err != nil {
		return nil, fmt.Errorf("shared memory could not be mapped: %w", err)
	}
	runtime.SetFinalizer((*byte)(start), func(p *byte) {
		// Only now the heap may use these addresses for something else. Where this
		// fails the pages stay mapped, and their sender must never write to them
		// again: it is not told.
		if mapOver(unsafe.Pointer(p), pages, -1, unix.MAP_PRIVATE|unix.MAP_ANON) == nil {
			released()
		}
	})
	return b, nil
}

// mapOver maps a file, or nothing, over memory that is there.
func mapOver(start unsafe.Pointer, n, fd, flags int) error {
	_, _, errno := unix.Syscall6(unix.SYS_MMAP, uintptr(start), uintptr(n), unix.PROT_READ|unix.PROT_WRITE,
		uintptr(flags|unix.MAP_FIXED), uintptr(fd), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

var pageSize = unix.Getpagesize()

// roundUp rounds up to whole pages.
func roundUp(n int) int { return (n + pageSize - 1) &^ (pageSize - 1) }
