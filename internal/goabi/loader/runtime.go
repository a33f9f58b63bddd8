package loader

import (
	"unsafe"
)

// What the loader knows of the runtime of this Go release: layouts and functions
// that Go does not promise. A program that holds it must be linked with
// -checklinkname=0, as the host is.

// moduledata has the layout of runtime.moduledata. Where it differs, the first
// stack that is looked at ends the process.
type moduledata struct {
	pcHeader    *byte
	funcNames   []byte
	cu          []uint32
	files       []byte
	pc          []byte
	funcs       []byte
	funcTable   []funcEntry
	find        uintptr
	minPC       uintptr
	maxPC       uintptr
	text, etext uintptr

	noPtrData, endNoPtrData  uintptr
	data, endData            uintptr
	bss, endBSS              uintptr
	noPtrBSS, endNoPtrBSS    uintptr
	_, _                     uintptr // counters of coverage
	end, gcdata, gcbss       uintptr
	types, typesLen, endType uintptr
	_, _                     uintptr // itabs
	rodata                   uintptr
	funcData                 uintptr
	endFuncs                 uintptr
	_                        []byte // sections of text
	_                        []byte // a plugin's exports
	path                     string
	_                        []byte
	_                        []byte // initialisation
	name                     string
	_                        []byte
	_                        uint8
	_                        bool
	dataMask, bssMask        bitvector
	typemap                  map[*rtype]*rtype
	next                     *moduledata
}

type funcEntry struct{ entry, offset uint32 }

// bitvector has the layout of runtime.bitvector.
type bitvector struct {
	n    int32
	data *byte
}

// rtype has the layout of internal/abi.Type.
type rtype struct {
	size     uintptr
	ptrBytes uintptr
	hash     uint32
	flag     uint8
	_        [3]uint8 // alignments and kind
	_        [2]uintptr
	_        int32
	pointer  int32 // offset of the type of pointers to this one, or 0
}

// itab has the beginning of internal/abi.ITab.
type itab struct {
	inter, typ *rtype
	hash       uint32
	funcs      [1]uintptr // one for each method of the interface; the first is 0 where the type lacks one
}

// itabTable has the layout of runtime.itabTableType.
type itabTable struct {
	size, count uintptr
	entries     [1]*itab // really size of them
}

// interfaceType has the layout of internal/abi.InterfaceType.
type interfaceType struct {
	_       [typeSize]byte
	_       *byte
	methods []struct{ name, typ int32 }
}

// uncommon has the layout of internal/abi.UncommonType, method that of a method.
type uncommon struct {
	path            int32
	count, exported uint16
	methods         uint32 // from here
	_               uint32
}

type method struct{ name, typ, ifn, tfn int32 }

// Offsets in the description of a type, as the compiler writes it, and flags: it has
// methods or a name, and it has a name.
const (
	typeFlag     = 20
	typeSize     = 48
	flagUncommon = 1 << 0
	flagNamed    = 1 << 2

	pointerTypeSize = typeSize + 8 // of a description of pointers, without methods
)

//go:linkname lastModule runtime.lastmoduledatap
var lastModule *moduledata

//go:linkname firstModule runtime.firstmoduledata
var firstModule moduledata

// modulesInit makes the garbage collector know all modules of the list.
//
//go:linkname modulesInit runtime.modulesinit
func modulesInit()

// verify ends the process where a module's tables are not as the runtime wants
// them.
//
//go:linkname verify runtime.moduledataverify1
func verify(*moduledata)

// runInit initialises a package, unless that has been done.
//
//go:linkname runInit runtime.doInit1
func runInit(task unsafe.Pointer)

// getItab returns the one itab of an interface and a type.
//
//go:linkname getItab runtime.getitab
func getItab(inter, typ *rtype, canFail bool) *itab

// uncommonOf returns what a type has of methods, nil for one that cannot have any.
//
//go:linkname uncommonOf internal/abi.(*Type).Uncommon
func uncommonOf(*rtype) *uncommon

// fillItab returns the method that a type lacks for an interface, or "", and fills in
// the functions if it is to.
//
//go:linkname fillItab runtime.itabInit
func fillItab(t *itab, fill bool) string

// itabs is the table in which the runtime finds itabs, under a lock of its own.
//
//go:linkname itabs runtime.itabTable
var itabs *itabTable

//go:linkname itabLock runtime.itabLock
var itabLock uintptr

//go:linkname lock runtime.lock
func lock(*uintptr)

//go:linkname unlock runtime.unlock
func unlock(*uintptr)

// worldStop has the layout of runtime.worldStop.
type worldStop struct {
	//lint:ignore U1000 the runtime reads it, as it does the others
	reason uint8
	//lint:ignore U1000 as above
	began, stopped, cpu int64
}

//go:linkname stopTheWorld runtime.stopTheWorld
func stopTheWorld(reason uint8) worldStop

//go:linkname startTheWorld runtime.startTheWorld
func startTheWorld(worldStop)

// goroutines are all of the process, while the world is stopped.
//
//go:linkname goroutines runtime.allGsSnapshot
func goroutines() []unsafe.Pointer

//go:linkname statusOf runtime.readgstatus
func statusOf(g unsafe.Pointer) uint32

// callersOf writes the frames of a goroutine that does not run, and returns how many.
//
//go:linkname callersOf runtime.gcallers
func callersOf(g unsafe.Pointer, skip int, frames []uintptr) int

//go:linkname eachItab runtime.iterate_itabs
func eachItab(func(*itab))

//go:linkname addItab runtime.(*itabTableType).add
func addItab(*itabTable, *itab)

// pointerMask returns the words of a type that are pointers, a bit each.
//
//go:linkname pointerMask runtime.getGCMask
func pointerMask(*rtype) *byte

// pointer is the pointer to memory that Go's heap does not have.
func pointer(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

// rtype is the type that a symbol describes, once the symbol is filled in.
func (s *symbol) rtype() *rtype { return (*rtype)(pointer(s.addr)) }
