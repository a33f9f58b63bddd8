package loader

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

const (
	relocCall = goobj.RelocCallAMD64

	// callPrefix is the bytes of a call before the distance.
	callPrefix = 1
	// quantum is the size by which places in code are counted.
	quantum = 1
	// trampolineSize is that of none: a call reaches all that is within 2 GB.
	trampolineSize = 0

	opLoad = 0x8b // MOVQ m, r
	opLea  = 0x8d // LEAQ m, r
)

// errArchitecture says why there is no loader for an architecture.
var errArchitecture error

// needsSlot reports whether a relocation needs a word of its own, that of an itab
// aside.
func needsSlot(s *symbol, r goobj.Reloc) bool {
	switch r.Type {
	case goobj.RelocTLSIEAMD64:
		return true
	case goobj.RelocGOTPCRelAMD64:
		return !isOp(s.from.Data(s.index), r, opLoad)
	}
	return false
}

// mayBeFar reports whether a relocation is of a call that a trampoline may have to help.
func mayBeFar(goobj.Reloc) bool { return false }

// written has nothing to do: processors see code that was written.
func (m *module) written() {}

// readsIt reports whether what refers to an itab or a type reads it, or has the
// address of a part of it.
func readsIt(s *symbol, r goobj.Reloc) bool {
	switch r.Type {
	case goobj.RelocAddr:
		return r.Add != 0
	case goobj.RelocPCRelAMD64:
		return r.Add != 0 || !isOp(s.from.Data(s.index), r, opLea)
	}
	return false
}

// isOp reports whether the instruction that ends with a relocated distance has
// that operation.
func isOp(code []byte, r goobj.Reloc, op byte) bool { return r.Off >= 2 && code[r.Off-2] == op }

// applyCode fills in what an instruction refers to.
func (k *link) applyCode(m *module, s *symbol, memory []byte, r goobj.Reloc, target *symbol) error {
	next := int64(s.addr) + int64(r.Off) + int64(r.Size) // the instruction's end
	var to int64
	switch r.Type {
	case goobj.RelocTLSLEAMD64:
		return put32(memory[r.Off:], k.host.TLS+r.Add)
	case goobj.RelocTLSIEAMD64:
		to = int64(m.slot(&k.tls)) + int64(r.Size) // the compiler has taken that off
	case goobj.RelocGOTPCRelAMD64:
		switch {
		case target.inter == nil && isOp(memory, r, opLoad): // it is near: no word is needed
			memory[r.Off-2] = opLea
			to = int64(target.addr)
			k.fixLater(m, s, memory, r, target)
		default:
			to = int64(m.slot(target))
		}
	case relocCall, goobj.RelocPCRelAMD64:
		to = int64(target.addr)
		switch {
		case target.inter != nil:
			// The runtime's own itab is far away, so its address is loaded.
			memory[r.Off-2] = opLoad
			to = int64(m.slot(target))
		case !readsIt(s, r):
			k.fixLater(m, s, memory, r, target)
		}
	default:
		return fmt.Errorf("a relocation of kind %d to %s is not known", r.Type, name(target))
	}
	distance := to + r.Add - next
	if distance != int64(int32(distance)) {
		return fmt.Errorf("%s is too far away: %#x", name(target), distance)
	}
	if r.Size != 4 || distance > math.MaxInt32 {
		return fmt.Errorf("a relocation of kind %d has %d bytes", r.Type, r.Size)
	}
	binary.LittleEndian.PutUint32(memory[r.Off:], uint32(int32(distance)))
	return nil
}

// fixLater has a LEAQ of a type's address looked at when it is known whether
// reflection had made the type before.
func (k *link) fixLater(m *module, s *symbol, memory []byte, r goobj.Reloc, target *symbol) {
	if k.canHaveTwin(target) {
		m.fixes = append(m.fixes, fix{of: s, place: memory[r.Off-2:], target: target, next: s.addr + uintptr(r.Off) + uintptr(r.Size)})
	}
}

// load makes the LEAQ a MOVQ from a slot.
func (f fix) load(slot uintptr) {
	f.place[0] = opLoad
	binary.LittleEndian.PutUint32(f.place[2:], uint32(slot-f.next))
}

func name(s *symbol) string {
	if s == nil {
		return "nothing"
	}
	return s.name
}
