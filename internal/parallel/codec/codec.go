// Package codec turns Go values into bytes and back, between processes that run
// the same code.
//
// Elements of fixed size without pointers travel as their memory. Everything
// else travels as CBOR (RFC 8949): structs and arrays as arrays, strings as byte
// strings, and slices of pointer-free elements, wherever they stand, as byte
// strings of their memory. Unexported fields travel like any other. Memory without
// pointers that is large stays where it is: next to the bytes there is a
// [memory.Block] for each such piece, and what is decoded may consist of it.
//
// Within one element, what is referred to more than once stays one: pointers to one value, rings,
// maps, slices that overlap, and pointers to what stands in a slice, an array or a struct
// that travels with them, or in the element itself. Of an array that slices lead into, what
// some slice or pointer shows travels; a slice's capacity ends there. Apart become what two
// elements of a call share, slices of one array that do not overlap, and memory that is
// seen as two types of which none is part of the other. Nobody looks for this in types
// whose values cannot refer to anything twice.
//
// What cannot keep its meaning in another process (channels, functions, locks,
// open files, interfaces with methods that no named type has) is refused by type, before any value
// is looked at. Types that implement encoding.BinaryMarshaler and
// BinaryUnmarshaler travel as those methods say.
package codec

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// Codec encodes and decodes elements of one type. It may be used by any number
// of goroutines.
type Codec struct {
	// Type is the type of the elements.
	Type   reflect.Type
	node   *node
	order  []*node // of the types that it consists of
	shares bool    // values may refer to something twice
	open   bool    // values may hold what is of a type that is not among these
}

// Refusal says which part of a type cannot travel.
type Refusal struct {
	// Path leads from the type to the part: "config.handlers[].fn".
	Path string
	// Reason says what is there.
	Reason string
}

// Error joins path and reason.
func (r *Refusal) Error() string { return r.Path + " " + r.Reason }

// cache holds the codecs made so far, by type.
var cache sync.Map

// Travels is the error of [For], for a time before all types are named that interfaces may hold: it
// lets interfaces pass.
func Travels(t reflect.Type) error {
	_, err := (&builder{nodes: map[reflect.Type]*node{}, early: true}).build(t, typeName(t))
	return err
}

// For returns the codec for elements of type t, or a [*Refusal].
func For(t reflect.Type) (*Codec, error) {
	if c, ok := cache.Load(t); ok {
		return c.(*Codec), nil
	}
	b := &builder{nodes: map[reflect.Type]*node{}}
	n, err := b.build(t, typeName(t))
	if err != nil {
		return nil, err
	}
	c, _ := cache.LoadOrStore(t, &Codec{t, n, b.order, n.canShare(), b.open()})
	return c.(*Codec), nil
}

// typeName is how a type is called at the start of a path.
func typeName(t reflect.Type) string {
	if t.Name() != "" {
		return t.Name()
	}
	return t.String()
}

// open reports whether there is an interface among the types.
func (b *builder) open() bool {
	return slices.ContainsFunc(b.order, func(n *node) bool { return n.t.Kind() == reflect.Interface })
}

// Open reports whether elements have interfaces, which may hold values of all types that have a
// name: whoever decodes them must know those.
func (c *Codec) Open() bool { return c.open }

// Raw reports whether elements travel as their memory.
func (c *Codec) Raw() bool { return c.node.raw }

// Encode returns n elements, which stand one after the other from base, as bytes
// and blocks. Raw elements are not copied: the bytes, or the only block, are their
// memory, and so are the blocks of other types. They are of use for as long as
// nobody writes to the elements.
func (c *Codec) Encode(base unsafe.Pointer, n int) (data []byte, blocks []*memory.Block, err error) {
	return c.EncodeInto(nil, base, n)
}

// mostReserved limits the bytes that are reserved because of the size of a first
// element; the others may be smaller.
const mostReserved = 16 << 20

// EncodeInto is Encode, but for elements that are not raw it uses the buffer,
// whatever it holds, if that is large enough.
func (c *Codec) EncodeInto(buffer []byte, base unsafe.Pointer, n int) (data []byte, blocks []*memory.Block, err error) {
	defer recovered(&err)
	if c.node.raw {
		data = unsafe.Slice((*byte)(base), uintptr(n)*c.Type.Size())
		if len(data) < memory.Large {
			return data, nil, nil
		}
		return nil, []*memory.Block{memory.Of(data)}, nil
	}
	e := &encoder{buf: buffer[:0]}
	if err := c.encode(e, base, n); err != nil {
		return nil, nil, err
	}
	return e.buf, e.blocks, nil
}

