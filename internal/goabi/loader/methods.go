package loader

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// A type that is declared again with other methods stays the type that it is: values
// keep it wherever they are. Its description gets another table of methods, that of
// the description which the newer object has, and what the runtime has worked out of the
// old table is worked out again: itabs, and what type assertions have remembered.

// methodsMark is in the names of variables by which an object says that its description
// of a type has newer methods than others with a smaller number: the mark, the number,
// another mark, and the type.
const methodsMark = "ᐧmethodsᐧ"

// newerMethods returns the type and the number that such a variable names.
func (o *object) newerMethods(name string) (typ string, number int) {
	rest, ok := strings.CutPrefix(name, o.unit+"."+methodsMark)
	if !ok {
		return "", 0
	}
	digits, typ, _ := strings.Cut(rest, "ᐧ")
	number, err := strconv.Atoi(digits)
	if err != nil {
		return "", 0
	}
	return o.unit + "." + typ, number
}

// A renewal is a description of a type in the process, and a newer one, of which the
// methods are to be its own.
type renewal struct{ old, newer *symbol }

// findRenewals finds the types of which the object has newer methods than the process:
// those that it names, and those that are made of them and so have methods themselves.
func (k *link) findRenewals(o *object) {
	for i := range o.Defs() {
		if typ, number := o.newerMethods(o.Sym(i).Name); number > k.methods[typ] {
			if k.newer == nil {
				k.newer = make(map[string]int)
			}
			k.newer[typ] = number
		}
	}
	if len(k.newer) == 0 {
		return
	}
	for i := range o.Defs() {
		sym := o.Sym(i)
		old := k.loaded[sym.Name]
		if old == nil || !isType(sym.Name) || !k.mentionsNewer(sym.Name) {
			continue
		}
		newer := k.define(o, i, sym)
		newer.class = inROData
		k.renewals = append(k.renewals, renewal{old, k.queue(newer)})
	}
}

// currentType is the type that a symbol means.
func (s *symbol) currentType() *rtype { return (*rtype)(pointer(s.identity())) }

// mentionsNewer reports whether the name of a type's symbol mentions a type that has
// newer methods.
func (k *link) mentionsNewer(name string) bool {
	for typ := range k.newer {
		for rest := name; ; {
			_, after, ok := strings.Cut(rest, typ)
			if !ok {
				break
			}
			if after == "" || strings.IndexByte(" ;,[]}*)", after[0]) >= 0 {
				return true
			}
			rest = after
		}
	}
	return false
}

// renewMethods gives types their newer methods.
func (k *link) renewMethods(m *module) error {
	if len(k.renewals) == 0 {
		return nil
	}
	renewed := make(map[*rtype]bool)
	for _, r := range k.renewals {
		if err := k.renew(m, r.old.currentType(), r.newer.rtype()); err != nil {
			return fmt.Errorf("the methods of %s: %w", r.old.name, err)
		}
		renewed[r.old.currentType()] = true
	}
	k.renewItabs(renewed)
	k.forgetAssertions()
	return nil
}

// renew gives a type the table of methods of a description.
func (k *link) renew(m *module, old, newer *rtype) error {
	from, to := uncommonOf(newer), uncommonOf(old)
	if to == nil {
		return nil // it can have no methods
	}
	counts, path, table := uint32(0), int32(0), uintptr(unsafe.Pointer(to))
	if from != nil && from.count > 0 {
		counts, path, table = uint32(from.count)|uint32(from.exported)<<16, from.path, uintptr(unsafe.Pointer(from))+uintptr(from.methods)
	}
	// Names and types are given by their distances from the beginning of the arena in
	// which the description is.
	if home := arenaOf(uintptr(unsafe.Pointer(old))); home != nil && home != m.arena.head {
		home.endType = max(home.endType, m.arena.head.endType)
		distance := int32(m.arena.head.types - home.types)
		path += distance
		list := unsafe.Slice((*method)(pointer(table)), int(counts&0xffff))
		for i := range list {
			list[i].name += distance
			list[i].typ += distance
		}
	}
	distance := int64(table) - int64(uintptr(unsafe.Pointer(to)))
	if distance < 0 || distance > 1<<32-1 {
		return fmt.Errorf("they are too far away: %#x", distance)
	}
	return writable(uintptr(unsafe.Pointer(to)), unsafe.Sizeof(*to), func() {
		if to.path == 0 {
			to.path = path
		}
		// All at once, as far as the machine can do it.
		*(*uint64)(unsafe.Pointer(&to.count)) = uint64(counts) | uint64(distance)<<32
	})
}

// arenaOf finds the arena in which a description lies.
func arenaOf(at uintptr) *moduledata {
	for md := firstModule.next; md != nil; md = md.next {
		if md.types <= at && at < md.endType {
			return md
		}
	}
	return nil
}

// writable runs a function while constants at an address can be written.
func writable(at, size uintptr, do func()) error {
	from := at &^ uintptr(pageSize-1)
	pages := unsafe.Slice((*byte)(pointer(from)), alignAddr(at+size, pageSize)-from)
	if err := unix.Mprotect(pages, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return os.NewSyscallError("mprotect", err)
	}
	do()
	return os.NewSyscallError("mprotect", unix.Mprotect(pages, unix.PROT_READ))
}

