package loader

import (
	"encoding/binary"
	"fmt"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

const (
	relocCall = goobj.RelocCallARM64

	// callPrefix is the bytes of a call before the distance.
	callPrefix = 0
	// quantum is the size by which places in code are counted.
	quantum = 4

	opAdrp = 0x90000000
	opAdd  = 0x91000000 // ADD $imm, R, R
	opLoad = 0xf9400000 // MOVD imm(R), R
	opJump = 0xd61f0000 // JMP (R)

	// callReach is how far a call goes.
	callReach = 1 << 27

	trampolineSize = 12
	trampolineReg  = 16 // which calls may change
)

// errArchitecture says why there is no loader for an architecture.
var errArchitecture error

// needsSlot reports whether a relocation needs a word of its own, that of an itab
// aside.
func needsSlot(*symbol, goobj.Reloc) bool { return false }

// mayBeFar reports whether a relocation is of a call that a trampoline may have to help.
func mayBeFar(r goobj.Reloc) bool { return r.Type == relocCall }

// readsIt reports whether what refers to an itab or a type reads it, or has the
// address of a part of it.
func readsIt(_ *symbol, r goobj.Reloc) bool {
	switch r.Type {
	case goobj.RelocAddr, goobj.RelocPairARM64:
		return r.Add != 0
	}
	return r.Type >= goobj.RelocAccess8ARM64 && r.Type <= goobj.RelocAccess64ARM64
}

// applyCode fills in what an instruction refers to.
func (k *link) applyCode(m *module, s *symbol, memory []byte, r goobj.Reloc, target *symbol) error {
	at, place := s.addr+uintptr(r.Off), memory[r.Off:]
	switch {
	case r.Type == relocCall:
		to := uintptr(int64(target.addr) + r.Add)
		if !near128(at, to) {
			to = m.trampoline(farCall{target, r.Add}, to)
		}
		if !near128(at, to) {
			return fmt.Errorf("%s is too far away: %#x from %#x", target.name, to, at)
		}
		set(place, 0, uint32(int64(to-at)>>2)&(1<<26-1))
		return nil
	case r.Type == goobj.RelocPairARM64 && target.inter != nil:
		// The runtime's own itab can be anywhere, so its address is loaded.
		loadPair(place, at, m.slot(target))
		return nil
	case r.Type == goobj.RelocPairARM64:
		if !readsIt(s, r) && k.canHaveTwin(target) {
			m.fixes = append(m.fixes, fix{of: s, place: place[:8], target: target, next: at})
		}
		return setPair(place, at, uintptr(int64(target.addr)+r.Add), 0)
	case r.Type >= goobj.RelocAccess8ARM64 && r.Type <= goobj.RelocAccess64ARM64:
		return setPair(place, at, uintptr(int64(target.addr)+r.Add), r.Type-goobj.RelocAccess8ARM64)
	}
	return fmt.Errorf("a relocation of kind %d to %s is not known", r.Type, target.name)
}

func near128(from, to uintptr) bool {
	d := int64(to) - int64(from)
	return d >= -callReach && d < callReach
}

// set adds bits to the instruction of that number.
func set(place []byte, n int, bits uint32) {
	word := place[4*n:]
	binary.LittleEndian.PutUint32(word, binary.LittleEndian.Uint32(word)|bits)
}

// setPair completes a pair of instructions at an address, of which the second counts in
// units of 1<<shift bytes.
func setPair(place []byte, at, to uintptr, shift int16) error {
	pages := (int64(to) - int64(at&^0xfff)) >> 12
	if pages != pages<<43>>43 {
		return fmt.Errorf("%#x is too far away from %#x", to, at)
	}
	if to&(1<<shift-1) != 0 {
		return fmt.Errorf("%#x is no place for %d bytes", to, 1<<shift)
	}
	set(place, 0, uint32(pages&3)<<29|uint32(pages>>2)&(1<<19-1)<<5)
	set(place, 1, uint32(to&0xfff)>>shift<<10)
	return nil
}

// loadPair makes a pair that has an address one that loads it from a slot, which is near.
func loadPair(place []byte, at, slot uintptr) {
	first, second := binary.LittleEndian.Uint32(place), binary.LittleEndian.Uint32(place[4:])
	binary.LittleEndian.PutUint32(place, opAdrp|first&31)
	binary.LittleEndian.PutUint32(place[4:], opLoad|second&(1<<10-1))
	if err := setPair(place, at, slot, 3); err != nil {
		panic(err) // the slots are in the same arena
	}
}

// load makes the pair one that loads from a slot.
func (f fix) load(slot uintptr) { loadPair(f.place, f.next, slot) }

// trampoline returns where the module has code that goes on to an address, by any
// distance.
func (m *module) trampoline(of farCall, to uintptr) uintptr {
	at, ok := m.trampolines[of]
	if !ok {
		at = m.trampolinesAt + uintptr(trampolineSize*len(m.trampolines))
		m.trampolines[of] = at
		place := m.arena.bytes(at, trampolineSize)
		for i, op := range []uint32{opAdrp | trampolineReg, opAdd | trampolineReg<<5 | trampolineReg, opJump | trampolineReg<<5} {
			binary.LittleEndian.PutUint32(place[4*i:], op)
		}
		if err := setPair(place, at, to, 0); err != nil {
			panic(err) // code lies within 2 GB
		}
	}
	return at
}

// flush makes processors see code that was written: their caches of instructions are
// not those of data. It is in assembly.
func flush(from, to uintptr)

// written has the processors see the module's code.
func (m *module) written() { flush(m.textAt, m.textEnd) }
