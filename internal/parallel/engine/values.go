package engine

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// held is an encoded value of a variable. It may be decoded several times: calls
// in turn set the variable to different values.
type held struct {
	data   []byte
	blocks []*memory.Block
}

// release gives up the value; nil is fine.
func (h *held) release() {
	if h == nil {
		return
	}
	for _, b := range h.blocks {
		b.Release()
	}
}

// keep takes in the values that came with an opening.
func (e *executor) keep(values []wire.Value, blocks []*memory.Block) error {
	for _, v := range values {
		if v.Blocks < 0 || v.Blocks > len(blocks) {
			return errors.New("values of variables arrived without their blocks")
		}
		e.values[v.Hash].release()
		e.values[v.Hash] = &held{v.Data, blocks[:v.Blocks:v.Blocks]}
		blocks = blocks[v.Blocks:]
	}
	return nil
}

// set decodes a value that arrived into the variable at pointer.
func (e *executor) set(pointer any, hash wire.Hash) error {
	value, ok := e.values[hash]
	if !ok {
		return fmt.Errorf("its value did not arrive")
	}
	variable := reflect.ValueOf(pointer).Elem()
	c, err := codec.For(variable.Type())
	if err != nil {
		return err
	}
	return codec.Fill(variable, func(p unsafe.Pointer) error {
		return c.DecodeAgain(value.data, value.blocks, p, 1)
	})
}

// keptBuffer limits the bytes of the buffer that results are encoded into.
const keptBuffer = 4 << 20

// results returns memory for n results, of which each is written before it is read.
// If they are large it is where the controller will find them, and a block. Other
// memory without pointers is used again for the next frame: it has been sent then.
func (e *executor) results(c *codec.Codec, n int) (unsafe.Pointer, *memory.Block) {
	if !c.Raw() {
		return reflect.MakeSlice(reflect.SliceOf(c.Type), n, n).UnsafePointer(), nil
	}
	size := n * int(c.Type.Size())
	if size >= memory.Shared {
		if b := memory.InSegment(e.link.Pool(), size); b != nil {
			view, _ := b.View() // mapped by its maker
			return unsafe.Pointer(unsafe.SliceData(view)), b
		}
		return unsafe.Pointer(unsafe.SliceData(memory.Fresh(size))), nil
	}
	if len(e.scratch) < size {
		e.scratch = memory.Fresh(size)
	}
	return unsafe.Pointer(unsafe.SliceData(e.scratch)), nil
}
