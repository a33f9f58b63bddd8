package codec

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// Encoded is a value in its encoded form. As a part of other values it travels
// as it is, for somebody who does not know its type.
type Encoded struct {
	// Type is the [Signature] of the value's type.
	Type string
	// Data and Blocks are what [Codec.Encode] returns for one element.
	Data   []byte
	Blocks []*memory.Block
}

// Encode encodes the value that a pointer points at. An error is a [*Refusal], or
// names the part that has no encoding.
func Encode(pointer any) (*Encoded, error) {
	p := reflect.ValueOf(pointer)
	c, err := For(p.Type().Elem())
	if err != nil {
		return nil, err
	}
	e := &Encoded{Type: Signature(c.Type)}
	e.Data, e.Blocks, err = c.Encode(p.UnsafePointer(), 1)
	return e, err
}

// Decode sets the variable that a pointer points at, and uses up the blocks.
func (e *Encoded) Decode(pointer any) error { return e.decode(pointer, (*Codec).Decode) }

// DecodeAgain is Decode for what is decoded more than once.
func (e *Encoded) DecodeAgain(pointer any) error { return e.decode(pointer, (*Codec).DecodeAgain) }

func (e *Encoded) decode(pointer any, how func(*Codec, []byte, []*memory.Block, unsafe.Pointer, int) error) error {
	variable := reflect.ValueOf(pointer).Elem()
	c, err := For(variable.Type())
	if err != nil {
		return err
	}
	if !Fits(e.Type, Signature(c.Type)) {
		return fmt.Errorf("it is %s", Differ(e.Type, Signature(c.Type)))
	}
	return Fill(variable, func(p unsafe.Pointer) error { return how(c, e.Data, e.Blocks, p, 1) })
}

// Fill sets a variable to what decode writes to its memory, or leaves it as it was where decode
// gives an error. It is decoded in place because it may refer to itself.
func Fill(variable reflect.Value, decode func(unsafe.Pointer) error) error {
	before := reflect.New(variable.Type()).Elem()
	before.Set(variable)
	variable.SetZero()
	err := decode(variable.Addr().UnsafePointer())
	if err != nil {
		variable.Set(before)
	}
	return err
}

// Release gives up the blocks of a value that is not needed any more.
func (e *Encoded) Release() { release(e.Blocks) }

var encodedType = reflect.TypeFor[Encoded]()

// encodedNode writes an array of the type, the data and the number of blocks.
var encodedNode = &node{
	t: encodedType, min: 4,
	encode: func(e *encoder, p unsafe.Pointer) error {
		v := (*Encoded)(p)
		e.head(majorArray, 3)
		e.bytes([]byte(v.Type))
		e.bytes(v.Data)
		e.head(majorUint, uint64(len(v.Blocks)))
		e.blocks = append(e.blocks, v.Blocks...)
		return nil
	},
	decode: func(d *decoder, p unsafe.Pointer) error {
		v := (*Encoded)(p)
		if n, err := d.head(majorArray); err != nil || n != 3 {
			return errShape
		}
		name, err := d.bytes()
		if err != nil {
			return err
		}
		if v.Data, err = d.bytes(); err != nil {
			return err
		}
		n, err := d.head(majorUint)
		if err != nil || n > uint64(len(d.blocks)) {
			return errShape
		}
		v.Type, v.Blocks, d.blocks = string(name), d.blocks[:n:n], d.blocks[n:]
		return nil
	},
}
