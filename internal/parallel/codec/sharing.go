package codec

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"unsafe"
)

// What a value refers to more than once is encoded once. The first reference that is met is
// written as a definition (the tag 28 of CBOR's value sharing) of the whole piece of memory
// that references lead into, and of the place in it that this one means; each further one as
// the number of the piece and a place in it (tag 29). Pieces are numbered in the order of
// their definitions; number 0 is the element itself, which needs none.
//
//	28([type, offset, memory or elements…])            for a pointer
//	28([type, offset, length, capacity, memory or elements…])  for a slice
//	28(map)                                            for a map
//	29([number, offset]), 29([number, offset, length, capacity]), 29(number)
//
// The type is 0 where the piece consists of elements of what the reference refers to, else
// the position of the type in the codec, counted from 1. An offset is in bytes from the start of the
// piece, in the layout that both processes share.

// span is a run of elements that references lead into.
type span struct {
	lo, hi uintptr
	n      *node // of an element, which is no array
	uses   int   // how many references lead into it
	number int   // of the piece, once it is defined; -1 before
}

// reference is what a pointer, a slice or a map (of length -1) means.
type reference struct {
	at     unsafe.Pointer
	n      *node
	length int
}

// survey finds out, before an element is encoded, what it refers to more than once.
type survey struct {
	seen   map[reference]int // where it stands in spans
	spans  []span            // as they were met; of a map, without lo and hi
	pieces []*span           // of memory, disjoint, by address
	depth  int
	next   int // number of the next piece that is defined
}

// visit surveys an element.
func (s *survey) visit(n *node, p unsafe.Pointer) error {
	if s.seen == nil {
		s.seen = map[reference]int{}
	}
	clear(s.seen)
	s.spans, s.pieces, s.depth, s.next = s.spans[:0], s.pieces[:0], 0, 1
	s.refers(p, n, 1)
	if err := n.walk(s, p); err != nil {
		return err
	}
	s.merge()
	if root := s.piece(p, n, 1); root != nil {
		root.number = 0
	}
	return nil
}

// down goes one level deeper; the caller goes up again by s.depth--.
func (s *survey) down() error {
	if s.depth++; s.depth > maxDepth {
		return errDepth
	}
	return nil
}

var errDepth = fmt.Errorf("the value is nested deeper than %d levels", maxDepth)

// run returns elements that are no arrays, and how many of them the given ones are.
func run(n *node, length int) (*node, int) {
	for n.item != nil {
		n, length = n.item, length*n.length
	}
	return n, length
}

// refers notes a reference to length elements, and reports whether it is the first
// to exactly these.
func (s *survey) refers(at unsafe.Pointer, n *node, length int) bool {
	n, length = run(n, length)
	if n.walk != nil || length < 0 { // others cannot lead back here
		if i, ok := s.seen[reference{at, n, length}]; ok {
			s.spans[i].uses++
			return false
		}
		s.seen[reference{at, n, length}] = len(s.spans)
	}
	size := n.t.Size() * uintptr(max(length, 0))
	s.spans = append(s.spans, span{lo: uintptr(at), hi: uintptr(at) + size, n: n, uses: 1, number: -1})
	return true
}

// merge makes the pieces: spans that overlap become one. Of the spans that begin at one address the
// largest comes first, and the outermost of those of one size, so that a span lies in an
// earlier one or goes on where that ends. Where memory is seen as two types of which none
// is part of the other, references under the second do not share.
func (s *survey) merge() {
	for i := range s.spans {
		if s.spans[i].hi > s.spans[i].lo {
			s.pieces = append(s.pieces, &s.spans[i])
		}
	}
	slices.SortFunc(s.pieces, func(a, b *span) int {
		switch {
		case a.lo != b.lo:
			return cmp.Compare(a.lo, b.lo)
		case a.hi != b.hi:
			return cmp.Compare(b.hi, a.hi)
		}
		return cmp.Compare(b.n.height, a.n.height)
	})
	kept := s.pieces[:0]
	for _, next := range s.pieces {
		if len(kept) > 0 {
			last := kept[len(kept)-1]
			size := last.n.t.Size()
			if next.n == last.n && next.lo < last.hi && (next.lo-last.lo)%size == 0 {
				last.hi = max(last.hi, next.hi)
				last.uses += next.uses
				continue
			}
			if next.hi <= last.hi {
				if last.n.holds(int((last.hi-last.lo)/size), next.lo-last.lo, next.n, int((next.hi-next.lo)/next.n.t.Size())) {
					last.uses += next.uses
				}
				continue
			}
		}
		kept = append(kept, next)
	}
	// Those that one reference leads into are nobody's concern.
	s.pieces = slices.DeleteFunc(kept, func(p *span) bool { return p.uses < 2 })
}

