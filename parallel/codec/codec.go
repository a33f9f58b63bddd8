// Package codec turns Go values into bytes and back, between processes that run
// the same code.
//
// Elements of fixed size without pointers travel as their memory. Everything
// else travels as CBOR (RFC 8949): structs and arrays as arrays, strings as byte
// strings, and slices of pointer-free elements, wherever they stand, as byte
// strings of their memory. Unexported fields travel like any other.
//
// What cannot keep its meaning in another process (channels, functions, locks,
// open files, interfaces other than error) is refused by type, before any value
// is looked at. Types that implement encoding.BinaryMarshaler and
// BinaryUnmarshaler, such as time.Time, travel as those methods say. Values that
// are reached by two pointers arrive as two values.
package codec

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// Codec encodes and decodes elements of one type. It may be used by any number
// of goroutines.
type Codec struct {
	// Type is the type of the elements.
	Type reflect.Type
	node *node
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

// For returns the codec for elements of type t, or a [*Refusal].
func For(t reflect.Type) (*Codec, error) {
	if c, ok := cache.Load(t); ok {
		return c.(*Codec), nil
	}
	n, err := (&builder{nodes: map[reflect.Type]*node{}}).build(t, typeName(t))
	if err != nil {
		return nil, err
	}
	c, _ := cache.LoadOrStore(t, &Codec{t, n})
	return c.(*Codec), nil
}

// typeName is how a type is called at the start of a path.
func typeName(t reflect.Type) string {
	if t.Name() != "" {
		return t.Name()
	}
	return t.String()
}

// Raw reports whether elements travel as their memory.
func (c *Codec) Raw() bool { return c.node.raw }

// Encode returns n elements, which stand one after the other from base, as
// bytes. Raw elements are not copied: the bytes are their memory.
func (c *Codec) Encode(base unsafe.Pointer, n int) (data []byte, err error) {
	defer recovered(&err)
	if c.node.raw {
		return unsafe.Slice((*byte)(base), uintptr(n)*c.Type.Size()), nil
	}
	e := &encoder{}
	e.head(majorArray, uint64(n))
	for i := range n {
		if err := c.node.encode(e, unsafe.Add(base, uintptr(i)*c.Type.Size())); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return e.buf, nil
}

// Decode writes n elements to the memory from base, which must hold zero values.
// It gives an error, and never more than a small multiple of len(data) of
// memory, whatever data holds; elements may be written partly then.
func (c *Codec) Decode(data []byte, base unsafe.Pointer, n int) (err error) {
	defer recovered(&err)
	if c.node.raw {
		if uintptr(len(data)) != uintptr(n)*c.Type.Size() {
			return fmt.Errorf("%d elements of %v need %d bytes, not %d", n, c.Type, uintptr(n)*c.Type.Size(), len(data))
		}
		if err := c.node.checkBools(data); err != nil {
			return err
		}
		copy(unsafe.Slice((*byte)(base), len(data)), data)
		return nil
	}
	if err := wellformed(data); err != nil {
		return err
	}
	d := &decoder{data: data}
	if got, err := d.head(majorArray); err != nil || got != uint64(n) {
		return fmt.Errorf("an array of %d elements of %v is missing", n, c.Type)
	}
	for i := range n {
		if err := c.node.decode(d, unsafe.Add(base, uintptr(i)*c.Type.Size())); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

// recovered turns a panic of a type's own method into an error.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v", v)
	}
}
