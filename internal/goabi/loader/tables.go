package loader

import (
	"encoding/binary"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// tables describe a module's functions to the runtime, in the form that the Go
// linker writes (cmd/link/internal/ld/pcln.go): for stacks, panics, profiles and
// the garbage collector. A mistake in them shows as a crash of the collector or
// as "invalid pc-encoded table".
type tables struct {
	names, cu, files, pc []byte
	funcs                []byte      // what describes each function
	inline               []byte      // what was inlined into functions
	entries              []funcEntry // of the table of functions, and its end
	at                   [6]uintptr
	end                  uintptr

	nameAt map[string]uint32
	fileAt map[string]uint32
	cuAt   map[*object]uint32
	pcdata []goobj.Ref // of the function at hand
	data   []goobj.Ref
}

const (
	headerSize   = 72 // of runtime.pcHeader
	funcSize     = 44 // of runtime._func
	inlineSize   = 16 // of runtime.inlinedCall
	bucketSize   = 4096
	subbuckets   = 16
	inlineIndex  = 2 // internal/abi.PCDATA_InlTreeIndex
	inlineData   = 3 // internal/abi.FUNCDATA_InlTree
	tableMagic   = 0xfffffff1
	noOffset     = 1<<32 - 1
	sourcePrefix = "gofile.." // of file names in objects
)

// The tables, in the order in which they lie in memory.
const (
	atInline = iota
	atNames
	atCU
	atFiles
	atPC
	atFuncs
)

// describe makes the tables for a module's functions and gives them their places
// from an address on.
func (k *link) describe(m *module, at uintptr) (*tables, error) {
	t := &tables{
		names: []byte{0}, pc: []byte{0}, // offset 0 means none
		nameAt: map[string]uint32{"": 0}, fileAt: make(map[string]uint32), cuAt: make(map[*object]uint32),
	}
	t.at[atInline] = alignAddr(at, 4)
	for _, s := range m.text {
		for len(t.funcs)%wordSize != 0 {
			t.funcs = append(t.funcs, 0)
		}
		t.entries = append(t.entries, funcEntry{uint32(s.addr - k.hostText), uint32(len(t.funcs))})
		if err := k.describeFunc(m, t, s); err != nil {
			return nil, err
		}
	}
	at = t.at[atInline] + uintptr(len(t.inline))
	for i, size := range []int{len(t.names), len(t.cu), len(t.files), len(t.pc), len(t.funcs)} {
		t.at[atNames+i] = alignAddr(at, wordSize)
		at = t.at[atNames+i] + uintptr(size)
	}
	t.end = at
	t.move(m.arena)
	t.entries = append(t.entries, funcEntry{entry: uint32(m.textEnd - k.hostText)})
	return t, nil
}

// move turns offsets from the beginning of a table into those that the arena's
// tables have. An offset of 0 means none in two of them.
func (t *tables) move(a *arena) {
	add := func(place []byte, table int, unit uint32) {
		v := binary.LittleEndian.Uint32(place)
		if v == 0 && (table == atNames || table == atPC) {
			return
		}
		binary.LittleEndian.PutUint32(place, v+a.offset(t.at[table])/unit)
	}
	for i := 0; i < len(t.inline); i += inlineSize {
		add(t.inline[i+4:], atNames, 1)
	}
	for i := 0; i < len(t.cu); i += 4 {
		add(t.cu[i:], atFiles, 1)
	}
	for i, e := range t.entries {
		f := t.funcs[e.offset:]
		add(f[4:], atNames, 1)
		for _, field := range []int{16, 20, 24} { // tables of the stack pointer, of files and of lines
			add(f[field:], atPC, 1)
		}
		add(f[32:], atCU, 4)
		for n := range int(binary.LittleEndian.Uint32(f[28:])) {
			add(f[funcSize+4*n:], atPC, 1)
		}
		t.entries[i].offset += a.offset(t.at[atFuncs])
	}
}

// describeFunc appends a function's description.
func (k *link) describeFunc(m *module, t *tables, s *symbol) error {
	if s.from == nil { // trampolines have no frames
		t.funcs = binary.LittleEndian.AppendUint32(t.funcs, uint32(s.addr-k.hostText))
		t.funcs = binary.LittleEndian.AppendUint32(t.funcs, t.name(s.name))
		t.funcs = append(t.funcs, make([]byte, funcSize-8)...)
		return nil
	}
	var info goobj.FuncInfo
	var sp, file, line, inline goobj.Ref
	pcdata, funcdata := t.pcdata[:0], t.data[:0]
	defer func() { t.pcdata, t.data = pcdata, funcdata }()
	s.aux(func(kind uint8, r goobj.Ref) {
		switch kind {
		case goobj.AuxFuncInfo:
			if i, ok := s.from.Index(r); ok {
				info = s.from.Data(i)
			}
		case goobj.AuxPcsp:
			sp = r
		case goobj.AuxPcfile:
			file = r
		case goobj.AuxPcline:
			line = r
		case goobj.AuxPcinline:
			inline = r
		case goobj.AuxPcdata:
			pcdata = append(pcdata, r)
		case goobj.AuxFuncdata:
			funcdata = append(funcdata, r)
		}
	})
	offsets := make([]uint32, 0, 16)
	for _, r := range funcdata {
		offset := uint32(noOffset)
		if r != (goobj.Ref{}) {
			data, err := k.resolve(s.from, r)
			if err != nil {
				return err
			}
			if data.class == inFuncData {
				offset = m.arena.offset(data.addr)
			}
		}
		offsets = append(offsets, offset)
	}
	if info != nil && info.Inlined() > 0 {
		for len(pcdata) <= inlineIndex {
			pcdata = append(pcdata, goobj.Ref{})
		}
		pcdata[inlineIndex] = inline
		for len(offsets) <= inlineData {
			offsets = append(offsets, noOffset)
		}
		offsets[inlineData] = m.arena.offset(t.at[atInline]) + uint32(len(t.inline))
		if err := k.describeInlined(t, s.from, info); err != nil {
			return err
		}
	}
	out := t.funcs
	word := func(v uint32) { out = binary.LittleEndian.AppendUint32(out, v) }
	word(uint32(s.addr - k.hostText))
	word(t.name(k.rename(s.name)))
	if info == nil {
		out = append(out, make([]byte, funcSize-8)...)
		t.funcs = out
		return nil
	}
	sources := t.sources(s.from)
	word(info.Args())
	word(k.deferReturn(s))
	word(t.pcTable(s.from, sp))
	word(t.pcTable(s.from, file))
	word(t.pcTable(s.from, line))
	word(uint32(len(pcdata)))
	word(sources)
	word(info.StartLine())
	out = append(out, info.ID(), info.Flag(), 0, byte(len(offsets)))
	for _, r := range pcdata {
		word(t.pcTable(s.from, r))
	}
	for _, offset := range offsets {
		word(offset)
	}
	t.funcs = out
	return nil
}

// describeInlined appends the tree of calls that were inlined into a function.
func (k *link) describeInlined(t *tables, o *object, info goobj.FuncInfo) error {
	for i := range info.Inlined() {
		call := info.Call(i)
		name, of, err := k.inlinedFunc(o, call.Func)
		if err != nil {
			return err
		}
		out := append(t.inline, 0, 0, 0, 0)
		if of != nil {
			out[len(out)-4] = of.ID()
		}
		out = binary.LittleEndian.AppendUint32(out, t.name(k.rename(name)))
		out = binary.LittleEndian.AppendUint32(out, call.ParentPC)
		line := uint32(0)
		if of != nil {
			line = of.StartLine()
		}
		t.inline = binary.LittleEndian.AppendUint32(out, line)
	}
	return nil
}

// inlinedFunc returns name and description of a function that was inlined. Those
// of other packages are in their archives.
func (k *link) inlinedFunc(o *object, r goobj.Ref) (string, goobj.FuncInfo, error) {
	i, ok := o.Index(r)
	if !ok {
		pkg, err := k.archive(unescape(o.Pkg(r.Pkg)))
		if err != nil {
			return "", nil, err
		}
		o, i = pkg.compiler, int(r.Sym)
	}
	name := o.Sym(i).Name
	if i >= o.Defs() {
		return name, nil, nil
	}
	from, to := o.Auxs(i)
	for n := from; n < to; n++ {
		if kind, r := o.Aux(n); kind == goobj.AuxFuncInfo {
			if at, ok := o.Index(r); ok {
				return name, o.Data(at), nil
			}
		}
	}
	return name, nil, nil
}

// deferReturn is where a function calls what runs its deferred calls, from its
// beginning: a panic that was recovered goes on there.
func (k *link) deferReturn(s *symbol) uint32 {
	from, to := s.from.Relocs(s.index)
	for n := from; n < to; n++ {
		if r := s.from.Reloc(n); r.Type == relocCall && k.isDeferReturn(s.from, r.Sym) {
			return uint32(r.Off) - callPrefix
		}
	}
	return 0
}

func (k *link) isDeferReturn(o *object, r goobj.Ref) bool {
	const name = "runtime.deferreturn"
	if r.Pkg == goobj.PkgBuiltin {
		return k.host.Builtins[r.Sym].Name == name
	}
	i, ok := o.Index(r)
	return ok && o.Sym(i).Name == name // the runtime's own functions refer to what their object defines
}

func (t *tables) name(name string) uint32 {
	at, ok := t.nameAt[name]
	if !ok {
		at = uint32(len(t.names))
		t.nameAt[name] = at
		t.names = append(append(t.names, name...), 0)
	}
	return at
}

// pcTable keeps a table from code addresses to values, and returns its offset.
func (t *tables) pcTable(o *object, r goobj.Ref) uint32 {
	i, ok := o.Index(r)
	if !ok {
		return 0
	}
	data := o.Data(i)
	if len(data) == 0 {
		return 0
	}
	if o.pcAt == nil {
		o.pcAt = make([]uint32, o.Defs())
	}
	if o.pcAt[i] == 0 {
		o.pcAt[i] = uint32(len(t.pc))
		t.pc = append(t.pc, data...)
	}
	return o.pcAt[i]
}

// sources keeps the names of an object's source files, and returns where their
// list begins.
func (t *tables) sources(o *object) uint32 {
	first, ok := t.cuAt[o]
	if ok {
		return first
	}
	first = uint32(len(t.cu) / 4)
	t.cuAt[o] = first
	clear(o.pcAt) // of an earlier module
	for i := range o.Files() {
		name := strings.TrimPrefix(o.File(i), sourcePrefix)
		at, ok := t.fileAt[name]
		if !ok {
			at = uint32(len(t.files))
			t.fileAt[name] = at
			t.files = append(append(t.files, name...), 0)
		}
		t.cu = binary.LittleEndian.AppendUint32(t.cu, at)
	}
	return first
}