// piece returns the piece that a reference leads into, or nil where no other does.
func (s *survey) piece(at unsafe.Pointer, n *node, length int) *span {
	i, found := slices.BinarySearchFunc(s.pieces, uintptr(at), func(p *span, at uintptr) int { return cmp.Compare(p.lo, at) })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	p := s.pieces[i]
	if p.hi <= uintptr(at) {
		return nil
	}
	n, length = run(n, length)
	if !p.n.holds(int((p.hi-p.lo)/p.n.t.Size()), uintptr(at)-p.lo, n, length) {
		return nil
	}
	return p
}

// table returns a map to which there are several references, or nil.
func (s *survey) table(at unsafe.Pointer, n *node) *span {
	if i, ok := s.seen[reference{at, n, -1}]; ok && s.spans[i].uses > 1 {
		return &s.spans[i]
	}
	return nil
}

// holds reports whether count elements hold, at an offset, a run of length values of
// another type, which is no array.
func (n *node) holds(count int, offset uintptr, of *node, length int) bool {
	n, count = run(n, count)
	size := n.t.Size()
	if size == 0 || offset/size >= uintptr(count) {
		return false
	}
	if n == of {
		return offset%size == 0 && length <= count-int(offset/size)
	}
	offset %= size
	for _, f := range n.fields {
		if offset >= f.offset && offset-f.offset < f.t.Size() {
			return f.holds(1, offset-f.offset, of, length)
		}
	}
	return false
}

// canShare reports whether values of a type can refer to anything twice. Nobody need look
// where no two references can lead to the same memory.
func (n *node) canShare() bool {
	root, _ := run(n, 1)
	led := map[*node]int{root: 1} // to how many runs of elements references lead
	pointed := map[*node]bool{}   // where some of them are pointers
	maps := map[*node]int{}
	visits := map[*node]int{}
	var visit func(n *node, times int)
	visit = func(n *node, times int) {
		if times == 0 || visits[n] > 1 {
			return // there are none, or there may be any number
		}
		visits[n] += times
		switch {
		case n.walk == nil:
		case n.item != nil:
			visit(n.item, times*min(n.length, 2))
		case n.t.Kind() == reflect.Pointer, n.t.Kind() == reflect.Slice:
			item, _ := run(n.to[0], 1)
			led[item] += times
			if n.t.Kind() == reflect.Pointer {
				pointed[item] = true
				visit(n.to[0], times)
			} else {
				visit(n.to[0], 2)
			}
		case n.t.Kind() == reflect.Map:
			maps[n] += times
			visit(n.to[0], 2)
			visit(n.to[1], 2)
		default:
			for _, f := range n.fields {
				visit(f.node, times)
			}
		}
	}
	visit(n, 1)
	for _, times := range maps {
		if times > 1 {
			return true
		}
	}
	for item, times := range led {
		if times > 1 || item.leadsInto(false, func(part *node, array bool) bool {
			return pointed[part] || array && led[part] > 0 && part != root
		}) {
			return true
		}
	}
	return false
}

// leadsInto reports whether a condition holds for a part of an element; array is true for parts
// that stand in an array.
func (n *node) leadsInto(array bool, is func(part *node, array bool) bool) bool {
	for _, f := range n.fields {
		part, length := run(f.node, 1)
		if inArray := array || length != 1; is(part, inArray) || part.leadsInto(inArray, is) {
			return true
		}
	}
	return false
}
