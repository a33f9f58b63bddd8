package memory

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Large is the number of bytes from which pointer-free memory travels as a block
// of its own, and not within other data. Shared is the number from which it
// travels through shared memory where that is possible.
const (
	Large  = 32 << 10
	Shared = 512 << 10
)

// Block is a large piece of pointer-free memory on its way from one process to
// others. Its methods may be called from any goroutine. A block that nobody
// releases is released when it is garbage.
type Block struct {
	size int
	from *Seen // where a block is that came through a segment
	hold *hold // what it keeps others from using again; nil if nothing
	once bool  // the hold goes to the first receiver

	mu      sync.Mutex
	data    []byte   // the memory; nil where from is not
	segment *Segment // where its sender put a copy
	content uint64   // of the segment, then
}

// hold is a reference to a segment that a block shares with what was taken of it.
type hold struct {
	refs  atomic.Int32
	block atomic.Bool // the block's own reference was given back
	from  *Seen       // open until then; what was taken is mapped by itself
	give  func()
}

func (h *hold) drop() {
	if h.refs.Add(-1) == 0 {
		h.give()
	}
}

func (h *hold) release() {
	if !h.block.Swap(true) {
		if h.from != nil {
			h.from.Close()
		}
		h.drop()
	}
}

// holding makes the block the owner of a reference, which give gives back.
func (b *Block) holding(give func()) *Block {
	b.hold = &hold{from: b.from, give: give}
	b.hold.refs.Store(1)
	runtime.AddCleanup(b, (*hold).release, b.hold)
	return b
}

// Of returns a block that is memory. The memory must not change before the block
// has been sent.
func Of(memory []byte) *Block { return &Block{size: len(memory), data: memory} }

// InSegment returns a block of size bytes in shared memory, for its maker to
// write to, or nil where there is none. It holds anything at first. It can be sent
// once.
func InSegment(p *Pool, size int) *Block {
	s := p.New(size)
	if s == nil {
		return nil
	}
	b := &Block{size: size, data: s.data[:size:size], segment: s, content: s.content, once: true}
	return b.holding(s.Release)
}

// Trim makes a block of [InSegment] shorter, before it is sent.
func (b *Block) Trim(size int) { b.size, b.data = size, b.data[:size:size] }

// Snapshot returns a block that is a copy of memory, so made that sending it
// takes no other.
func Snapshot(p *Pool, memory []byte) *Block {
	if s := p.fill(memory); s != nil {
		b := &Block{size: len(memory), data: s.data[:len(memory):len(memory)], segment: s, content: s.content}
		return b.holding(s.Release)
	}
	return Of(bytes.Clone(memory))
}

// FromSegment returns a block that is the first size bytes of another process's
// segment. Give is called once, from any goroutine, when nobody looks at them any
// more and all that was taken of them is garbage.
func FromSegment(from *Seen, size int, give func()) (*Block, error) {
	if size < 1 || size > from.size {
		return nil, fmt.Errorf("%d bytes are not in shared memory of %d bytes", size, from.size)
	}
	from.retain()
	b := &Block{size: size, from: from}
	return b.holding(give), nil
}

// Len is the number of bytes.
func (b *Block) Len() int { return b.size }

// Total is the number of bytes of all blocks.
func Total(blocks []*Block) int {
	total := 0
	for _, b := range blocks {
		total += b.size
	}
	return total
}

// View returns the memory, for reading only, until Release.
func (b *Block) View() ([]byte, error) {
	if b.from == nil {
		return b.data, nil
	}
	view, err := b.from.look()
	if err != nil {
		return nil, err
	}
	return view[:b.size:b.size], nil
}

// Copy returns memory of the Go heap with the same content, which is the
// caller's. Of what came through a segment, only pages that the caller writes to
// are copied.
func (b *Block) Copy() ([]byte, error) {
	if b.from == nil || b.size < minOverlay {
		view, err := b.View()
		if err != nil {
			return nil, err
		}
		to := Fresh(len(view))
		copy(to, view)
		return to, nil
	}
	b.hold.refs.Add(1)
	memory, err := overlay([]piece{b.from.piece(b.size)}, b.hold.drop)
	if err != nil {
		b.hold.drop()
	}
	return memory, err
}

// Take is Copy for the last one who needs the block: it releases it, and does not
// copy memory that the block alone has.
func (b *Block) Take() ([]byte, error) {
	if b.from == nil && b.hold == nil {
		return b.data, nil
	}
	defer b.Release()
	return b.Copy()
}

// Release ends the use of what View returned. It may be called again.
func (b *Block) Release() {
	if b.hold != nil {
		b.hold.release()
	}
}

// Share returns a segment of the pool with the block's content, and with one
// more reference, which the caller gives back by [Segment.Release]. Each segment
// is filled once, however many receivers it goes to. It is nil if the block
// should travel in another way.
func (b *Block) Share(p *Pool) *Segment {
	if b.size < Shared {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.segment != nil && p.retain(b.segment, b.content) {
		if b.once {
			b.Release()
		}
		return b.segment
	}
	memory, err := b.View()
	if err != nil {
		return nil
	}
	if b.segment = p.fill(memory); b.segment != nil {
		b.content = b.segment.content
	}
	return b.segment
}
