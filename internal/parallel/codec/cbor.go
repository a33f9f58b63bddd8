package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/fxamacker/cbor/v2"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// Major types of CBOR, in the place where a head has them.
const (
	majorUint  = 0 << 5
	majorInt   = 1 << 5
	majorBytes = 2 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
	simpleNull = 0xf6
)

// Tags of CBOR's value sharing, http://cbor.schmorp.de/value-sharing.
const (
	tagDefinition = 28
	tagReference  = 29
)

// maxDepth limits how deep values may be nested: lists linked by pointers are
// the deepest things that people send.
const maxDepth = 20000

// strict checks data before any of it is decoded. Its limits are the largest
// that the library allows where the length of the data limits them anyway.
var strict = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		MaxArrayElements: 1<<31 - 1,
		MaxMapPairs:      1<<31 - 1,
		MaxNestedLevels:  3*maxDepth + 4,
		IndefLength:      cbor.IndefLengthForbidden,
	}.DecMode()
	if err != nil {
		panic(err) // the options above are constants
	}
	return mode
}()

// wellformed reports whether data is exactly one well-formed CBOR item.
func wellformed(data []byte) error {
	if err := strict.Wellformed(data); err != nil {
		return fmt.Errorf("malformed data: %w", err)
	}
	return nil
}

// encoder appends CBOR to a buffer, and large pieces of memory to the blocks.
type encoder struct {
	buf    []byte
	blocks []*memory.Block
	depth  int
	inline bool    // all memory goes to the buffer
	errors int     // how deep errors are wrapped here
	survey *survey // nil for a type whose values refer to nothing twice
}

// head appends the head of an item: its major type and a number.
func (e *encoder) head(major byte, n uint64) {
	switch {
	case n < 24:
		e.buf = append(e.buf, major|byte(n))
	case n < 1<<8:
		e.buf = append(e.buf, major|24, byte(n))
	case n < 1<<16:
		e.buf = binary.BigEndian.AppendUint16(append(e.buf, major|25), uint16(n))
	case n < 1<<32:
		e.buf = binary.BigEndian.AppendUint32(append(e.buf, major|26), uint32(n))
	default:
		e.buf = binary.BigEndian.AppendUint64(append(e.buf, major|27), n)
	}
}

// bytes appends a byte string.
func (e *encoder) bytes(data []byte) {
	e.head(majorBytes, uint64(len(data)))
	e.buf = append(e.buf, data...)
}

// memory appends the memory of pointer-free elements: a byte string, or, where it
// is large, a block, in whose place its length stands.
func (e *encoder) memory(data []byte) {
	if len(data) < memory.Large || e.inline {
		e.bytes(data)
		return
	}
	e.head(majorUint, uint64(len(data)))
	e.blocks = append(e.blocks, memory.Of(data))
}

// down goes one level deeper; the caller goes up again by e.depth--.
func (e *encoder) down() error {
	if e.depth++; e.depth > maxDepth {
		return errDepth
	}
	return nil
}

// decoder reads CBOR that is well formed, and the blocks that belong to it.
type decoder struct {
	data   []byte          // what is left
	blocks []*memory.Block // those that are left
	take   takeBlock       // how a value comes to consist of a block
	order  []*node         // the types of the codec
	errors int             // how deep errors are wrapped here
	pieces []piece         // what is referred to by number, from 1
	// root is the element that is decoded, and referred to by 0; element is its type.
	root    unsafe.Pointer
	element *node
}

var errShape = errors.New("the data is not of this type")

// head reads the head of an item of the wanted major type. The bytes of floats
// and simple values are not heads.
func (d *decoder) head(major byte) (uint64, error) {
	if len(d.data) == 0 || d.data[0]&0xe0 != major {
		return 0, errShape
	}
	info := d.data[0] & 0x1f
	if info < 24 {
		d.data = d.data[1:]
		return uint64(info), nil
	}
	size := 1 << (info - 24)
	if info > 27 || len(d.data) < 1+size {
		return 0, errShape
	}
	var n uint64
	for _, b := range d.data[1 : 1+size] {
		n = n<<8 | uint64(b)
	}
	d.data = d.data[1+size:]
	return n, nil
}

// count reads the head of an item with n parts of at least min bytes each, and
// refuses one that claims more than the data can hold.
func (d *decoder) count(major byte, min int) (int, error) {
	n, err := d.head(major)
	if err != nil || n > uint64(len(d.data)/min) {
		return 0, errShape
	}
	return int(n), nil
}

// bytes reads a byte string without copying it.
func (d *decoder) bytes() ([]byte, error) {
	n, err := d.count(majorBytes, 1)
	if err != nil {
		return nil, err
	}
	b := d.data[:n:n]
	d.data = d.data[n:]
	return b, nil
}

// takeBlock is one of the methods of a block: Take, Copy where it is needed again, or
// View for who only looks.
type takeBlock func(*memory.Block) ([]byte, error)

// block returns the next block.
func (d *decoder) block() (*memory.Block, error) {
	if len(d.blocks) == 0 {
		return nil, errShape
	}
	b := d.blocks[0]
	d.blocks = d.blocks[1:]
	return b, nil
}

// memory reads what [encoder.memory] wrote. Fresh is true for memory that belongs
// to the value from now on.
func (d *decoder) memory() (data []byte, fresh bool, err error) {
	if len(d.data) == 0 || d.data[0]&0xe0 != majorUint {
		data, err = d.bytes()
		return data, false, err
	}
	n, err := d.head(majorUint)
	if err != nil {
		return nil, false, err
	}
	b, err := d.block()
	if err != nil || uint64(b.Len()) != n {
		return nil, false, errShape
	}
	data, err = d.take(b)
	return data, true, err
}

// fixed reads size bytes that follow the byte first.
func (d *decoder) fixed(first byte, size int) ([]byte, error) {
	if len(d.data) < 1+size || d.data[0] != first {
		return nil, errShape
	}
	b := d.data[1 : 1+size]
	d.data = d.data[1+size:]
	return b, nil
}

// tag reads the head of one of two tags, if one is next, or returns 0.
func (d *decoder) tag() byte {
	if len(d.data) > 1 && d.data[0] == majorTag|24 && (d.data[1] == tagDefinition || d.data[1] == tagReference) {
		tag := d.data[1]
		d.data = d.data[2:]
		return tag
	}
	return 0
}

// null reads a null, if one is next.
func (d *decoder) null() bool {
	if len(d.data) > 0 && d.data[0] == simpleNull {
		d.data = d.data[1:]
		return true
	}
	return false
}
