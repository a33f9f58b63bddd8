package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// The third frame of a message with blocks is their table, of two numbers for
// each: its size in bytes, and where it is. 0 means in a frame of its own, and
// such frames follow in order. Any other number is that of a segment of the
// sender's, and the block is at its start: segments are numbered from 1 in the
// order in which their files come along. A number with the bit atNode is one of a
// depot, from which the receiver's node has the block, or gets it.
const (
	tableEntry = 16
	atNode     = 1 << 63
)

// outgoing is what a link knows of the segments that it has sent.
type outgoing struct {
	pool  *memory.Pool
	depot *memory.Depot // of what the peer gets from its node; may be nil

	mu      sync.Mutex
	closed  bool
	last    uint64
	numbers map[*memory.Segment]uint64
	sent    map[uint64]*lent
}

// lent is a segment that the peer knows.
type lent struct {
	segment *memory.Segment
	blocks  int // those that the peer has not given back
}

// table makes the table of some blocks, and appends those that go as frames. The
// caller holds l.sending.
func (o *outgoing) table(l *Link, blocks []*memory.Block, frames [][]byte) ([]byte, [][]byte) {
	table := make([]byte, 0, len(blocks)*tableEntry)
	for _, b := range blocks {
		number := uint64(0)
		if l.conn.carriesFiles() {
			number = o.lend(l, b)
		} else if o.depot != nil {
			if number = o.depot.Number(b); number != 0 {
				number |= atNode
			}
		}
		table = binary.LittleEndian.AppendUint64(table, uint64(b.Len()))
		table = binary.LittleEndian.AppendUint64(table, number)
		if number == 0 {
			data, err := b.View()
			if err != nil {
				// What it came through cannot be mapped. Its receiver will miss it.
				data = nil
			}
			frames = append(frames, data)
		}
	}
	return table, frames
}

// lend makes a block known to the peer and returns the number of its segment, or
// 0 if it has none.
func (o *outgoing) lend(l *Link, b *memory.Block) uint64 {
	s := b.Share(o.pool)
	if s == nil {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		s.Release()
		return 0
	}
	number, known := o.numbers[s]
	if !known {
		if o.numbers == nil {
			o.numbers, o.sent = map[*memory.Segment]uint64{}, map[uint64]*lent{}
		}
		if !l.conn.attach(s.File()) {
			s.Release()
			return 0
		}
		o.last++
		number = o.last
		o.numbers[s], o.sent[number] = number, &lent{segment: s}
		s.OnClose(func() { o.gone(l, number) })
	}
	o.sent[number].blocks++
	return number
}

// takeBack undoes the lending of a message that was not sent.
func (o *outgoing) takeBack(table []byte) {
	for ; len(table) > 0; table = table[tableEntry:] {
		if number := binary.LittleEndian.Uint64(table[8:]); number != 0 && number&atNode == 0 {
			o.release(number)
		}
	}
}

// release takes back what the peer does not need any more.
func (o *outgoing) release(number uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.sent[number]; s != nil && s.blocks > 0 {
		s.blocks--
		s.segment.Release()
	}
}

// gone tells the peer that a segment is gone.
func (o *outgoing) gone(l *Link, number uint64) {
	o.mu.Lock()
	s := o.sent[number]
	if s != nil {
		delete(o.sent, number)
		delete(o.numbers, s.segment)
	}
	closed := o.closed
	o.mu.Unlock()
	if s != nil && !closed {
		l.sendNow(segmentGone, number)
	}
}

// close takes back all that the peer has: it is gone, or has to go.
func (o *outgoing) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	for _, s := range o.sent {
		for ; s.blocks > 0; s.blocks-- {
			s.segment.Release()
		}
	}
	o.sent, o.numbers = nil, nil
}

// incoming is what a link knows of its peer's segments.
type incoming struct {
	last uint64
	seen map[uint64]*memory.Seen
	node func(number uint64, size int) (*os.File, error) // asks the node; nil where there is none
}

// blocks makes the blocks of a message.
func (in *incoming) blocks(l *Link, table []byte, frames [][]byte) ([]*memory.Block, error) {
	if len(table)%tableEntry != 0 || len(table) == 0 {
		return nil, errors.New("the table of a message's blocks is malformed")
	}
	blocks := make([]*memory.Block, 0, len(table)/tableEntry)
	for ; len(table) > 0; table = table[tableEntry:] {
		size, number := binary.LittleEndian.Uint64(table), binary.LittleEndian.Uint64(table[8:])
		if number == 0 {
			if len(frames) == 0 || uint64(len(frames[0])) != size {
				return nil, fmt.Errorf("a block of %d bytes is missing", size)
			}
			blocks = append(blocks, memory.Of(frames[0]))
			frames = frames[1:]
			continue
		}
		b, err := in.block(l, number, size)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, b)
	}
	if len(frames) > 0 {
		return nil, errors.New("a message has frames that belong to no block")
	}
	return blocks, nil
}

// block finds a block in a segment of the peer, or at the node.
func (in *incoming) block(l *Link, number, size uint64) (*memory.Block, error) {
	if size > 1<<62 {
		return nil, errors.New("the size of a block is out of range")
	}
	if number&atNode != 0 {
		return in.fromNode(number&^atNode, int(size))
	}
	for in.last < number {
		file := l.conn.files.next()
		if file == nil {
			return nil, fmt.Errorf("the peer names shared memory number %d and did not send it", number)
		}
		s, err := memory.Open(file)
		if err != nil {
			return nil, err
		}
		if in.seen == nil {
			in.seen = map[uint64]*memory.Seen{}
		}
		in.last++
		in.seen[in.last] = s
	}
	s := in.seen[number]
	if s == nil {
		return nil, fmt.Errorf("the peer names shared memory number %d, which is gone", number)
	}
	// The collector may give the block back, and must not wait for the peer.
	return memory.FromSegment(s, int(size), func() { go l.sendNow(blockDone, number) })
}

// fromNode has the node fetch a block.
func (in *incoming) fromNode(number uint64, size int) (*memory.Block, error) {
	if in.node == nil {
		return nil, errors.New("the peer names a block of a node, and there is none")
	}
	file, err := in.node(number, size)
	if err != nil {
		return nil, err
	}
	s, err := memory.Open(file)
	if err != nil {
		return nil, err
	}
	defer s.Close() // the block has it
	return memory.FromSegment(s, size, func() {})
}

// forget gives up a segment that the peer does not use any more.
func (in *incoming) forget(number uint64) {
	if s := in.seen[number]; s != nil {
		s.Close()
		delete(in.seen, number)
	}
}

// close gives up all segments.
func (in *incoming) close() {
	for _, s := range in.seen {
		s.Close()
	}
	in.seen = nil
}
