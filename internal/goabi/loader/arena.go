package loader

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An arena is the memory of many modules, which the runtime takes for one: it
// looks through a list of modules for each frame of a stack and for each name of a
// type, so that a module for each cell would make stacks of later cells slow to
// grow. The tables of an arena grow with each module, behind what is read there.
//
// Later arenas lie behind earlier ones, and only the last gets modules: offsets to
// what lies behind an arena would be out of range to the runtime.
type arena struct {
	base   uintptr
	memory []byte
	head   *moduledata
	listed bool // head is in the runtime's list

	text, constants area
	plain, pointers area // variables without and with pointers
	tables          area // what the runtime reads of all modules
	funcs           []funcEntry
	count           int    // functions
	find            []byte // from an address to a function
	mask            []byte // the words of pointers that the collector follows
}

// An area is a part of an arena: from an address on, used up to at.
type area struct{ from, at, end uintptr }

// newArea is the area of a size behind another, a page apart at most.
func newArea(behind uintptr, size int) area {
	from := uintptr(align(int(behind), pageSize))
	return area{from, from, from + uintptr(align(size, pageSize))}
}

func (a area) size() int { return int(a.end - a.from) }

// Sizes of an arena's areas, unless a module needs more. Memory that is not used
// costs addresses only; what can be written counts for the process's limit, though.
const (
	textSize      = 16 << 20
	constantsSize = 32 << 20
	variablesSize = 4 << 20 // of each kind
	funcsPerText  = 64      // bytes of code for each entry in the table of functions
)

// near bounds how far code may be from what it calls: instructions hold
// distances in 32 bits, with a sign.
const near = 1<<31 - 64<<20

// newArena makes an arena behind the host and near to it, with room for a module
// that needs so much. Functions of types are found by their distance from the
// host's first one, which has no sign.
func (k *link) newArena(need needs) (*arena, error) {
	a := &arena{}
	a.text = newArea(0, max(textSize, need.text))
	a.constants = newArea(a.text.end, max(constantsSize, need.constants))
	a.plain = newArea(a.constants.end, max(variablesSize, need.plain))
	a.pointers = newArea(a.plain.end, max(variablesSize, need.pointers))
	funcs := max(a.text.size()/funcsPerText, need.funcs+1)
	buckets := a.text.size() / bucketSize
	bits := a.pointers.size()/wordSize/8 + wordSize
	a.tables = newArea(a.pointers.end, headerSize+funcs*int(unsafe.Sizeof(funcEntry{}))+buckets*(4+subbuckets)+bits)
	if err := a.reserve(k.Loader); err != nil {
		return nil, err
	}
	for _, part := range []*area{&a.text, &a.constants, &a.plain, &a.pointers, &a.tables} {
		part.from, part.at, part.end = part.from+a.base, part.at+a.base, part.end+a.base
	}
	if err := unix.Mprotect(a.bytes(a.plain.from, int(a.tables.end-a.plain.from)), unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return nil, fmt.Errorf("memory for cells' variables: %w", os.NewSyscallError("mprotect", err))
	}
	a.constants.at += textAlign // offset 0 means none
	take := func(n int) []byte {
		at := a.tables.at
		a.tables.at += uintptr(n)
		return a.bytes(at, n)
	}
	header := take(headerSize)
	binary.LittleEndian.PutUint32(header, tableMagic)
	header[6], header[7] = quantum, wordSize
	a.funcs = unsafe.Slice((*funcEntry)(unsafe.Pointer(&take(funcs * int(unsafe.Sizeof(funcEntry{})))[0])), funcs)
	a.funcs[0] = funcEntry{entry: uint32(a.text.from - k.hostText)}
	a.find, a.mask = take(buckets*(4+subbuckets)), take(bits)
	a.head = k.describeArena(a, &header[0])
	return a, nil
}