// A pair is an interface and a type.
type pair struct{ inter, typ *rtype }

// renewItabs has the runtime fill in again the itabs of types. One of a type that does
// not implement its interface any more stays as it is, for the values that have it; in
// the runtime's table one takes its place that says no, until the type implements the
// interface again.
func (k *link) renewItabs(types map[*rtype]bool) {
	// Nothing may be allocated while the table is locked.
	spare := make(map[*itab]*itab)
	eachSlot(func(_ **itab, t *itab) {
		if types[t.typ] {
			spare[t] = nil
		}
	})
	for t := range spare {
		spare[t] = k.emptyItab(t)
	}
	put := func(slot **itab, t *itab) {
		atomic.StorePointer((*unsafe.Pointer)(unsafe.Pointer(slot)), unsafe.Pointer(t))
	}
	parked, back := make([]*itab, 0, len(spare)), make([]*itab, 0, len(spare))
	lock(&itabLock)
	eachSlot(func(slot **itab, t *itab) {
		no := spare[t]
		if no == nil {
			return
		}
		implements := fillItab(t, false) == ""
		switch kept := k.parked[pair{t.inter, t.typ}]; {
		case implements && t.funcs[0] == 0 && kept != nil:
			fillItab(kept, true)
			put(slot, kept)
			back = append(back, kept)
		case implements:
			fillItab(t, true)
			t.hash = t.typ.hash
		case t.funcs[0] != 0:
			put(slot, no)
			parked = append(parked, t)
		}
	})
	unlock(&itabLock)
	for _, t := range back {
		delete(k.parked, pair{t.inter, t.typ})
	}
	for _, t := range parked {
		k.parked[pair{t.inter, t.typ}] = t
	}
}

// eachSlot calls a function for the entries of the runtime's table.
func eachSlot(do func(slot **itab, t *itab)) {
	entries := unsafe.Slice(&itabs.entries[0], itabs.size)
	for i, t := range entries {
		if t != nil {
			do(&entries[i], t)
		}
	}
}

// emptyItab makes an itab without functions, with room for them.
func (k *link) emptyItab(t *itab) *itab {
	n := len((*interfaceType)(unsafe.Pointer(t.inter)).methods)
	words := make([]uintptr, int(unsafe.Sizeof(itab{})/wordSize)+n)
	no := (*itab)(unsafe.Pointer(&words[0]))
	pin(words, no)
	no.inter, no.typ = t.inter, t.typ // neither is in Go's heap
	return no
}

// forgetAssertions takes from type assertions and switches what they have remembered of
// types, and from encoding/json, which remembers by type how values are written.
func (k *link) forgetAssertions() {
	forget := func(list []uintptr, slide uintptr, empty string) {
		none := pointer(k.host.Lookup(empty, "") + k.slide)
		for _, at := range list {
			if word := (*unsafe.Pointer)(pointer(at + slide)); *word != none {
				atomic.StorePointer(word, none)
			}
		}
	}
	forget(k.host.Assertions, k.slide, "runtime.emptyTypeAssertCache")
	forget(k.host.Switches, k.slide, "runtime.emptyInterfaceSwitchCache")
	forget(k.assertions, 0, "runtime.emptyTypeAssertCache")
	forget(k.switches, 0, "runtime.emptyInterfaceSwitchCache")
	for _, name := range []string{"encoding/json/v2.lookupArshalerCache", "encoding/json.encoderCache", "encoding/json.fieldCache"} {
		if at := k.host.Lookup(name, ""); at != 0 {
			(*sync.Map)(pointer(at + k.slide)).Clear()
		}
	}
}

// noteAssertions keeps where the module's type assertions and switches remember.
func (k *link) noteAssertions() {
	for _, s := range k.defined {
		switch {
		case strings.Contains(s.name, "..typeAssert."):
			k.assertions = append(k.assertions, s.addr)
		case strings.Contains(s.name, "..interfaceSwitch."):
			k.switches = append(k.switches, s.addr)
		}
	}
}

// isOfUnit reports whether each unit has a symbol of its own by that name: methods of
// cells' types, which call the newest version, because of one name there are methods of
// several signatures; and code of generic functions and types, with the dictionaries that go with
// it, because what stands in a dictionary follows from the code, and that from what was known when
// the unit was made.
func (o *object) isOfUnit(s goobj.Sym) bool {
	rest, ok := strings.CutPrefix(s.Name, o.unit+".")
	if !ok || o.pkg != nil {
		return false
	}
	if classOf(s) == inText {
		return strings.ContainsAny(rest, ".[")
	}
	return strings.HasPrefix(rest, ".dict.")
}

// roomForMethods gives the description of a pointer to a cell's type, which has no
// methods, an empty list of them: it may get some.
func (s *symbol) roomForMethods() {
	if s.class == inTypes && s.from.pkg == nil && strings.HasPrefix(s.name, "type:*"+s.from.unit+".") && s.sym.Size == pointerTypeSize {
		s.sym.Size += uint32(unsafe.Sizeof(uncommon{}))
	}
}

// fillRoom fills in what roomForMethods has made.
func (s *symbol) fillRoom(memory []byte) {
	if data := s.from.Data(s.index); s.class == inTypes && len(memory) > len(data) && len(data) == pointerTypeSize {
		memory[typeFlag] |= flagUncommon
	}
}
