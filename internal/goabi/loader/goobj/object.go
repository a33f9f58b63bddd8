// Package goobj reads the objects that Go's compiler and assembler write, in the
// form of the release that compiles cells (see cmd/internal/goobj, which programs
// outside the Go distribution cannot import).
//
// Assumed: the header, its blocks and the sizes of their entries, flags, kinds of symbols and of
// auxiliary data, and function infos are as cmd/internal/goobj writes them; kinds of relocations
// are numbered as in cmd/internal/objabi; in an archive, the object lies in a member whose export
// data ends where archive.go and export.go look for the end.
//
// Where a release has it otherwise: another magic, or export data of another form, is refused
// by name. What changes without the magic shows in the check of the loader that a workspace
// runs, and in the tests of package loader.
package goobj

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"
)

// magic begins an object. Go changes it with the form, so an object of another
// release is refused.
const magic = "\x00go120ld"

// The blocks of an object, whose offsets stand behind magic, fingerprint and flags.
const (
	blockImports = iota
	blockPackages
	blockFiles
	blockDefs
	blockHashed64
	blockHashed
	blockNamed
	blockNamedRefs
	_ // flags of references
	_ // hashes
	_
	blockRelocIndex
	blockAuxIndex
	blockDataIndex
	blockRelocs
	blockAux
	blockData
	blockRefNames
	_ // the end
	blocks
)

const (
	headerSize = len(magic) + 8 + 4 + 4*blocks
	symSize    = 21
	relocSize  = 23
	auxSize    = 9
	stringSize = 8

	flagAssembly = 1 << 2
)

// What the package number of a Ref can be besides the number of a package.
const (
	pkgNone = 1<<31 - 1 - iota
	pkgHashed64
	pkgHashed
	PkgBuiltin // the number of a builtin symbol follows, see symbols.Index
	pkgSelf
)

// Static is the ABI of symbols that only their own object knows.
const Static = 1<<16 - 1

// Kinds of symbols (cmd/internal/objabi.SymKind).
const (
	Text = 1 + iota
	TextFIPS
	ROData
	RODataFIPS
	NoPtrData
	NoPtrDataFIPS
	Data
	DataFIPS
	BSS
	NoPtrBSS
	TLSBSS
)

// Flags of symbols.
const (
	FlagDup      = 1 << 0
	FlagLocal    = 1 << 1
	FlagTypelink = 1 << 2
	FlagGoType   = 1 << 6

	Flag2Itab = 1 << 1
)

// Kinds of auxiliary symbols.
const (
	AuxGotype   = 0
	AuxFuncInfo = 1
	AuxFuncdata = 2
	AuxPcsp     = 7
	AuxPcfile   = 8
	AuxPcline   = 9
	AuxPcinline = 10
	AuxPcdata   = 11
)

// An Object is one object of an archive. Its strings and slices are part of the
// archive's bytes.
type Object struct {
	// Assembly says that an assembler wrote it.
	Assembly bool
	data     []byte
	block    [blocks]uint32
	first    [5]int // numbers of the first symbols of each block, and their end
}

// A Ref refers to a symbol: by the number of its package, and its number there.
type Ref struct{ Pkg, Sym uint32 }

// A Sym describes a symbol. Of one that the object only refers to, name and ABI
// are known.
type Sym struct {
	Name        string
	ABI         uint16
	Kind        uint8
	Flag, Flag2 uint8
	Size, Align uint32
}

// A Reloc is a place in a symbol's data that depends on where another symbol is.
type Reloc struct {
	Off  int32
	Size uint8
	Type int16
	Add  int64
	Sym  Ref
}

func (o *Object) word(at uint32) uint32 { return binary.LittleEndian.Uint32(o.data[at:]) }

func (o *Object) text(at uint32) string {
	n, off := o.word(at), o.word(at+4)
	if n == 0 {
		return ""
	}
	return unsafe.String(&o.data[off], n)
}

// newObject reads an object's header. The compiler's objects are believed, so
// what is wrong behind it panics where it is read.
func newObject(data []byte) (*Object, error) {
	if len(data) < headerSize || string(data[:len(magic)]) != magic {
		return nil, errors.New("the object has another form than that of this Go release")
	}
	o := &Object{data: data}
	flags := o.word(uint32(len(magic)) + 8)
	o.Assembly = flags&flagAssembly != 0
	for i := range o.block {
		o.block[i] = o.word(uint32(len(magic) + 12 + 4*i))
		if int(o.block[i]) > len(data) {
			return nil, fmt.Errorf("the object is cut off: block %d is at %d of %d", i, o.block[i], len(data))
		}
	}
	for i := range o.first {
		o.first[i] = int(o.block[blockDefs+i]-o.block[blockDefs]) / symSize
	}
	return o, nil
}

