package loader

import (
	"encoding/binary"
	"strings"

	"github.com/goparallel/goparallel/kernel/loader/goobj"
)

// tables describe a module's functions to the runtime, in the form that the Go
// linker writes (cmd/link/internal/ld/pcln.go): for stacks, panics, profiles and
// the garbage collector. A mistake in them shows as a crash of the collector or
// as "invalid pc-encoded table".
type tables struct {
	names, cu, files, pc []byte
	funcs                []byte // the table of functions, then what describes each
	find                 []byte // from an address to a function
	inline               []byte // what was inlined into functions
	count, fileCount     int
	entries              []int // where the entries of functions are in funcs
	at                   [7]int
	end                  int

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
	atHeader
	atNames
	atCU
	atFiles
	atPC
	atFuncs
)

// describe makes the tables for a module's functions and gives them their places
// from offset at on. Entries are offsets in the module until it has memory.
func (k *link) describe(m *module, at int) (*tables, error) {
	t := &tables{
		names: []byte{0}, pc: []byte{0}, // offset 0 means none
		nameAt: map[string]uint32{"": 0}, fileAt: make(map[string]uint32), cuAt: make(map[*object]uint32),
		count: len(m.text),
	}
	at = align(at, 4)
	t.at[atInline] = at
	t.funcs = make([]byte, 8*len(m.text)+4)
	for i, s := range m.text {
		for len(t.funcs)%wordSize != 0 {
			t.funcs = append(t.funcs, 0)
		}
		put := binary.LittleEndian.PutUint32
		put(t.funcs[8*i:], uint32(s.addr))
		put(t.funcs[8*i+4:], uint32(len(t.funcs)))
		t.entries = append(t.entries, 8*i, len(t.funcs))
		if err := k.describeFunc(m, t, s); err != nil {
			return nil, err
		}
	}
	binary.LittleEndian.PutUint32(t.funcs[8*len(m.text):], uint32(m.textEnd))
	t.entries = append(t.entries, 8*len(m.text))
	t.find = findTable(m)
	at = align(at+len(t.inline), wordSize)
	for i, size := range []int{headerSize, len(t.names), len(t.cu), len(t.files), len(t.pc), len(t.funcs)} {
		t.at[atHeader+i] = at
		at = align(at+size, wordSize)
	}
	t.end = at + len(t.find)
	return t, nil
}

// describeFunc appends a function's description.
func (k *link) describeFunc(m *module, t *tables, s *symbol) error {
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
				offset = uint32(int(data.addr) - m.funcsAt)
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
		offsets[inlineData] = uint32(t.at[atInline] + len(t.inline) - m.funcsAt)
		if err := k.describeInlined(t, s.from, info); err != nil {
			return err
		}
	}
	out := t.funcs
	word := func(v uint32) { out = binary.LittleEndian.AppendUint32(out, v) }
	word(uint32(s.addr))
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
			t.fileCount++
		}
		t.cu = binary.LittleEndian.AppendUint32(t.cu, at)
	}
	return first
}

// findTable leads from an address to the function there: for each stretch of 4096
// bytes the number of the first function, and for each sixteenth of it how many
// more there are before.
func findTable(m *module) []byte {
	const step = bucketSize / subbuckets
	var out []byte
	next, base := 0, 0 // next is the first function that begins behind the stretch
	for at := 0; at < m.textEnd; at += step {
		for next < len(m.text) && int(m.text[next].addr) <= at {
			next++
		}
		if at%bucketSize == 0 {
			base = next - 1
			out = binary.LittleEndian.AppendUint32(out, uint32(base))
		}
		out = append(out, byte(next-1-base))
	}
	for len(out)%(4+subbuckets) != 0 {
		out = append(out, 0)
	}
	return out
}
