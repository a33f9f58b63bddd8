package loader

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/kernel/loader/goobj"
)

// A module is the memory of one link. It has three parts: code, which can be
// executed, constants and tables, which can be read, and variables.
type module struct {
	memory   []byte
	base     uintptr
	constant int // where each part begins
	variable int

	text, types, rodata, funcData, noPtrData, data, noPtrBSS, bss []*symbol

	// Offsets from the beginning; typesLen is from that of the constants.
	textEnd, typesLen, funcsAt int
	slotsAt, slotsEnd          int
	headAt                     int // of the module's description
	plainAt, plainEnd          int // noPtrData
	dataAt, dataEnd            int
	bssAt, bssEnd              int
	plainBSSAt, plainBSSEnd    int

	tables  *tables
	slots   map[*symbol]uintptr
	fixes   []fix
	foreign map[uintptr]bool // types that the module's types refer to
}

const (
	pageSize  = 4096
	textAlign = 32
	wordSize  = 8
)

func align(n, to int) int { return (n + to - 1) &^ (to - 1) }

// place gives each symbol of a list its offset, from at on, and returns the end.
// Offsets become addresses when there is memory.
func place(list []*symbol, at int) int {
	for _, s := range list {
		at = align(at, alignment(s))
		s.addr = uintptr(at)
		at += int(s.sym.Size)
	}
	return at
}

// alignment is what the Go linker gives a symbol that asks for none: that of its
// size, up to 32.
func alignment(s *symbol) int {
	if s.text {
		return max(textAlign, int(s.sym.Align))
	}
	if s.sym.Align != 0 {
		return int(s.sym.Align)
	}
	if strings.HasPrefix(s.name, "go:string.") || strings.HasPrefix(s.name, "type:.namedata.") {
		return 1
	}
	a := 32
	for a > 1 && a > int(s.sym.Size) {
		a /= 2
	}
	return a
}

// lay lays the link's symbols out, in memory of their own.
func (k *link) lay() (*module, error) {
	m := &module{slots: make(map[*symbol]uintptr), foreign: make(map[uintptr]bool)}
	lists := [...]*[]*symbol{inText: &m.text, inTypes: &m.types, inROData: &m.rodata, inFuncData: &m.funcData,
		inNoPtrData: &m.noPtrData, inData: &m.data, inBSS: &m.bss, inNoPtrBSS: &m.noPtrBSS}
	for _, s := range k.defined {
		*lists[s.class] = append(*lists[s.class], s)
	}
	m.sortTypes()
	m.textEnd = place(m.text, 0)
	m.constant = align(m.textEnd+1, pageSize)
	at := m.placeTypes(m.constant + wordSize) // no type is at offset 0, which means none
	at = place(m.rodata, at)
	m.funcsAt = align(at, textAlign)
	at = place(m.funcData, m.funcsAt)
	var err error
	if m.tables, err = k.describe(m, at); err != nil {
		return nil, err
	}
	m.slotsAt = align(m.tables.end, wordSize)
	m.slotsEnd = m.slotsAt + wordSize*(k.slots+len(k.itabs))
	m.variable = align(m.slotsEnd, pageSize)
	m.headAt = m.variable
	m.plainAt = align(m.headAt+int(unsafe.Sizeof(moduledata{})), wordSize)
	m.plainEnd = place(m.noPtrData, m.plainAt)
	m.dataAt = align(m.plainEnd, textAlign)
	m.dataEnd = align(place(m.data, m.dataAt), wordSize)
	m.bssAt = align(m.dataEnd, textAlign)
	m.bssEnd = align(place(m.bss, m.bssAt), wordSize)
	m.plainBSSAt = m.bssEnd
	m.plainBSSEnd = place(m.noPtrBSS, m.plainBSSAt)
	if err := k.reserve(m, align(m.plainBSSEnd, pageSize)); err != nil {
		return nil, err
	}
	for _, s := range k.defined {
		s.addr += m.base
	}
	return m, nil
}

// sortTypes puts first the types that reflection looks for among those of a
// module, sorted by what they are called: it would make a second type of one that
// it does not find, which is equal to none.
func (m *module) sortTypes() {
	names := make(map[*symbol]string, len(m.types))
	for _, s := range m.types {
		names[s] = s.typeString()
	}
	slices.SortFunc(m.types, func(a, b *symbol) int {
		return cmp.Or(cmp.Compare(b.sym.Flag&goobj.FlagTypelink, a.sym.Flag&goobj.FlagTypelink), cmp.Compare(names[a], names[b]))
	})
}

// placeTypes places types one behind the other, as the runtime walks them.
func (m *module) placeTypes(at int) int {
	for _, s := range m.types {
		at = align(at, wordSize)
		s.addr = uintptr(at)
		at += int(s.sym.Size)
		if s.sym.Flag&goobj.FlagTypelink != 0 {
			m.typesLen = at - m.constant
		}
	}
	return at
}

// typeString is what a type's description calls it. In the description, an offset
// refers to a symbol of a flag byte, a length and the text.
func (s *symbol) typeString() string {
	name := ""
	s.relocs(func(r goobj.Reloc) {
		if i, ok := s.from.Index(r.Sym); ok && r.Off == typeStr {
			data := s.from.Data(i)
			n, width := binary.Uvarint(data[1:])
			name = string(data[1+width:][:n])
		}
	})
	if data := s.from.Data(s.index); len(data) > typeFlag && data[typeFlag]&flagExtraStar != 0 {
		name = strings.TrimPrefix(name, "*")
	}
	return name
}

// near bounds how far code may be from what it calls: instructions hold
// distances in 32 bits, with a sign.
const near = 1<<31 - 64<<20

// reserve gets memory for a module, behind the host and near to it. Functions of
// types are found by their distance from the host's first one, which has no sign.
func (k *link) reserve(m *module, size int) error {
	for at := k.free; at+uintptr(size) < k.hostText+near; {
		p, err := unix.MmapPtr(-1, 0, pointer(at), uintptr(size), unix.PROT_READ|unix.PROT_WRITE,
			unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_FIXED_NOREPLACE)
		if err == unix.EEXIST {
			at += 1 << 20
			continue
		}
		if err != nil {
			return fmt.Errorf("memory for a cell's code: %w", os.NewSyscallError("mmap", err))
		}
		m.base = uintptr(p)
		m.memory = unsafe.Slice((*byte)(p), size)
		k.free = at + uintptr(size)
		return nil
	}
	return fmt.Errorf("there is no room for %d bytes of code near the host's", size)
}

// protect makes code executable, and constants unchangeable.
func (m *module) protect() error {
	err := unix.Mprotect(m.memory[:m.constant], unix.PROT_READ|unix.PROT_EXEC)
	if err == nil {
		err = unix.Mprotect(m.memory[m.constant:m.variable], unix.PROT_READ)
	}
	return os.NewSyscallError("mprotect", err)
}

// at returns the memory of a symbol.
func (m *module) at(s *symbol) []byte {
	return m.memory[s.addr-m.base:][:s.sym.Size]
}
