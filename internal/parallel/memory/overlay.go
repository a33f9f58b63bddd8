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

// piece is the first n bytes of a file.
type piece struct{ fd, n int }

// overlay returns memory of the Go heap that shows pieces of files, one after the
// other: their pages are mapped, privately, over the pages of the heap object. Pages
// that are written to become the process's own; the others stay shared. The collector
// neither reads nor moves memory without pointers, so it does not see the
// difference. When the memory is garbage, plain pages are put in place of the
// mapped ones, and then released is called.
//
// All pieces together have at least minOverlay bytes, and each but the last fills
// its pages.
func overlay(pieces []piece, released func()) ([]byte, error) {
	total := 0
	for _, p := range pieces {
		total += p.n
	}
	b := Fresh(total)
	start := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(start)%uintptr(pageSize) != 0 {
		return nil, fmt.Errorf("a large object of the heap begins within a page")
	}
	// The last page belongs to the object as a whole: large objects consist of
	// whole pages of the heap, which are multiples of those of the machine.
	pages := roundUp(total)
	plain := func(p *byte) bool {
		return mapOver(unsafe.Pointer(p), pages, -1, unix.MAP_PRIVATE|unix.MAP_ANON) == nil
	}
	at := 0
	for _, p := range pieces {
		if err := mapOver(unsafe.Add(start, at), roundUp(p.n), p.fd, unix.MAP_PRIVATE); err != nil {
			plain((*byte)(start))
			return nil, fmt.Errorf("shared memory could not be mapped: %w", err)
		}
		at += p.n
	}
	runtime.SetFinalizer((*byte)(start), func(p *byte) {
		// Only now the heap may use these addresses for something else. Where this
		// fails the pages stay mapped, and their sender must never write to them
		// again: it is not told.
		if plain(p) {
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
