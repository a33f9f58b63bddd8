package memory

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"weak"

	"golang.org/x/sys/unix"
)

// Depot numbers blocks that several processes of another machine want: it is told to them by its number, and goes to
// that machine once. Its methods may be called from any goroutine. A depot keeps no block.
type Depot struct {
	mu      sync.Mutex
	last    uint64
	numbers map[weak.Pointer[Block]]uint64
	blocks  map[uint64]weak.Pointer[Block]
}

// Offer gives a block a number if it is as large as blocks are that travel through shared memory. Its memory must not change while somebody may
// be sent it.
func (d *Depot) Offer(b *Block) {
	if b.Len() < Shared {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := weak.Make(b)
	if d.numbers[key] != 0 {
		return
	}
	if d.numbers == nil {
		d.numbers, d.blocks = map[weak.Pointer[Block]]uint64{}, map[uint64]weak.Pointer[Block]{}
	}
	d.last++
	d.numbers[key], d.blocks[d.last] = d.last, key
	runtime.AddCleanup(b, func(number uint64) {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.numbers, d.blocks[number])
		delete(d.blocks, number)
	}, d.last)
}

// Number returns the number of a block, or 0 if it was not offered.
func (d *Depot) Number(b *Block) uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.numbers[weak.Make(b)]
}

// Find returns the block with a number, or nil where nobody has that any more.
func (d *Depot) Find(number uint64) *Block {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.blocks[number].Value()
}

// NewFile makes a file of shared memory without a name, of a size that cannot change, for [Open] of other processes.
func NewFile(size int) (*os.File, error) {
	fd, err := unix.MemfdCreate("goparallel-values", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("no shared memory: %w", err)
	}
	f := os.NewFile(uintptr(fd), "goparallel-values")
	err = f.Truncate(int64(size))
	if err == nil {
		// A reader would be killed where the file ends before it should.
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("no shared memory: %w", err)
	}
	return f, nil
}
