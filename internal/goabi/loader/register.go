package loader

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
	"github.com/goparallel/goparallel/internal/goabi/loader/perfmap"
)

// register makes the runtime know a module: from then on its functions are found
// in stacks, its variables keep alive what they point to, and its types are seen
// by reflection.
func (k *link) register(m *module) error {
	k.writeTables(m)
	if err := k.mask(m); err != nil {
		return err
	}
	// A description of the module alone, so that its tables are verified.
	md := new(moduledata)
	*md = *m.arena.head
	md.funcTable, md.minPC, md.maxPC = m.tables.entries, m.textAt, m.textEnd
	verify(md)
	k.publish(m)
	k.showTypes(m)
	if err := k.renewMethods(m); err != nil {
		return err
	}
	k.makeItabs()
	for i := 0; i < len(m.fixes); i++ { // a slot of a type may be one more
		m.fixes[i].apply(m)
	}
	return nil
}

// nameForPerf tells perf of the module's functions.
func (k *link) nameForPerf(m *module) error {
	if k.perf == nil {
		return nil
	}
	list := make([]perfmap.Function, len(m.text))
	for i, s := range m.text {
		list[i] = perfmap.Function{Addr: s.addr, Size: s.sym.Size, Name: k.rename(s.name)}
	}
	return k.perf.Add(list)
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

// writeTables copies the tables to their places.
func (k *link) writeTables(m *module) {
	t := m.tables
	for i, table := range [][]byte{atInline: t.inline, atNames: t.names, atCU: t.cu, atFiles: t.files, atPC: t.pc, atFuncs: t.funcs} {
		copy(m.arena.bytes(t.at[i], len(table)), table)
	}
}

// mask says which words of the module's variables are pointers that the collector
// has to follow: what the variables' types say.
func (k *link) mask(m *module) error {
	first := (m.pointersAt - m.arena.pointers.from) / wordSize
	bits := m.arena.mask[first/8:][:(m.pointersEnd-m.pointersAt)/wordSize/8+1]
	clear(bits) // of a link that failed
	for _, s := range slices.Concat(m.data, m.bss) {
		var typ *symbol
		var err error
		s.aux(func(kind uint8, r goobj.Ref) {
			if kind == goobj.AuxGotype {
				typ, err = k.resolve(s.from, r)
			}
		})
		if err != nil {
			return err
		}
		if typ == nil {
			return fmt.Errorf("the variable %s has no type, so its pointers are not known", s.name)
		}
		t := typ.rtype()
		words := int(t.ptrBytes / wordSize)
		if words == 0 {
			continue
		}
		from := unsafe.Slice(pointerMask(t), (words+7)/8)
		first := int(s.addr-m.pointersAt) / wordSize
		for i := range words {
			if from[i/8]>>(i%8)&1 != 0 {
				bits[(first+i)/8] |= 1 << ((first + i) % 8)
			}
		}
	}
	return nil
}

// makeItabs has the runtime make the itabs that the module names. It has one for
// an interface and a type, and compares values of interfaces by it.
func (k *link) makeItabs() {
	for _, s := range k.itabs {
		t := getItab(s.inter.rtype(), (*rtype)(pointer(s.typ.identity())), true)
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
}
