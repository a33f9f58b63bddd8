package symbols

import (
	"debug/elf"
	"encoding/binary"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// temporary is in the names of static temporaries, which are numbered: the same
// ones must have the same numbers in the program and in the archives.
const temporary = "..stmp_"

// addTemporaries adds the places of static temporaries to those of named symbols. Go's
// linker gives them no names, but what refers to them has its name, and its relocations
// in the archives say where it does.
func addTemporaries(program *elf.File, objects []*goobj.Object, places map[string]uint64) {
	memory := newImage(program)
	for _, o := range objects {
		var known []reference // what refers to others, the latest found last
		refers := func(i int, place uint64) {
			from, to := o.Relocs(i)
			for n := from; n < to; n++ {
				r := o.Reloc(n)
				if target, ok := o.Index(r.Sym); ok && strings.Contains(o.Sym(target).Name, temporary) {
					known = append(known, reference{target, r, place})
				}
			}
		}
		for i := range o.Defs() {
			s := o.Sym(i)
			if place := places[s.Name+string(space(s))]; place != 0 && !strings.Contains(s.Name, temporary) {
				refers(i, place)
			}
		}
		for len(known) > 0 {
			r := known[len(known)-1]
			known = known[:len(known)-1]
			name := o.Sym(r.to).Name
			if places[name] != 0 {
				continue
			}
			if place, ok := memory.target(r.reloc, r.from); ok {
				places[name] = place
				refers(r.to, place) // one may point to another
			}
		}
	}
}

// space is that of an object's symbol.
func space(s goobj.Sym) Space {
	switch {
	case s.Kind != goobj.Text && s.Kind != goobj.TextFIPS:
		return Data
	case s.ABI == 0:
		return ABI0
	}
	return Internal
}

// A reference is from a symbol that lies at from to the object's symbol of number to.
type reference struct {
	to    int
	reloc goobj.Reloc
	from  uint64
}

// An image is what a program's file has of its memory.
type image struct {
	machine elf.Machine
	parts   []part
}

type part struct {
	at   uint64
	data []byte
}

func newImage(f *elf.File) image {
	x := image{machine: f.Machine}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Filesz > 0 {
			data := make([]byte, p.Filesz)
			if n, _ := p.ReadAt(data, 0); n == len(data) {
				x.parts = append(x.parts, part{p.Vaddr, data})
			}
		}
	}
	return x
}

// bytes returns the eight bytes at an address.
func (x image) bytes(at uint64) ([]byte, bool) {
	for _, p := range x.parts {
		if at >= p.at && at+8 <= p.at+uint64(len(p.data)) {
			return p.data[at-p.at:][:8], true
		}
	}
	return nil, false
}

// target returns what a relocation of the symbol at from has been made to mean.
func (x image) target(r goobj.Reloc, from uint64) (uint64, bool) {
	at := from + uint64(r.Off)
	b, ok := x.bytes(at)
	if !ok {
		return 0, false
	}
	var to uint64
	switch {
	case r.Type == goobj.RelocAddr && r.Size == 8:
		to = binary.LittleEndian.Uint64(b)
	case x.machine == elf.EM_X86_64 && r.Type == goobj.RelocPCRelAMD64 && r.Size == 4:
		to = at + 4 + uint64(int64(int32(binary.LittleEndian.Uint32(b))))
	case x.machine == elf.EM_AARCH64 && (r.Type == goobj.RelocPairARM64 || r.Type >= goobj.RelocAccess8ARM64 && r.Type <= goobj.RelocAccess64ARM64):
		first, second := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		pages := int64(int32((first>>5&(1<<19-1)<<2|first>>29&3)<<11)) >> 11
		shift := max(0, r.Type-goobj.RelocAccess8ARM64)
		to = at&^0xfff + uint64(pages<<12) + uint64(second>>10&0xfff)<<shift
	default:
		return 0, false
	}
	return to - uint64(r.Add), true
}