// describeArena is the arena's description for the runtime, before it has a module.
func (k *link) describeArena(a *arena, header *byte) *moduledata {
	constants := a.bytes(a.constants.from, a.constants.size())
	return &moduledata{
		// Offsets into tables count from the beginning of the constants.
		pcHeader: header, funcNames: constants, files: constants, pc: constants, funcs: constants,
		cu:        unsafe.Slice((*uint32)(unsafe.Pointer(&constants[0])), len(constants)/4),
		funcTable: a.funcs, find: uintptr(unsafe.Pointer(&a.find[0])),
		minPC: a.text.from, maxPC: a.text.from,
		// Methods of types are given by their distance from text, without a sign: so
		// that those of the host can be meant as well, it is the host's. No address is
		// looked for between text and etext.
		text: k.hostText, etext: k.hostText,
		noPtrData: a.plain.from, endNoPtrData: a.plain.from, data: a.pointers.from, endData: a.pointers.from,
		bss: a.pointers.from, endBSS: a.pointers.from, noPtrBSS: a.plain.from, endNoPtrBSS: a.plain.from,
		end: a.tables.end, types: a.constants.from, endType: a.constants.end,
		// Objects on stacks have their masks from rodata on, if what describes them is
		// between funcData and endFuncs.
		rodata: a.constants.from, funcData: a.constants.from, endFuncs: a.constants.end,
		dataMask: bitvector{data: &a.mask[0]}, bssMask: bitvector{data: &a.mask[0]},
		typemap: k.twins,
	}
}

// reserve gets addresses for the arena.
func (a *arena) reserve(l *Loader) error {
	size := a.tables.end
	for at := l.free; at+size < l.hostText+near; {
		p, err := unix.MmapPtr(-1, 0, pointer(at), size, unix.PROT_NONE,
			unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE|unix.MAP_FIXED_NOREPLACE)
		if err == unix.EEXIST {
			at += 1 << 20
			continue
		}
		if err != nil {
			return fmt.Errorf("memory for cells' code: %w", os.NewSyscallError("mmap", err))
		}
		a.base = uintptr(p)
		a.memory = unsafe.Slice((*byte)(p), size)
		l.free = at + size
		return nil
	}
	return fmt.Errorf("there is no room for %d bytes of code near the host's", size)
}

// bytes returns the arena's memory at an address.
func (a *arena) bytes(at uintptr, n int) []byte { return a.memory[at-a.base:][:n:n] }

// offset is where an address is in the arena's tables.
func (a *arena) offset(at uintptr) uint32 { return uint32(at - a.constants.from) }

// publish makes the runtime see a module that is filled in. Another thread may walk
// a stack, or the collector look for variables, at any time: so what tells them how
// far to look is written last.
func (k *link) publish(m *module) {
	a := m.arena
	entries := m.tables.entries
	first := a.count
	copy(a.funcs[first+1:], entries[1:])
	a.funcs[first] = entries[0] // until now the end of what was before
	a.count += len(entries) - 1
	m.findFuncs(uint32(first))
	a.text.at, a.constants.at = uintptr(align(int(m.textEnd+1), pageSize)), uintptr(align(int(m.constEnd), pageSize))
	a.plain.at, a.pointers.at = m.plainEnd, m.pointersEnd
	h := a.head
	atomic.StoreUintptr(&h.endNoPtrData, m.plainEnd)
	atomic.StoreInt32(&h.dataMask.n, int32((m.pointersEnd-a.pointers.from)/wordSize))
	atomic.StoreUintptr(&h.endData, m.pointersEnd)
	atomic.StoreUintptr(&h.maxPC, m.textEnd)
	if !a.listed {
		a.listed = true
		pin(h)
		// In front: the code that runs is more often the newest.
		h.next = firstModule.next
		if lastModule == &firstModule {
			lastModule = h
		}
		atomic.StorePointer((*unsafe.Pointer)(unsafe.Pointer(&firstModule.next)), unsafe.Pointer(h))
		modulesInit()
	}
}

// findFuncs leads from the module's addresses to its functions: for each stretch of
// 4096 bytes the number of the first function, and for each sixteenth of it how many
// more there are before.
func (m *module) findFuncs(first uint32) {
	const step = bucketSize / subbuckets
	next := uint32(0) // the first function that begins behind the stretch
	for at := m.textAt; at < m.textEnd; {
		bucket := m.arena.find[(at-m.arena.text.from)/bucketSize*(4+subbuckets):]
		for next < uint32(len(m.text)) && m.text[next].addr <= at {
			next++
		}
		base := first + next - 1
		binary.LittleEndian.PutUint32(bucket, base)
		for i := range subbuckets {
			for next < uint32(len(m.text)) && m.text[next].addr <= at {
				next++
			}
			bucket[4+i] = byte(first + next - 1 - base)
			at += step
		}
	}
}
