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

func (n *node) slice(b *builder, path string) (err error) {
	var elem *node
	// An element that is still being built refers to itself through this slice,
	// so it is not raw.
	size := n.t.Elem().Size()
	n.walk = func(s *survey, p unsafe.Pointer) error {
		v := (*header)(p)
		if v.length == 0 || size == 0 || !s.refers(v.at, elem, v.length) || elem.walk == nil {
			return nil
		}
		if err := s.down(); err != nil {
			return err
		}
		err := elem.walkAll(s, v.at, v.length)
		s.depth--
		return err
	}
	if elem, err = b.build(n.t.Elem(), path+"[]"); err != nil {
		return err
	}
	n.to = []*node{elem}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		v := (*header)(p)
		length := v.length
		if e.survey != nil && length > 0 && size > 0 {
			if piece := e.survey.piece(v.at, elem, length); piece != nil {
				return e.refer(piece, v.at, elem, length, v.capacity)
			}
		}
		switch {
		case v.at == nil:
			e.buf = append(e.buf, simpleNull)
		case size == 0:
			e.head(majorUint, uint64(length))
		case elem.raw:
			e.memory(unsafe.Slice((*byte)(v.at), uintptr(length)*size))
		default:
			if err := e.down(); err != nil {
				return err
			}
			e.head(majorArray, uint64(length))
			if err := elem.encodeAll(e, v.at, length); err != nil {
				return err
			}
			e.depth--
		}
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		v := reflect.NewAt(n.t, p).Elem()
		if tag := d.tag(); tag != 0 {
			at, length, capacity, err := d.refer(tag, elem, true)
			if err == nil {
				*(*header)(p) = header{at, length, capacity}
			}
			return err
		}
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
			base, length, err := elem.decodeMemory(d)
			if err == nil {
				*(*header)(p) = header{base, length, length}
			}
			return err
		default:
			length, err := d.count(majorArray, elem.min)
			if err != nil {
				return err
			}
			v.Set(reflect.MakeSlice(n.t, length, length))
			return elem.decodeAll(d, v.UnsafePointer(), length)
		}
		return nil
	}
	return nil
}

func (n *node) mapping(b *builder, path string) (err error) {
	var key, elem *node
	n.walk = func(s *survey, p unsafe.Pointer) error {
		v := reflect.NewAt(n.t, p).Elem()
		if v.IsNil() || !s.refers(v.UnsafePointer(), n, -1) || key.walk == nil && elem.walk == nil {
			return nil
		}
		if err := s.down(); err != nil {
			return err
		}
		k, x := reflect.New(key.t), reflect.New(elem.t)
		for it := v.MapRange(); it.Next(); {
			if key.walk != nil {
				k.Elem().SetIterKey(it)
				if err := key.walk(s, k.UnsafePointer()); err != nil {
					return err
				}
			}
			if elem.walk != nil {
				x.Elem().SetIterValue(it)
				if err := elem.walk(s, x.UnsafePointer()); err != nil {
					return err
				}
			}
		}
		s.depth--
		return nil
	}
	if key, err = b.build(n.t.Key(), path+"[key]"); err != nil {
		return err
	}
	if elem, err = b.build(n.t.Elem(), path+"[]"); err != nil {
		return err
	}
	n.to = []*node{key, elem}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		v := reflect.NewAt(n.t, p).Elem()
		if v.IsNil() {
			e.buf = append(e.buf, simpleNull)
			return nil
		}
		if e.survey != nil {
			if table := e.survey.table(v.UnsafePointer(), n); table != nil && table.number >= 0 {
				e.buf = append(e.buf, majorTag|24, tagReference)
				e.head(majorUint, uint64(table.number))
				return nil
			} else if table != nil {
				e.buf = append(e.buf, majorTag|24, tagDefinition)
				table.number = e.survey.next
				e.survey.next++
			}
		}
		if err := e.down(); err != nil {
			return err
		}
		e.head(majorMap, uint64(v.Len()))
		if err := n.encodePairs(e, v); err != nil {
			return err
		}
		e.depth--
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		tag := d.tag()
		switch {
		case tag == tagReference:
			number, err := d.head(majorUint)
			if err != nil || number == 0 || number > uint64(len(d.pieces)) || !d.pieces[number-1].table.IsValid() || d.pieces[number-1].table.Type() != n.t {
				return errShape
			}
			reflect.NewAt(n.t, p).Elem().Set(d.pieces[number-1].table)
			return nil
		case tag == 0 && d.null():
			return nil
		}
		length, err := d.count(majorMap, key.min+elem.min)
		if err != nil {
			return err
		}
		v := reflect.MakeMapWithSize(n.t, length)
		if tag == tagDefinition {
			d.pieces = append(d.pieces, piece{table: v})
		}
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

// encodePairs writes what a map holds: in the order of the keys' bytes, so that equal maps
// have equal bytes. Keys that refer to something are written as they come, because
// what is shared is written where it is met first.
func (n *node) encodePairs(e *encoder, v reflect.Value) error {
	key, elem := n.to[0], n.to[1]
	type pair struct {
		key []byte
		x   unsafe.Pointer
	}
	pairs := make([]pair, 0, v.Len())
	k, x := reflect.New(key.t), reflect.MakeSlice(reflect.SliceOf(elem.t), v.Len(), v.Len())
	ordered := e.survey == nil || key.walk == nil
	for it := v.MapRange(); it.Next(); {
		k.Elem().SetIterKey(it)
		value := x.Index(len(pairs))
		value.SetIterValue(it)
		from := len(e.buf)
		if err := key.encode(e, k.UnsafePointer()); err != nil {
			return err
		}
		pairs = append(pairs, pair{nil, value.Addr().UnsafePointer()})
		if ordered {
			pairs[len(pairs)-1].key = bytes.Clone(e.buf[from:])
			e.buf = e.buf[:from]
		} else if err := elem.encode(e, value.Addr().UnsafePointer()); err != nil {
			return err
		}
	}
	if !ordered {
		return nil
	}
	slices.SortFunc(pairs, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	for _, p := range pairs {
		e.buf = append(e.buf, p.key...)
		if err := elem.encode(e, p.x); err != nil {
			return err
		}
	}
	return nil
}

// pointer writes what is pointed at in an array of one, so that a pointer to a
// nil slice is not taken for a nil pointer.
func (n *node) pointer(b *builder, path string) (err error) {
	var elem *node
	n.walk = func(s *survey, p unsafe.Pointer) error {
		to := *(*unsafe.Pointer)(p)
		if to == nil || !s.refers(to, elem, 1) || elem.walk == nil {
			return nil
		}
		if err := s.down(); err != nil {
			return err
		}
		err := elem.walk(s, to)
		s.depth--
		return err
	}
	if elem, err = b.build(n.t.Elem(), path); err != nil {
		return err
	}
	n.to = []*node{elem}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		to := *(*unsafe.Pointer)(p)
		if to == nil {
			e.buf = append(e.buf, simpleNull)
			return nil
		}
		if e.survey != nil {
			if piece := e.survey.piece(to, elem, 1); piece != nil {
				return e.refer(piece, to, elem, 1, -1)
			}
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
		if tag := d.tag(); tag != 0 {
			at, _, _, err := d.refer(tag, elem, false)
			if err == nil {
				*(*unsafe.Pointer)(p) = at
			}
			return err
		}
		if d.null() {
			return nil
		}
		if got, err := d.head(majorArray); err != nil || got != 1 {
			return errShape
		}
		to := reflect.New(n.t.Elem()).UnsafePointer()
		*(*unsafe.Pointer)(p) = to
		return elem.decode(d, to)
	}
	return nil
}