// Fingerprint is the hash of the package's exports, of zeros for assembly.
func (o *Object) Fingerprint() [8]byte { return [8]byte(o.data[len(magic):]) }

// Imports calls each for the packages that the object was compiled against.
func (o *Object) Imports(each func(path string, fingerprint [8]byte)) {
	for at := o.block[blockImports]; at < o.block[blockImports+1]; at += stringSize + 8 {
		each(o.text(at), [8]byte(o.data[at+stringSize:]))
	}
}

// Pkg returns the path of the package of that number.
func (o *Object) Pkg(number uint32) string { return o.text(o.block[blockPackages] + number*stringSize) }

// Files returns how many source files the object names.
func (o *Object) Files() int {
	return int(o.block[blockFiles+1]-o.block[blockFiles]) / stringSize
}

// File returns the name of a source file.
func (o *Object) File(i int) string { return o.text(o.block[blockFiles] + uint32(i)*stringSize) }

// Defs returns how many symbols the object defines. They have the numbers from
// 0; symbols that it refers to by name follow.
func (o *Object) Defs() int { return o.first[4] }

// Syms returns the number of all symbols that Sym describes.
func (o *Object) Syms() int {
	return int(o.block[blockNamedRefs+1]-o.block[blockDefs]) / symSize
}

// Sym describes the symbol of that number.
func (o *Object) Sym(i int) Sym {
	at := o.block[blockDefs] + uint32(i*symSize)
	return Sym{
		Name: o.text(at), ABI: binary.LittleEndian.Uint16(o.data[at+8:]),
		Kind: o.data[at+10], Flag: o.data[at+11], Flag2: o.data[at+12],
		Size: o.word(at + 13), Align: o.word(at + 17),
	}
}

// Named reports whether other objects may mean the symbol of that number by its
// name: others are known by their contents.
func (o *Object) Named(i int) bool { return i < o.first[1] || i >= o.first[3] }

// Index returns the number of a symbol of this object, and false where the
// reference is to another package or to a builtin.
func (o *Object) Index(r Ref) (int, bool) {
	switch r.Pkg {
	case pkgSelf:
		return int(r.Sym), true
	case pkgHashed64:
		return o.first[1] + int(r.Sym), true
	case pkgHashed:
		return o.first[2] + int(r.Sym), true
	case pkgNone:
		return o.first[3] + int(r.Sym), true
	}
	return 0, false
}

// Data returns the contents of a symbol, empty where they are all zeros.
func (o *Object) Data(i int) []byte {
	at := o.block[blockDataIndex] + uint32(i*4)
	base := o.block[blockData]
	return o.data[base+o.word(at) : base+o.word(at+4)]
}

// Relocs returns the range of a symbol's relocations.
func (o *Object) Relocs(i int) (from, to int) { return o.span(blockRelocIndex, i) }

// Reloc returns one of the object's relocations.
func (o *Object) Reloc(k int) Reloc {
	b := o.data[int(o.block[blockRelocs])+k*relocSize:][:relocSize]
	return Reloc{
		Off: int32(binary.LittleEndian.Uint32(b)), Size: b[4], Type: int16(binary.LittleEndian.Uint16(b[5:])),
		Add: int64(binary.LittleEndian.Uint64(b[7:])),
		Sym: Ref{binary.LittleEndian.Uint32(b[15:]), binary.LittleEndian.Uint32(b[19:])},
	}
}

// Auxs returns the range of a symbol's auxiliary symbols.
func (o *Object) Auxs(i int) (from, to int) { return o.span(blockAuxIndex, i) }

// Aux returns one of the object's auxiliary symbols.
func (o *Object) Aux(k int) (kind uint8, r Ref) {
	b := o.data[int(o.block[blockAux])+k*auxSize:][:auxSize]
	return b[0], Ref{binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint32(b[5:])}
}

func (o *Object) span(block, i int) (from, to int) {
	at := o.block[block] + uint32(i*4)
	return int(o.word(at)), int(o.word(at + 4))
}

// Ref refers to a symbol by its number.
func (o *Object) Ref(i int) Ref {
	for block, pkg := range []uint32{pkgSelf, pkgHashed64, pkgHashed, pkgNone} {
		if i < o.first[block+1] || pkg == pkgNone {
			return Ref{pkg, uint32(i - o.first[block])}
		}
	}
	panic("unreachable")
}
