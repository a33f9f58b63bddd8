package plugins

import (
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// Comparisons, map keys, type switches and assertions of interface values
// compare itabs, the runtime's tables for a pair of type and interface, by
// address. Compiled code has itabs of its own for the pairs that it names. Those
// of plugins are one, because the dynamic linker takes the first of a name; but
// the runtime makes one for a pair that no module loaded so far has, where
// any(x).(I) or package reflect needs it, and then keeps that. A plugin with the
// same pair that is loaded later is therefore pointed to the runtime's.

// itab has the layout of internal/abi.ITab.
type itab struct {
	inter, typ unsafe.Pointer
	hash       uint32
	_          [4]byte
	method     uintptr // the first; 0 where the type lacks one
}

// size is that of an itab with all its methods.
func (t *itab) size() uintptr {
	if t.method == 0 {
		return unsafe.Sizeof(itab{})
	}
	methods := (*struct {
		_       [typeWords + 1]uintptr // the type, and the package's name
		methods []struct{ name, typ int32 }
	})(t.inter).methods
	return unsafe.Sizeof(itab{}) + uintptr(len(methods)-1)*unsafe.Sizeof(uintptr(0))
}

// typeWords is the size of internal/abi.Type in words.
const typeWords = 6

// hash is what compiled type switches look for first.
func hash(typ unsafe.Pointer) uint32 { return *(*uint32)(unsafe.Add(typ, 2*unsafe.Sizeof(uintptr(0)))) }

//go:linkname getitab runtime.getitab
func getitab(inter, typ unsafe.Pointer, canFail bool) *itab

// moduledata has the beginning of runtime.moduledata.
type moduledata struct {
	_                    [37]uintptr // functions, data
	types, _, _          uintptr
	itabOffset, itabSize uintptr
}

//go:linkname firstmoduledata runtime.firstmoduledata
var firstmoduledata moduledata

//go:linkname lastmoduledatap runtime.lastmoduledatap
var lastmoduledatap *moduledata

// area is where the itabs of a module are.
type area struct{ begin, end uintptr }

// areas are those of all modules, in order, guarded by pluginsMu.
var areas = []area{firstmoduledata.itabs()}

func (m *moduledata) itabs() area {
	return area{m.types + m.itabOffset, m.types + m.itabOffset + m.itabSize}
}

// within reports whether there is an itab of a module at p.
func within(p uintptr) bool {
	i, found := slices.BinarySearchFunc(areas, p, func(a area, p uintptr) int { return cmp.Compare(a.begin, p) })
	return found || i > 0 && p < areas[i-1].end
}

// unify points what the module loaded last refers to, and has not run yet, to
// the itabs that the runtime knows.
func unify(path string, base uintptr) error {
	own := lastmoduledatap.itabs()
	i, _ := slices.BinarySearchFunc(areas, own, func(a, b area) int { return cmp.Compare(a.begin, b.begin) })
	areas = slices.Insert(areas, i, own)
	for p := own.begin; p < own.end; {
		t := (*itab)(at(p))
		// The runtime leaves the hash out where it makes an itab.
		if one := getitab(t.inter, t.typ, true); one != nil && atomic.LoadUint32(&one.hash) != hash(t.typ) {
			atomic.StoreUint32(&one.hash, hash(t.typ))
		}
		p += t.size()
	}
	places, protected, err := references(path, base)
	if err != nil {
		return err
	}
	open := false
	for _, place := range places {
		p := *(*uintptr)(at(place))
		if !within(p) {
			continue
		}
		t := (*itab)(at(p))
		one := getitab(t.inter, t.typ, true)
		if one == nil || one == t {
			continue
		}
		if !open && protected.begin <= place && place < protected.end {
			if err := protected.allow(syscall.PROT_READ | syscall.PROT_WRITE); err != nil {
				return err
			}
			open = true
		}
		*(*uintptr)(at(place)) = uintptr(unsafe.Pointer(one))
	}
	if open {
		return protected.allow(syscall.PROT_READ)
	}
	return nil
}

// references returns where in a loaded plugin addresses stand that the dynamic
// linker wrote, and the memory that it protected afterwards.
func references(path string, base uintptr) (places []uintptr, protected area, err error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, area{}, err
	}
	defer f.Close()
	table, err := f.DynValue(elf.DT_RELA)
	if err != nil || len(table) != 1 {
		return nil, area{}, fmt.Errorf("the plugin has no table of relocations: %v", err)
	}
	size, err := f.DynValue(elf.DT_RELASZ)
	if err != nil || len(size) != 1 {
		return nil, area{}, fmt.Errorf("the plugin's table of relocations has no size: %v", err)
	}
	entries := unsafe.Slice((*elf.Rela64)(at(base+uintptr(table[0]))), size[0]/uint64(unsafe.Sizeof(elf.Rela64{})))
	for _, e := range entries {
		if slices.Contains(addresses, elf.R_TYPE64(e.Info)) {
			places = append(places, base+uintptr(e.Off))
		}
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_GNU_RELRO {
			page := uintptr(syscall.Getpagesize())
			protected = area{(base + uintptr(p.Vaddr)) &^ (page - 1), (base + uintptr(p.Vaddr+p.Memsz)) &^ (page - 1)}
		}
	}
	return places, protected, nil
}

// addresses are the relocations that make an address of a symbol, or of a place
// in the same plugin, on amd64 and arm64.
var addresses = []uint32{
	uint32(elf.R_X86_64_64), uint32(elf.R_X86_64_GLOB_DAT), uint32(elf.R_X86_64_RELATIVE),
	uint32(elf.R_AARCH64_ABS64), uint32(elf.R_AARCH64_GLOB_DAT), uint32(elf.R_AARCH64_RELATIVE),
}

// at is a pointer to memory that is not of Go's heap.
func at(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// allow changes what may be done with the memory.
func (a area) allow(protection int) error {
	if err := syscall.Mprotect(unsafe.Slice((*byte)(at(a.begin)), a.end-a.begin), protection); err != nil {
		return fmt.Errorf("change the protection of the plugin's memory: %w", err)
	}
	return nil
}
