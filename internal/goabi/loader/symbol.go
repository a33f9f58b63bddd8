package loader

import (
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
)

// A symbol is one function, variable, type or constant: of the host, of what was
// loaded before, or of what is being loaded.
type symbol struct {
	name string
	// addr is where it is; 0 until it is laid out.
	addr uintptr
	text bool
	// by is the link that lays it out, nil for the host's.
	by *link
	// The rest is of symbols that objects define.
	from   *object
	index  int
	sym    goobj.Sym
	class  class
	shared bool
	queued bool
	// An itab has no place of its own: the runtime makes it from these two types, and
	// then addr is where it is. Code that reads what an itab holds, instead of
	// handing it on, reads it from a copy in the module.
	inter, typ *symbol
	copy       *symbol
	// twin is where reflection had made a type before the type was loaded, otherwise 0.
	twin uintptr
}

// identity is where that lies by which a symbol is compared.
func (s *symbol) identity() uintptr {
	if s.twin != 0 {
		return s.twin
	}
	return s.addr
}

// A class says in which part of a module a symbol lies.
type class uint8

const (
	absent class = iota // is not laid out
	inText
	inTypes
	inROData
	inFuncData
	inNoPtrData
	inData
	inBSS
	inNoPtrBSS
	inItabs
)

// An object is an object of an archive, with what its symbols are.
type object struct {
	*goobj.Object
	pkg    *archive // nil for a unit's object
	unit   string   // the path that a unit was compiled with
	syms   []*symbol
	others [][]*symbol // of other packages, by the numbers of package and symbol
	pcAt   []uint32    // by number, where a table is in the module that is being made
}

func newObject(o *goobj.Object, pkg *archive, unit string) *object {
	return &object{Object: o, pkg: pkg, unit: unit, syms: make([]*symbol, o.Syms())}
}

// resolved is where it is kept what a reference means.
func (o *object) resolved(r goobj.Ref) **symbol {
	if i, ok := o.Index(r); ok {
		return &o.syms[i]
	}
	number := int(r.Pkg)
	if r.Pkg == goobj.PkgBuiltin {
		number = 0 // which no package has
	}
	for number >= len(o.others) {
		o.others = append(o.others, nil)
	}
	list := &o.others[number]
	if missing := int(r.Sym) + 1 - len(*list); missing > 0 {
		*list = append(*list, make([]*symbol, missing)...)
	}
	return &(*list)[r.Sym]
}

// relocs calls each for the relocations of a symbol.
func (s *symbol) relocs(each func(r goobj.Reloc)) {
	from, to := s.from.Relocs(s.index)
	for k := from; k < to; k++ {
		each(s.from.Reloc(k))
	}
}

// aux calls each for the auxiliary symbols of a symbol.
func (s *symbol) aux(each func(kind uint8, r goobj.Ref)) {
	from, to := s.from.Auxs(s.index)
	for k := from; k < to; k++ {
		each(s.from.Aux(k))
	}
}

func (s *symbol) isItab() bool { return s.sym.Flag2&goobj.Flag2Itab != 0 }

// isTypelink reports whether a symbol is a type that reflection looks for before it
// makes one: one without a name.
func (s *symbol) isTypelink() bool {
	return s.class == inTypes && s.sym.Flag&goobj.FlagTypelink != 0
}

func classOf(s goobj.Sym) class {
	if s.Flag2&goobj.Flag2Itab != 0 {
		return inItabs
	}
	switch s.Kind {
	case goobj.Text, goobj.TextFIPS:
		return inText
	case goobj.ROData, goobj.RODataFIPS:
		if isType(s.Name) {
			return inTypes
		}
		return inROData
	case goobj.NoPtrData, goobj.NoPtrDataFIPS:
		return inNoPtrData
	case goobj.Data, goobj.DataFIPS:
		return inData
	case goobj.BSS:
		return inBSS
	case goobj.NoPtrBSS:
		return inNoPtrBSS
	}
	return absent
}

// isType reports whether a symbol is the description of a type. Names of types
// and fields, and functions that compare values, have type: and a dot.
func isType(name string) bool {
	return strings.HasPrefix(name, "type:") && !strings.HasPrefix(name, "type:.")
}

// isShared reports whether a symbol is one and the same in the whole process. The
// others are constants, of which each module has its own: offsets in the
// descriptions of types reach no other module's, and the host's have no names.
func isShared(o *object, i int, s goobj.Sym) bool {
	switch {
	case s.Name == "" || s.ABI == goobj.Static || s.Flag&goobj.FlagLocal != 0 || !o.Named(i):
		return false
	case strings.HasPrefix(s.Name, "type:."), strings.HasPrefix(s.Name, "go:"), strings.HasPrefix(s.Name, "runtime.gcbits."),
		strings.HasSuffix(s.Name, "·f"), strings.Contains(s.Name, "..stmp_"):
		return false
	}
	return !o.ownInit(s.Name) && !o.isOfUnit(s)
}

// ownInit reports whether a symbol belongs to the initialisation of a unit.
// Units are objects of one package, but each is initialised by itself.
func (o *object) ownInit(name string) bool {
	rest, ok := strings.CutPrefix(name, o.unit+".")
	if o.pkg != nil || !ok {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(rest, "map."), ".")
	return first == "init" || first == "glob" || rest == ".inittask"
}

// key names a symbol among all that were loaded.
func key(name string, abi uint16, text bool) string {
	if text && abi == 0 {
		return name + string(symbols.ABI0)
	}
	return name
}
