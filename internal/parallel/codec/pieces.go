package codec

import (
	"math"
	"reflect"
	"unsafe"
)

// This file writes and reads references to pieces of memory, whose form stands in sharing.go.

// refer writes a reference into a piece; capacity is that of a slice, or -1.
func (e *encoder) refer(p *span, at unsafe.Pointer, n *node, length, capacity int) error {
	size := p.n.t.Size()
	count := int((p.hi - p.lo) / size)
	base := unsafe.Add(at, -int(uintptr(at)-p.lo))
	place := 2
	if capacity >= 0 {
		place = 4
		// As far as what travels of the array.
		capacity = min(capacity, int((p.hi-uintptr(at))/n.t.Size()))
	}
	defined := p.number >= 0
	if defined {
		e.buf = append(e.buf, majorTag|24, tagReference)
		e.head(majorArray, uint64(place))
		e.head(majorUint, uint64(p.number))
	} else {
		p.number = e.survey.next
		e.survey.next++
		e.buf = append(e.buf, majorTag|24, tagDefinition)
		if p.n.raw {
			e.head(majorArray, uint64(place+1))
		} else {
			e.head(majorArray, uint64(place+count))
		}
		if item, _ := run(n, 1); item == p.n {
			e.head(majorUint, 0)
		} else {
			e.head(majorUint, uint64(p.n.index))
		}
	}
	e.head(majorUint, uint64(uintptr(at)-p.lo))
	if capacity >= 0 {
		e.head(majorUint, uint64(length))
		e.head(majorUint, uint64(capacity))
	}
	if defined {
		return nil
	}
	if p.n.raw {
		e.memory(unsafe.Slice((*byte)(base), count*int(size)))
		return nil
	}
	if err := e.down(); err != nil {
		return err
	}
	err := p.n.encodeAll(e, base, count)
	e.depth--
	return err
}

// piece is memory that is referred to by a number, or a map.
type piece struct {
	n     *node // of an element, which is no array
	base  unsafe.Pointer
	count int
	table reflect.Value // the map
}

// refer reads what [encoder.refer] wrote after a tag: a reference to n, or to a slice of
// elements n.
func (d *decoder) refer(tag byte, n *node, slice bool) (at unsafe.Pointer, length, capacity int, err error) {
	place := 2
	if slice {
		place = 4
	}
	parts, err := d.count(majorArray, 1)
	if err != nil || parts < place || tag == tagReference && parts != place {
		return nil, 0, 0, errShape
	}
	var numbers [4]uint64
	for i := range place {
		if numbers[i], err = d.head(majorUint); err != nil || numbers[i] > math.MaxInt {
			return nil, 0, 0, errShape
		}
	}
	item, each := run(n, 1)
	number, offset := numbers[0], uintptr(numbers[1])
	if tag == tagDefinition {
		of := item
		if number > uint64(len(d.order)) {
			return nil, 0, 0, errShape
		} else if number > 0 {
			of = d.order[number-1]
		}
		number = uint64(len(d.pieces)) + 1
		if err := d.define(of, parts-place); err != nil {
			return nil, 0, 0, err
		}
	}
	if number > uint64(len(d.pieces)) {
		return nil, 0, 0, errShape
	}
	p := piece{base: d.root}
	if number > 0 {
		p = d.pieces[number-1]
	} else {
		p.n, p.count = run(d.element, 1)
	}
	length, capacity = 1, 1
	if slice {
		length, capacity = int(numbers[2]), int(numbers[3])
	}
	if p.n == nil || length > capacity || each == 0 || capacity > p.count*int(p.n.t.Size())/each ||
		!p.n.holds(p.count, offset, item, capacity*each) {
		return nil, 0, 0, errShape
	}
	return unsafe.Add(p.base, offset), length, capacity, nil
}

// define reads a piece of memory that consists of elements n, in so many parts.
func (d *decoder) define(n *node, parts int) error {
	if n.item != nil || n.t.Size() == 0 {
		return errShape
	}
	if n.raw {
		if parts != 1 {
			return errShape
		}
		base, count, err := n.decodeMemory(d)
		d.pieces = append(d.pieces, piece{n: n, base: base, count: count})
		return err
	}
	if parts > len(d.data)/n.min {
		return errShape
	}
	base := reflect.MakeSlice(n.slices, parts, parts).UnsafePointer()
	d.pieces = append(d.pieces, piece{n: n, base: base, count: parts})
	return n.decodeAll(d, base, parts)
}

// header is a slice in memory.
type header struct {
	at               unsafe.Pointer
	length, capacity int
}

// encodeAll encodes count values that stand one after the other.
func (n *node) encodeAll(e *encoder, base unsafe.Pointer, count int) error {
	size := n.t.Size()
	for i := range count {
		if err := n.encode(e, unsafe.Add(base, uintptr(i)*size)); err != nil {
			return err
		}
	}
	return nil
}

// decodeAll decodes count values that stand one after the other.
func (n *node) decodeAll(d *decoder, base unsafe.Pointer, count int) error {
	size := n.t.Size()
	for i := range count {
		if err := n.decode(d, unsafe.Add(base, uintptr(i)*size)); err != nil {
			return err
		}
	}
	return nil
}

// walkAll surveys count values that stand one after the other.
func (n *node) walkAll(s *survey, base unsafe.Pointer, count int) error {
	size := n.t.Size()
	for i := range count {
		if err := n.walk(s, unsafe.Add(base, uintptr(i)*size)); err != nil {
			return err
		}
	}
	return nil
}

// decodeMemory reads elements n of a raw type.
func (n *node) decodeMemory(d *decoder) (base unsafe.Pointer, count int, err error) {
	memory, fresh, err := d.memory()
	if err != nil {
		return nil, 0, err
	}
	size := int(n.t.Size())
	if len(memory)%size != 0 {
		return nil, 0, errShape
	}
	if err := n.checkBools(memory); err != nil {
		return nil, 0, err
	}
	count = len(memory) / size
	if fresh && aligned(memory, n.t) {
		return unsafe.Pointer(unsafe.SliceData(memory)), count, nil
	}
	base = reflect.MakeSlice(n.slices, count, count).UnsafePointer()
	copy(unsafe.Slice((*byte)(base), len(memory)), memory)
	return base, count, nil
}
