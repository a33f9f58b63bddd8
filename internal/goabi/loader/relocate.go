package loader

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// A fix is a reference to what has its place only when the runtime knows the module:
// an itab, or a type that reflection may have made before.
type fix struct {
	of     *symbol // whose memory the reference is in, nil for a slot
	place  []byte  // a word; of code, the instructions from what says that they have an address
	target *symbol
	next   uintptr // of code, from where the instructions count distances
}

// apply fills in the reference.
func (f fix) apply(m *module) {
	switch {
	case f.next == 0:
		binary.LittleEndian.PutUint64(f.place, uint64(f.target.identity()))
	case f.target.twin != 0:
		f.load(m.slot(f.target))
	}
}

// relocate fills in a symbol's memory.
func (k *link) relocate(m *module, s *symbol) (err error) {
	memory := m.at(s)
	copy(memory, s.from.Data(s.index))
	s.fillRoom(memory)
	s.relocs(func(r goobj.Reloc) {
		if r.Size == 0 || err != nil {
			return
		}
		if r.Type < 0 && !needed(s, r) && !k.has(s.from, r.Sym) {
			return // a reference that may be left open
		}
		r.Type &^= goobj.RelocWeak
		var target *symbol
		if r.Sym != (goobj.Ref{}) {
			if target, err = k.resolve(s.from, r.Sym); err != nil {
				return
			}
			if target.isItab() && readsIt(s, r) {
				target = target.copy
			}
			if target.addr == 0 && target.inter == nil {
				err = fmt.Errorf("it needs %s, which has no place", target.name)
				return
			}
		}
		err = k.apply(m, s, memory, r, target)
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
	}
	return err
}

// has reports whether a symbol has a place without this reference to it.
func (k *link) has(o *object, r goobj.Ref) bool {
	s := *o.resolved(r)
	return s != nil && k.holds(s) && (s.by == nil || s.queued)
}

// apply fills in one relocation.
func (k *link) apply(m *module, s *symbol, memory []byte, r goobj.Reloc, target *symbol) error {
	place := memory[r.Off:]
	switch r.Type {
	case goobj.RelocAddr:
		switch {
		case target.inter != nil || k.canHaveTwin(target) && !readsIt(s, r):
			m.fixes = append(m.fixes, fix{of: s, place: place[:wordSize], target: target})
			if target.inter == nil {
				binary.LittleEndian.PutUint64(place, uint64(target.addr))
			}
		case r.Size == wordSize:
			binary.LittleEndian.PutUint64(place, uint64(target.addr)+uint64(r.Add))
		default:
			return put32(place, int64(target.addr)+r.Add)
		}
		return nil
	case goobj.RelocAddrOff, goobj.RelocMethodOff:
		base := k.hostText
		if !target.text {
			base = m.arena.constants.from
		}
		return put32(place, int64(target.addr)-int64(base)+r.Add)
	}
	return k.applyCode(m, s, memory, r, target)
}

// slot returns the address of a word that holds a symbol's address.
func (m *module) slot(target *symbol) uintptr {
	at, ok := m.slots[target]
	if !ok {
		at = m.slotsAt + uintptr(wordSize*len(m.slots))
		m.slots[target] = at
		place := m.arena.bytes(at, wordSize)
		if target.inter != nil || target.isTypelink() {
			m.fixes = append(m.fixes, fix{place: place, target: target})
		} else {
			binary.LittleEndian.PutUint64(place, uint64(target.identity()))
		}
	}
	return at
}

// put32 stores a distance or an offset.
func put32(place []byte, v int64) error {
	if v < math.MinInt32 || v > math.MaxUint32 {
		return fmt.Errorf("a distance of %#x does not fit in 32 bits", v)
	}
	binary.LittleEndian.PutUint32(place, uint32(v))
	return nil
}
