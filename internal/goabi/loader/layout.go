package loader

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// A module is what one link adds to an arena. It has three parts: code, which can
// be executed, constants and tables, which can be read, and variables.
type module struct {
	arena *arena

	text, types, rodata, funcData, noPtrData, data, noPtrBSS, bss []*symbol

	// Addresses. The functions' data, and the words through which code reaches what is
	// far away, are constants.
	textAt, textEnd         uintptr
	constAt, constEnd       uintptr
	slotsAt                 uintptr
	plainAt, plainEnd       uintptr
	pointersAt, pointersEnd uintptr

	tables *tables
	slots  map[*symbol]uintptr
	fixes  []fix

	// Trampolines are code that goes on to where a call does not reach, on some
	// architectures.
	trampolinesAt uintptr
	trampolines   map[farCall]uintptr
}

// needs is how much of each area a module takes.
type needs struct{ text, constants, plain, pointers, funcs int }

const (
	textAlign = 32
	wordSize  = 8
)

var pageSize = os.Getpagesize()

// farCall is what is called outside of a module: a symbol, or a place in it.
type farCall struct {
	target *symbol
	add    int64
}

func align(n, to int) int { return (n + to - 1) &^ (to - 1) }

// place gives each symbol of a list its address, from at on, and returns the end.
func place(list []*symbol, at uintptr) uintptr {
	for _, s := range list {
		s.addr = alignAddr(at, alignment(s))
		at = s.addr + uintptr(s.sym.Size)
	}
	return at
}

func alignAddr(at uintptr, to int) uintptr { return uintptr(align(int(at), to)) }

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

// lay lays the link's symbols out, in an arena that has room for them.
func (k *link) lay() (*module, error) {
	m := &module{slots: make(map[*symbol]uintptr), trampolines: make(map[farCall]uintptr)}
	lists := [...]*[]*symbol{inText: &m.text, inTypes: &m.types, inROData: &m.rodata, inFuncData: &m.funcData,
		inNoPtrData: &m.noPtrData, inData: &m.data, inBSS: &m.bss, inNoPtrBSS: &m.noPtrBSS}
	for _, s := range k.defined {
		*lists[s.class] = append(*lists[s.class], s)
	}
	if len(k.calls) > 0 { // the runtime takes them for one function
		m.text = append(m.text, &symbol{name: "goparallel.trampolines", text: true, sym: goobj.Sym{Size: uint32(trampolineSize * len(k.calls))}})
	}
	if k.arena != nil {
		need, err := k.layIn(m, k.arena)
		if err != nil {
			return nil, err
		}
		if k.arena.has(need) {
			return m, m.open()
		}
	}
	// How much it needs is known when it is laid out, at whatever addresses.
	need, err := k.layIn(m, &arena{})
	if err != nil {
		return nil, err
	}
	a, err := k.newArena(need)
	if err != nil {
		return nil, err
	}
	k.arena = a
	if _, err := k.layIn(m, a); err != nil {
		return nil, err
	}
	return m, m.open()
}

// layIn gives the module's symbols their addresses in an arena.
func (k *link) layIn(m *module, a *arena) (need needs, err error) {
	m.arena = a
	m.textAt = a.text.at
	m.textEnd = place(m.text, m.textAt)
	m.trampolinesAt = m.textEnd - uintptr(trampolineSize*len(k.calls))
	m.constAt = a.constants.at
	at := place(m.rodata, place(m.types, m.constAt))
	at = place(m.funcData, alignAddr(at, textAlign))
	if m.tables, err = k.describe(m, at); err != nil {
		return need, err
	}
	m.slotsAt = alignAddr(m.tables.end, wordSize)
	m.constEnd = m.slotsAt + uintptr(wordSize*(k.slots+len(k.itabs)+len(m.types)))
	m.plainAt = alignAddr(a.plain.at, textAlign)
	m.plainEnd = place(m.noPtrBSS, place(m.noPtrData, m.plainAt))
	// The bits of a module's pointers fill bytes of their own.
	m.pointersAt = alignAddr(a.pointers.at, 8*wordSize)
	m.pointersEnd = alignAddr(place(m.bss, place(m.data, m.pointersAt)), wordSize)
	// Some more, for what alignment may take.
	size := func(from, to uintptr) int { return int(to-from) + 2*pageSize }
	return needs{size(m.textAt, m.textEnd), size(m.constAt, m.constEnd), size(m.plainAt, m.plainEnd), size(m.pointersAt, m.pointersEnd), len(m.text)}, nil
}

// has reports whether the arena has room for a module.
func (a *arena) has(need needs) bool {
	fits := func(part area, size int) bool { return part.at+uintptr(size) <= part.end }
	return fits(a.text, need.text) && fits(a.constants, need.constants) && fits(a.plain, need.plain) && fits(a.pointers, need.pointers) &&
		a.count+need.funcs < len(a.funcs)
}

// code and constants are the pages that hold those of the module.
func (m *module) code() []byte {
	return m.arena.bytes(m.textAt, align(int(m.textEnd+1-m.textAt), pageSize))
}

func (m *module) constants() []byte {
	from := m.constAt &^ uintptr(pageSize-1)
	return m.arena.bytes(from, align(int(m.constEnd-from), pageSize))
}

// open makes the module's memory writable.
func (m *module) open() error {
	for _, pages := range [][]byte{m.code(), m.constants()} {
		if err := unix.Mprotect(pages, unix.PROT_READ|unix.PROT_WRITE); err != nil {
			return fmt.Errorf("memory for a cell's code: %w", os.NewSyscallError("mprotect", err))
		}
	}
	return nil
}

// protect makes code executable, and constants unchangeable.
func (m *module) protect() error {
	m.written()
	err := unix.Mprotect(m.code(), unix.PROT_READ|unix.PROT_EXEC)
	if err == nil {
		err = unix.Mprotect(m.constants(), unix.PROT_READ)
	}
	return os.NewSyscallError("mprotect", err)
}

// wipe takes out what a link that failed has written to variables: those of a later
// one that are zero are not written.
func (m *module) wipe() {
	for _, list := range [][]*symbol{m.noPtrData, m.data} {
		for _, s := range list {
			clear(m.at(s))
		}
	}
}

// at returns the memory of a symbol.
func (m *module) at(s *symbol) []byte { return m.arena.bytes(s.addr, int(s.sym.Size)) }
