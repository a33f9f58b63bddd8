package launch

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Record is a page of memory shared between an engine, which writes it, and its
// parent, which reads it when the engine has died.
type Record struct {
	file *os.File
	page []byte
}

// idle is what the record says between items.
const idle = -1

// NewRecord makes a page that an engine can inherit.
func NewRecord() (*Record, error) {
	fd, err := unix.MemfdCreate("goparallel-record", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("no shared memory for an engine: %w", err)
	}
	f := os.NewFile(uintptr(fd), "record")
	if err := f.Truncate(int64(os.Getpagesize())); err != nil {
		f.Close()
		return nil, err
	}
	return openRecord(f)
}

// openRecord maps the page of a file.
func openRecord(f *os.File) (*Record, error) {
	page, err := unix.Mmap(int(f.Fd()), 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("no shared memory between an engine and its parent: %w", err)
	}
	return &Record{f, page}, nil
}

// Enter notes that work for a call begins; 0 means none. No item runs yet.
func (r *Record) Enter(call uint64) {
	*r.Item() = idle
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&r.page[0])), call)
}

// Item is where the engine notes which item of the call runs, or -1. It is
// written before each item, so it is plain memory: the reader comes later.
func (r *Record) Item() *int64 { return (*int64)(unsafe.Pointer(&r.page[8])) }

// Last returns the call and the item that the engine noted last; the item is
// negative if none was running. The engine must have ended.
func (r *Record) Last() (call uint64, item int) {
	return atomic.LoadUint64((*uint64)(unsafe.Pointer(&r.page[0]))), int(*r.Item())
}

// Close frees the page.
func (r *Record) Close() {
	unix.Munmap(r.page)
	r.file.Close()
}
