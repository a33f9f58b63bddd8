package codec

import (
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/parallel/memory"
)

// Join sets the slice that a pointer points at to those that were encoded, one
// after the other, and uses up the blocks.
func Join(parts []*Encoded, pointer any) error {
	joined := reflect.ValueOf(pointer).Elem()
	shares, total := make([]reflect.Value, len(parts)), 0
	for i, part := range parts {
		share := reflect.New(joined.Type())
		if err := part.Decode(share.Interface()); err != nil {
			return err
		}
		shares[i] = share.Elem()
		total += share.Elem().Len()
	}
	elem, err := For(joined.Type().Elem())
	if err != nil {
		return err
	}
	if !elem.Raw() {
		joined.Set(reflect.MakeSlice(joined.Type(), 0, total))
		for _, share := range shares {
			joined.Set(reflect.AppendSlice(joined, share))
		}
		return nil
	}
	size := int(elem.Type.Size())
	to := memory.Fresh(total * size)
	joined.Set(reflect.SliceAt(elem.Type, unsafe.Pointer(unsafe.SliceData(to)), total))
	for _, share := range shares {
		n := share.Len() * size
		memory.Copy(to[:n], unsafe.Slice((*byte)(share.UnsafePointer()), n))
		to = to[n:]
	}
	return nil
}
