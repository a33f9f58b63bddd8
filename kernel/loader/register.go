package loader

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/goparallel/goparallel/kernel/loader/goobj"
)

// register makes the runtime know a module: from then on its functions are found
// in stacks, its variables keep alive what they point to, and its types are seen
// by reflection.
func (k *link) register(m *module) error {
	at := func(offset int) uintptr { return m.base + uintptr(offset) }
	t := m.tables
	k.writeTables(m)
	dataMask, err := k.mask(m, m.data, m.dataAt, m.dataEnd)
	if err != nil {
		return err
	}
	bssMask, err := k.mask(m, m.bss, m.bssAt, m.bssEnd)
	if err != nil {
		return err
	}
	types := m.typemap()
	// First: the collector does not look into the module's description, and takes for
	// garbage what only that refers to.
	pin(types, dataMask.data, bssMask.data)
	md := (*moduledata)(unsafe.Pointer(&m.memory[m.headAt]))
	*md = moduledata{
		pcHeader: &m.memory[t.at[atHeader]], funcNames: m.slice(t.at[atNames], len(t.names)), files: m.slice(t.at[atFiles], len(t.files)),
		pc: m.slice(t.at[atPC], len(t.pc)), funcs: m.slice(t.at[atFuncs], len(t.funcs)), find: at(t.end - len(t.find)),
		funcTable: unsafe.Slice((*funcEntry)(unsafe.Pointer(&m.memory[t.at[atFuncs]])), t.count+1),
		minPC:     at(0), maxPC: at(m.textEnd),
		// Methods of types are given by their distance from text, without a sign: so
		// that those of the host can be meant as well, it is the host's. No address is
		// looked for between text and etext.
		text: k.hostText, etext: k.hostText,
		noPtrData: at(m.plainAt), endNoPtrData: at(m.plainEnd), data: at(m.dataAt), endData: at(m.dataEnd),
		bss: at(m.bssAt), endBSS: at(m.bssEnd), noPtrBSS: at(m.plainBSSAt), endNoPtrBSS: at(m.plainBSSEnd),
		end: at(len(m.memory)), types: at(m.constant), typesLen: uintptr(m.typesLen), endType: at(t.at[atInline]),
		// Objects on stacks have their masks from rodata on, if what describes them is
		// between funcData and endFuncs.
		rodata: at(m.constant), funcData: at(m.funcsAt), endFuncs: at(m.slotsAt),
		dataMask: dataMask, bssMask: bssMask, typemap: types,
	}
	if len(t.cu) > 0 {
		md.cu = unsafe.Slice((*uint32)(unsafe.Pointer(&m.memory[t.at[atCU]])), len(t.cu)/4)
	}
	verify(md)
	// A profile, or a signal, may walk the list at any time.
	atomic.StorePointer((*unsafe.Pointer)(unsafe.Pointer(&lastModule.next)), unsafe.Pointer(md))
	lastModule = md
	modulesInit()
	k.makeItabs(m)
	return nil
}

// pinned is what only modules refer to, which stay as long as the process does.
var pinned struct {
	sync.Mutex
	list []any
}

func pin(values ...any) {
	pinned.Lock()
	defer pinned.Unlock()
	pinned.list = append(pinned.list, values...)
}

func (m *module) slice(at, n int) []byte { return m.memory[at : at+n : at+n] }

// writeTables copies the tables to their places. Functions are known by their
// distance from the host's first one.
func (k *link) writeTables(m *module) {
	t := m.tables
	for _, at := range t.entries {
		place := t.funcs[at:]
		binary.LittleEndian.PutUint32(place, binary.LittleEndian.Uint32(place)+uint32(m.base-k.hostText))
	}
	for i, table := range [][]byte{atInline: t.inline, atNames: t.names, atCU: t.cu, atFiles: t.files, atPC: t.pc, atFuncs: t.funcs} {
		copy(m.memory[t.at[i]:], table)
	}
	copy(m.memory[t.end-len(t.find):], t.find)
	head := m.memory[t.at[atHeader]:][:headerSize]
	binary.LittleEndian.PutUint32(head, tableMagic)
	head[6], head[7] = 1, wordSize // instructions have any length
	for i, v := range []int{8: t.count, 16: t.fileCount, 32: t.at[atNames], 40: t.at[atCU], 48: t.at[atFiles], 56: t.at[atPC], 64: t.at[atFuncs]} {
		if i >= 32 && v != 0 {
			v -= t.at[atHeader]
		}
		if i >= 8 && i%8 == 0 {
			binary.LittleEndian.PutUint64(head[i:], uint64(v))
		}
	}
}

// mask says which words of a part of the module are pointers that the collector
// has to follow: what the variables' types say.
func (k *link) mask(m *module, list []*symbol, at, end int) (bitvector, error) {
	bits := make([]byte, (end-at)/wordSize/8+1)
	for _, s := range list {
		var typ *symbol
		var err error
		s.aux(func(kind uint8, r goobj.Ref) {
			if kind == goobj.AuxGotype {
				typ, err = k.resolve(s.from, r)
			}
		})
		if err != nil {
			return bitvector{}, err
		}
		if typ == nil {
			return bitvector{}, fmt.Errorf("the variable %s has no type, so its pointers are not known", s.name)
		}
		t := typ.rtype()
		words := int(t.ptrBytes / wordSize)
		if words == 0 {
			continue
		}
		from := unsafe.Slice(pointerMask(t), (words+7)/8)
		first := (int(s.addr-m.base) - at) / wordSize
		for i := range words {
			if from[i/8]>>(i%8)&1 != 0 {
				bits[(first+i)/8] |= 1 << ((first + i) % 8)
			}
		}
	}
	return bitvector{n: int32((end - at) / wordSize), data: &bits[0]}, nil
}

// typemap says of each type which one the runtime is to take for it: itself. The
// runtime's own map of the next plugin is made of these entries, and one that is
// missing would be a nil type there.
func (m *module) typemap() map[*rtype]*rtype {
	types := make(map[*rtype]*rtype, len(m.types)+len(m.foreign))
	for _, s := range m.types {
		types[s.rtype()] = s.rtype()
	}
	for addr := range m.foreign {
		types[(*rtype)(pointer(addr))] = (*rtype)(pointer(addr))
	}
	return types
}

// makeItabs has the runtime make the itabs that the module names. It has one for
// an interface and a type, and compares values of interfaces by it.
func (k *link) makeItabs(m *module) {
	for _, s := range k.itabs {
		t := getItab(s.inter.rtype(), s.typ.rtype(), true)
		if t == nil {
			// An instance of generic code asks whether a value has a type that does not
			// even implement the interface. No value has it, so the address is to be one
			// that no itab has.
			s.addr = s.typ.addr
			continue
		}
		if t.hash == 0 {
			// A switch on the type of a value looks for it. The runtime sets it only in
			// itabs that the Go linker made.
			t.hash = t.typ.hash
		}
		s.addr = uintptr(unsafe.Pointer(t))
	}
	for _, f := range m.fixes {
		binary.LittleEndian.PutUint64(f.place, uint64(f.itab.addr))
	}
}
