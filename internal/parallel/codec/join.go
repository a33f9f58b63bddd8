package codec

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// Join sets the slice that a pointer points at to those that were encoded, one
// after the other, and uses up the blocks. Raw elements are copied once, from where
// they arrived to where they belong.
func Join(parts []*Encoded, pointer any) error {
	joined := reflect.ValueOf(pointer).Elem()
	elem, err := For(joined.Type().Elem())
	if err != nil {
		return err
	}
	if elem.Raw() && elem.Type.Size() > 0 {
		return elem.joinRaw(parts, joined)
	}
	for _, part := range parts {
		share := reflect.New(joined.Type())
		if err := part.Decode(share.Interface()); err != nil {
			return err
		}
		joined.Set(reflect.AppendSlice(joined, share.Elem()))
	}
	return nil
}

// joinRaw joins slices of raw elements of size 1 or more.
func (c *Codec) joinRaw(parts []*Encoded, joined reflect.Value) error {
	blocks := make([]*memory.Block, len(parts))
	for i, part := range parts {
		defer part.Release()
		view, err := c.sliceMemory(part)
		if err != nil {
			return err
		}
		if blocks[i] = memory.Of(view); len(part.Blocks) == 1 {
			blocks[i] = part.Blocks[0] // the view is of all of it
		}
	}
	data, err := memory.Join(blocks)
	if err != nil {
		return err
	}
	joined.Set(reflect.SliceAt(c.Type, unsafe.Pointer(unsafe.SliceData(data)), len(data)/int(c.Type.Size())))
	return nil
}

// sliceMemory returns the memory of an encoded slice of raw elements, until the
// blocks are released.
func (c *Codec) sliceMemory(e *Encoded) ([]byte, error) {
	if err := wellformed(e.Data); err != nil {
		return nil, err
	}
	d := &decoder{data: e.Data, blocks: e.Blocks, take: (*memory.Block).View}
	if n, err := d.head(majorArray); err != nil || n != 1 {
		return nil, errShape
	}
	if d.null() {
		return nil, nil
	}
	view, _, err := d.memory()
	if err == nil && len(view)%int(c.Type.Size()) != 0 {
		err = fmt.Errorf("%d bytes are no slice of %v", len(view), c.Type)
	}
	if err == nil {
		err = c.node.checkBools(view)
	}
	return view, err
}