// encode encodes elements; raw ones, as they stand in other values, too.
func (c *Codec) encode(e *encoder, base unsafe.Pointer, n int) error {
	if c.shares {
		e.survey = new(survey)
	}
	e.head(majorArray, uint64(n))
	for i := range n {
		p := unsafe.Add(base, uintptr(i)*c.Type.Size())
		if c.shares {
			if err := e.survey.visit(c.node, p); err != nil {
				return fmt.Errorf("element %d: %w", i, err)
			}
		}
		if err := c.node.encode(e, p); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		if i == 0 {
			e.buf = slices.Grow(e.buf, min(len(e.buf)*(n-1), mostReserved))
		}
	}
	return nil
}

// Decode writes n elements to the memory from base, which must hold zero values.
// Elements may come to consist of the blocks, which are used up. Decode gives an
// error, and never needs more than a small multiple of len(data) of memory,
// whatever data holds; elements may be written partly then.
func (c *Codec) Decode(data []byte, blocks []*memory.Block, base unsafe.Pointer, n int) error {
	if c.node.raw {
		err := c.decodeRaw(data, blocks, base, n)
		release(blocks)
		return err
	}
	return c.decode(&decoder{data: data, blocks: blocks, take: (*memory.Block).Take}, base, n)
}

// DecodeAgain is Decode for what is decoded more than once: the blocks stay as
// they are.
func (c *Codec) DecodeAgain(data []byte, blocks []*memory.Block, base unsafe.Pointer, n int) error {
	if c.node.raw {
		return c.decodeRaw(data, blocks, base, n)
	}
	return c.decode(&decoder{data: data, blocks: blocks, take: (*memory.Block).Copy}, base, n)
}

// decode decodes elements that are not raw.
func (c *Codec) decode(d *decoder, base unsafe.Pointer, n int) (err error) {
	defer recovered(&err)
	if err := wellformed(d.data); err != nil {
		return err
	}
	if got, err := d.head(majorArray); err != nil || got != uint64(n) {
		return fmt.Errorf("an array of %d elements of %v is missing", n, c.Type)
	}
	d.order, d.element = c.order, c.node
	for i := range n {
		p := unsafe.Add(base, uintptr(i)*c.Type.Size())
		d.root, d.pieces = p, d.pieces[:0]
		if err := c.node.decode(d, p); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	if len(d.blocks) > 0 {
		return fmt.Errorf("%d blocks belong to no element", len(d.blocks))
	}
	return nil
}

func (c *Codec) decodeRaw(data []byte, blocks []*memory.Block, base unsafe.Pointer, n int) error {
	from, err := c.rawMemory(data, blocks, n)
	if err == nil {
		memory.Copy(unsafe.Slice((*byte)(base), len(from)), from)
	}
	return err
}

// Items decodes n elements into memory of their own choice, for somebody who only
// reads them: raw elements stay where they are. When done is called they are gone.
func (c *Codec) Items(data []byte, blocks []*memory.Block, n int) (base unsafe.Pointer, done func(), err error) {
	if c.node.raw {
		from, err := c.rawMemory(data, blocks, n)
		if err != nil || aligned(from, c.Type) {
			return unsafe.Pointer(unsafe.SliceData(from)), func() { release(blocks) }, err
		}
	}
	base = reflect.MakeSlice(reflect.SliceOf(c.Type), n, n).UnsafePointer()
	return base, func() {}, c.Decode(data, blocks, base, n)
}

// rawMemory returns the memory of n raw elements.
func (c *Codec) rawMemory(data []byte, blocks []*memory.Block, n int) ([]byte, error) {
	if len(blocks) == 1 && len(data) == 0 {
		var err error
		if data, err = blocks[0].View(); err != nil {
			return nil, err
		}
	} else if len(blocks) > 0 {
		return nil, fmt.Errorf("%d blocks of memory arrived instead of one", len(blocks))
	}
	if uintptr(len(data)) != uintptr(n)*c.Type.Size() {
		return nil, fmt.Errorf("%d elements of %v need %d bytes, not %d", n, c.Type, uintptr(n)*c.Type.Size(), len(data))
	}
	return data, c.node.checkBools(data)
}

// release gives up blocks.
func release(blocks []*memory.Block) {
	for _, b := range blocks {
		b.Release()
	}
}

// aligned reports whether memory may be that of elements of a type.
func aligned(memory []byte, t reflect.Type) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(memory)))%uintptr(t.Align()) == 0
}

// recovered turns a panic of a type's own method into an error.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v", v)
	}
}
