package symbols

import (
	"cmp"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// Write makes the index of a program beside it. Root is the GOROOT of the release
// that compiled it, archives are the compiled packages that it can have.
func Write(program, root string, archives []string) error {
	builtins, err := readBuiltins(root)
	if err != nil {
		return fmt.Errorf("the compiler's list of builtin symbols: %w", err)
	}
	objects, abi0, sizes, err := defined(archives)
	if err != nil {
		return err
	}
	f, err := elf.Open(program)
	if err != nil {
		return err
	}
	defer f.Close()
	list, err := f.Symbols()
	if err != nil {
		return fmt.Errorf("the symbols of %s: %w", program, err)
	}
	head := [heads]uint64{headBuiltins: uint64(len(builtins))}
	if head[headBuild], err = buildOf(f); err != nil {
		return err
	}
	if head[headTLS], err = tlsOffset(f, list); err != nil {
		return err
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			head[headEnd] = max(head[headEnd], p.Vaddr+p.Memsz)
		}
	}
	places := placesOf(list, abi0, sizes)
	if !slices.ContainsFunc(list, func(s elf.Symbol) bool { return strings.Contains(s.Name, temporary) }) {
		addTemporaries(f, objects, places)
	}
	table, err := makeTable(places)
	if err != nil {
		return err
	}
	head[headTable] = uint64(len(table) / 16)
	var assertions, switches []byte
	for _, s := range list {
		switch {
		case s.Name == "runtime.text":
			head[headText] = s.Value
		case strings.Contains(s.Name, "..typeAssert."):
			assertions = binary.LittleEndian.AppendUint64(assertions, s.Value)
		case strings.Contains(s.Name, "..interfaceSwitch."):
			switches = binary.LittleEndian.AppendUint64(switches, s.Value)
		}
	}
	head[headAssertions], head[headSwitches] = uint64(len(assertions)/8), uint64(len(switches)/8)
	out := []byte(fileMagic)
	for _, word := range head {
		out = binary.LittleEndian.AppendUint64(out, word)
	}
	out = slices.Concat(out, []byte(builtins), assertions, switches, table)
	tmp := Name(program) + ".new"
	if err := os.WriteFile(tmp, out, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, Name(program))
}

// placesOf returns where the symbols are that have one meaning in the whole program.
func placesOf(list []elf.Symbol, abi0 map[string]bool, sizes map[string]uint32) map[string]uint64 {
	places := make(map[string]uint64)
	double, names := make(map[string]bool), make(map[string]bool)
	renumbered := make(map[string]bool) // packages
	for _, s := range list {
		names[s.Name] = true
		if pkg, _, ok := strings.Cut(s.Name, temporary); ok && uint64(sizes[s.Name]) != s.Size {
			renumbered[pkg] = true
		}
	}
	for _, s := range list {
		pkg, _, ok := strings.Cut(s.Name, temporary)
		if s.Section == elf.SHN_UNDEF || s.Value == 0 || s.Name == "" || ok && renumbered[pkg] {
			continue
		}
		key := s.Name
		switch elf.ST_TYPE(s.Info) {
		case elf.STT_OBJECT:
		case elf.STT_FUNC:
			if abi0[key] && !names[key+string(ABI0)] { // else both entries exist
				key += string(ABI0)
			}
			if !strings.HasSuffix(key, string(ABI0)) {
				key += string(Internal)
			}
		default:
			continue
		}
		if old, ok := places[key]; ok && old != s.Value {
			double[key] = true
		}
		places[key] = s.Value
	}
	for key := range double {
		delete(places, key)
	}
	return places
}

// makeTable lays out the places of symbols.
func makeTable(places map[string]uint64) ([]byte, error) {
	slots := 1
	for slots < 2*len(places) {
		slots *= 2
	}
	table := make([]byte, 16*slots)
	for key, place := range places {
		h := keyHash(key, "")
		i := h & uint64(slots-1)
		for ; binary.LittleEndian.Uint64(table[16*i:]) != 0; i = (i + 1) & uint64(slots-1) {
			if binary.LittleEndian.Uint64(table[16*i:]) == h {
				return nil, fmt.Errorf("two symbols have one hash: %s and another", key)
			}
		}
		binary.LittleEndian.PutUint64(table[16*i:], h)
		binary.LittleEndian.PutUint64(table[16*i+8:], place)
	}
	return table, nil
}

// tlsOffset is where the program keeps the current goroutine: in the last memory
// before the thread's base, as the x86-64 ABI lays it out.
func tlsOffset(f *elf.File, list []elf.Symbol) (uint64, error) {
	if f.Machine != elf.EM_X86_64 {
		return 0, nil // it is in a register
	}
	segment := slices.IndexFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_TLS })
	symbol := slices.IndexFunc(list, func(s elf.Symbol) bool { return s.Name == "runtime.tlsg" })
	if segment < 0 && symbol < 0 && !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		// Go's linker makes no segment in a program without C: it takes the last word for
		// granted, which the runtime gives each thread.
		const wordBefore = -8
		return uint64(1<<64 + wordBefore), nil
	}
	if segment < 0 || symbol < 0 {
		return 0, errors.New("the program keeps its goroutines in another place than this Go release does")
	}
	p := f.Progs[segment]
	align := cmp.Or(p.Align, 1)
	return list[symbol].Value - (p.Memsz+align-1)/align*align, nil
}

// defined returns the objects of archives, the functions that assemblers wrote for the older of Go's
// calling conventions, which the program's symbol table names only where a
// function has both, and the sizes of static temporaries.
func defined(archives []string) (objects []*goobj.Object, abi0 map[string]bool, sizes map[string]uint32, err error) {
	abi0, sizes = make(map[string]bool), make(map[string]uint32)
	for _, file := range archives {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, nil, err
		}
		a, err := goobj.ReadArchive(data)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("%s: %w", file, err)
		}
		objects = append(objects, a.Objects...)
		for _, o := range a.Objects {
			for i := range o.Defs() {
				switch s := o.Sym(i); {
				case o.Assembly && s.Kind == goobj.Text && s.ABI == 0:
					abi0[strings.Clone(s.Name)] = true
				case strings.Contains(s.Name, temporary):
					sizes[strings.Clone(s.Name)] = s.Size
				}
			}
		}
	}
	return objects, abi0, sizes, nil
}

// readBuiltins reads, from the compiler's own source, the names of the symbols
// that objects refer to by number: a line for each, its ABI's digit and its name.
func readBuiltins(root string) ([]byte, error) {
	file := filepath.Join(root, "src", "cmd", "internal", "goobj", "builtinlist.go")
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []byte
	ast.Inspect(parsed, func(n ast.Node) bool {
		entry, ok := n.(*ast.CompositeLit)
		if !ok || entry.Type != nil || len(entry.Elts) != 2 {
			return true
		}
		name, err1 := strconv.Unquote(entry.Elts[0].(*ast.BasicLit).Value)
		if err1 != nil {
			err = err1
		}
		out = append(out, entry.Elts[1].(*ast.BasicLit).Value+name+"\n"...)
		return false
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s names none", file)
	}
	for len(out)%8 != 0 {
		out = append(out, 0)
	}
	return out, err
}
