package codec

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"unsafe"
)

// The types in this file refer to other memory: nil is written as null, which is
// how nil and empty stay apart.

func (n *node) slice(b *builder, path string) error {
	elem, err := b.build(n.t.Elem(), path+"[]")
	if err != nil {
		return err
	}
	// An element that is still being built refers to itself through this slice,
	// so it is not raw.
	size := n.t.Elem().Size()
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		v := reflect.NewAt(n.t, p).Elem()
		switch length := v.Len(); {
		case v.IsNil():
			e.buf = append(e.buf, simpleNull)
		case size == 0:
			e.head(majorUint, uint64(length))
		case elem.raw:
			e.memory(unsafe.Slice((*byte)(v.UnsafePointer()), uintptr(length)*size))
		default:
			if err := e.down(); err != nil {
				return err
			}
			e.head(majorArray, uint64(length))
			for i := range length {
				if err := elem.encode(e, unsafe.Add(v.UnsafePointer(), uintptr(i)*size)); err != nil {
					return err
				}
			}
			e.depth--
		}
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		v := reflect.NewAt(n.t, p).Elem()
		switch {
		case d.null():
			return nil
		case size == 0:
			length, err := d.head(majorUint)
			if err != nil || length > math.MaxInt32 {
				return errShape
			}
			v.Set(reflect.MakeSlice(n.t, int(length), int(length)))
		case elem.raw:
			memory, fresh, err := d.memory()
			if err != nil {
				return err
			}
			if uintptr(len(memory))%size != 0 {
				return errShape
			}
			if err := elem.checkBools(memory); err != nil {
				return err
			}
			length := len(memory) / int(size)
			if fresh && aligned(memory, elem.t) {
				v.Set(reflect.SliceAt(elem.t, unsafe.Pointer(unsafe.SliceData(memory)), length))
				return nil
			}
			v.Set(reflect.MakeSlice(n.t, length, length))
			copy(unsafe.Slice((*byte)(v.UnsafePointer()), len(memory)), memory)
		default:
			length, err := d.count(majorArray, elem.min)
			if err != nil {
				return err
			}
			v.Set(reflect.MakeSlice(n.t, length, length))
			for i := range length {
				if err := elem.decode(d, unsafe.Add(v.UnsafePointer(), uintptr(i)*size)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return nil
}

func (n *node) mapping(b *builder, path string) error {
	key, err := b.build(n.t.Key(), path+"[key]")
	if err != nil {
		return err
	}
	elem, err := b.build(n.t.Elem(), path+"[]")
	if err != nil {
		return err
	}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		v := reflect.NewAt(n.t, p).Elem()
		if v.IsNil() {
			e.buf = append(e.buf, simpleNull)
			return nil
		}
		if err := e.down(); err != nil {
			return err
		}
		e.head(majorMap, uint64(v.Len()))
		k, x := reflect.New(key.t), reflect.New(elem.t)
		start, pairs := len(e.buf), make([][]byte, 0, v.Len())
		for it := v.MapRange(); it.Next(); {
			k.Elem().SetIterKey(it)
			x.Elem().SetIterValue(it)
			from := len(e.buf)
			if err := key.encode(e, k.UnsafePointer()); err != nil {
				return err
			}
			if err := elem.encode(e, x.UnsafePointer()); err != nil {
				return err
			}
			pairs = append(pairs, bytes.Clone(e.buf[from:]))
		}
		e.depth--
		// In order, so that equal maps have equal bytes.
		slices.SortFunc(pairs, bytes.Compare)
		e.buf = e.buf[:start]
		for _, pair := range pairs {
			e.buf = append(e.buf, pair...)
		}
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		if d.null() {
			return nil
		}
		length, err := d.count(majorMap, key.min+elem.min)
		if err != nil {
			return err
		}
		v := reflect.MakeMapWithSize(n.t, length)
		for range length {
			k, x := reflect.New(key.t), reflect.New(elem.t)
			if err := key.decode(d, k.UnsafePointer()); err != nil {
				return err
			}
			if err := elem.decode(d, x.UnsafePointer()); err != nil {
				return err
			}
			v.SetMapIndex(k.Elem(), x.Elem())
		}
		reflect.NewAt(n.t, p).Elem().Set(v)
		return nil
	}
	return nil
}

// pointer writes what is pointed at in an array of one, so that a pointer to a
// nil slice is not taken for a nil pointer.
func (n *node) pointer(b *builder, path string) error {
	elem, err := b.build(n.t.Elem(), path)
	if err != nil {
		return err
	}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		to := *(*unsafe.Pointer)(p)
		if to == nil {
			e.buf = append(e.buf, simpleNull)
			return nil
		}
		if err := e.down(); err != nil {
			return err
		}
		e.head(majorArray, 1)
		err := elem.encode(e, to)
		e.depth--
		return err
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		if d.null() {
			return nil
		}
		if got, err := d.head(majorArray); err != nil || got != 1 {
			return errShape
		}
		to := reflect.New(n.t.Elem())
		reflect.NewAt(n.t, p).Elem().Set(to.Convert(n.t))
		return elem.decode(d, to.UnsafePointer())
	}
	return nil
}
