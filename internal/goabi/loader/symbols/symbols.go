// Package symbols tells where the symbols of a host program are. What it knows
// stands in a file beside the program, made once and mapped by every host, so
// that a look-up costs a hash and nothing is read at the start.
//
// Assumed: the linker names code and data of a program that imports package plugin in its ELF
// symbol table, static temporaries by ..stmp_, type assertions by ..typeAssert., switches by
// ..interfaceSwitch.; builtin symbols are listed in cmd/internal/goobj/builtinlist.go, in the order
// of their numbers; the current goroutine lies where the ELF segment of thread-local memory or,
// without one, the word before the thread's base is (x86-64), or in a register (arm64).
//
// Where a release has it otherwise: a list of builtin symbols that cannot be read, and a segment
// without its symbol, are errors when the workspace is made. A symbol that has no
// name is missing when the loader is checked, before the workspace counts as whole.
package symbols

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/mapped"
)

// fileMagic begins the file; the number counts its forms.
const fileMagic = "goparallel symbols 3\n\x00\x00\x00"

// The file has, behind its magic, a header of words, the names of the builtin
// symbols, the addresses of assertions and switches, and a table of pairs: the hash of
// a symbol's key, and its address.
const (
	headBuild = iota // identifies the build
	headText
	headEnd
	headTLS
	headBuiltins // bytes of their names
	headAssertions
	headSwitches
	headTable // slots, a power of two
	heads
)

// A Space tells apart symbols of one name.
type Space string

// The spaces of symbols. A function can have two entries, for callers of either
// of Go's calling conventions.
const (
	Data     Space = ""
	ABI0     Space = ".abi0"
	Internal Space = ".abi1"
)

// An Index knows the symbols of one program.
type Index struct {
	// Text is where the program's Go code begins, and End where its memory ends, as
	// it was linked.
	Text, End uintptr
	// TLS is where the current goroutine is kept, from the thread's base.
	TLS int64
	// Builtins are the symbols that objects refer to by number.
	Builtins []Builtin
	// Assertions and Switches are where type assertions, and switches, to interfaces
	// remember what they have found out.
	Assertions, Switches []uintptr

	table []byte
	mask  uint64
}

// A Builtin is a symbol of the runtime.
type Builtin struct {
	Name string
	ABI  uint16
}

// Name returns the file for a program.
func Name(program string) string { return program + ".symbols" }

// running is the program that this process runs, whatever lies at its path by now.
const running = "/proc/self/exe"

// Open maps the index of the program that this process was started from. It stays
// mapped until the process ends. An index of another build, as where the program
// was replaced since, is an error. Local returns where a file lies on this machine.
func Open(program string, local func(path string) (string, error)) (*Index, error) {
	self, err := elf.Open(running)
	if err != nil {
		return nil, err
	}
	defer self.Close()
	build, err := buildOf(self)
	if err != nil {
		return nil, err
	}
	path, err := local(Name(program))
	if err != nil {
		return nil, err
	}
	data, err := mapped.File(path)
	if err != nil {
		return nil, err
	}
	x, err := parse(data, build)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return x, nil
}

func parse(data []byte, build uint64) (*Index, error) {
	if !bytes.HasPrefix(data, []byte(fileMagic)) || len(data) < len(fileMagic)+8*heads {
		return nil, errors.New("it is no index of symbols")
	}
	head := func(i int) uint64 { return binary.LittleEndian.Uint64(data[len(fileMagic)+8*i:]) }
	if head(headBuild) != build {
		return nil, errors.New("the program was replaced since this process was started: a restart takes the new one")
	}
	x := &Index{Text: uintptr(head(headText)), End: uintptr(head(headEnd)), TLS: int64(head(headTLS)), mask: head(headTable) - 1}
	rest := data[len(fileMagic)+8*heads:]
	builtins, slots := head(headBuiltins), head(headTable)
	lists := 8 * (head(headAssertions) + head(headSwitches))
	if slots&x.mask != 0 || uint64(len(rest)) != builtins+lists+16*slots {
		return nil, errors.New("the index of symbols is cut off")
	}
	for _, line := range strings.Split(strings.TrimRight(string(rest[:builtins]), "\n\x00"), "\n") {
		name, abi := line[1:], uint16(line[0]-'0')
		x.Builtins = append(x.Builtins, Builtin{name, abi})
	}
	rest = rest[builtins:]
	take := func(n uint64) (list []uintptr) {
		for i := range n {
			list = append(list, uintptr(binary.LittleEndian.Uint64(rest[8*i:])))
		}
		rest = rest[8*n:]
		return list
	}
	x.Assertions, x.Switches = take(head(headAssertions)), take(head(headSwitches))
	x.table = rest
	return x, nil
}

// buildOf identifies the build of a program, by the id that the go command gave it.
func buildOf(f *elf.File) (uint64, error) {
	section := f.Section(".note.go.buildid")
	if section == nil {
		return 0, errors.New("the program has no build id")
	}
	id, err := section.Data()
	if err != nil {
		return 0, fmt.Errorf("the program's build id: %w", err)
	}
	// Programs for several architectures have one id.
	sum := sha256.Sum256(fmt.Appendf(id, " %d", f.Machine))
	return binary.LittleEndian.Uint64(sum[:]), nil
}

// Lookup returns the address of a symbol, as the program was linked, 0 where it
// has none of that name.
func (x *Index) Lookup(name string, space Space) uintptr {
	if space == Data {
		name = typeKey(name)
	}
	h := keyHash(name, space)
	for i := h & x.mask; ; i = (i + 1) & x.mask {
		slot := x.table[16*i:][:16]
		switch binary.LittleEndian.Uint64(slot) {
		case h:
			return uintptr(binary.LittleEndian.Uint64(slot[8:]))
		case 0:
			return 0
		}
	}
}

// keyHash is FNV-1a, of 64 bits: among 100,000 symbols and as many look-ups of
// absent ones, two keys of one hash are to be expected once in a billion programs.
func keyHash(name string, space Space) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	for i := range len(space) {
		h = (h ^ uint64(space[i])) * 0x100000001b3
	}
	return max(h, 1)
}

// typeKey is the name of a type's symbol in a program that can open plugins,
// where the linker shortens it (cmd/link/internal/ld.typeSymbolMangle). With
// another rule the host's types would not be found, and values would have types
// that are equal to none of the host's.
func typeKey(name string) string {
	const prefix = "type:"
	if !strings.HasPrefix(name, prefix) || len(name) <= 14 || strings.HasPrefix(name, prefix+"runtime.") {
		return name
	}
	sum := sha256.Sum256([]byte(name[len(prefix):]))
	sum[0] ^= 0xff
	return prefix + base64.StdEncoding.EncodeToString(sum[:6])
}
