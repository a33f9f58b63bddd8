package loader

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
	"github.com/goparallel/goparallel/internal/goabi/loader/shared"
	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
)

// OpenNative opens a shared object, and returns what finds its symbols: 0 where it
// has none of a name.
type OpenNative func(file string) (symbol func(name string) uintptr, err error)

// native is a package's code that is not Go's, but a C compiler's. It has been
// linked as a shared object, which lies beside the list of archives.
type native struct {
	file    string
	imports map[string]bool // what Go code refers to
	exports []string        // functions that it calls
	symbol  func(name string) uintptr
}

func newNative(archive string, parsed *goobj.Archive) *native {
	if len(parsed.Foreign) == 0 {
		return nil
	}
	n := &native{file: shared.Name(archive), imports: make(map[string]bool), exports: shared.Exports(parsed)}
	for _, name := range shared.Imports(parsed) {
		n.imports[name] = true
	}
	return n
}

func (n *native) has(name string) bool { return n != nil && n.imports[name] }

// hostHas reports whether the host is linked with the code of a package. What cgo
// makes has names of its own for each package, or, for package runtime/cgo, of none
// else.
func (k *link) hostHas(n *native) bool {
	for name := range n.imports {
		if strings.Contains(name, "_cgo_") && k.host.Lookup(name, symbols.Internal) != 0 {
			return true
		}
	}
	return false
}

// An export is a function that code in C calls, and the word by which it does.
type export struct {
	function *symbol
	slot     uintptr
}

// openNative opens a package's shared object, once.
func (k *link) openNative(a *archive) (err error) {
	if a.native.symbol == nil {
		file, err := k.local(filepath.Join(filepath.Dir(k.config), a.native.file))
		if err == nil {
			a.native.symbol, err = k.open(file)
		}
		if err != nil {
			return fmt.Errorf("the code in C of package %s: %w", a.path, err)
		}
	}
	return nil
}

// foreign finds what a package's Go code refers to in its other code.
func (k *link) foreign(a *archive, name string) (*symbol, error) {
	if k.hostHas(a.native) {
		if addr := k.host.Lookup(name, symbols.Internal); addr != 0 {
			return &symbol{name: name, addr: addr + k.slide}, nil
		}
		return nil, fmt.Errorf("the host's package %s lacks %s", a.path, name)
	}
	if err := k.openNative(a); err != nil {
		return nil, err
	}
	if addr := a.native.symbol(name); addr != 0 {
		return &symbol{name: name, addr: addr}, nil
	}
	return nil, fmt.Errorf("the code in C of package %s lacks %s", a.path, name)
}

// export has the functions laid out that a package's code in C calls.
func (k *link) export(a *archive) error {
	if err := k.openNative(a); err != nil {
		return err
	}
	for _, name := range a.native.exports {
		const internal = 1
		function, err := k.named(a.compiler, name, internal)
		if err != nil {
			return err
		}
		slot := a.native.symbol(shared.Slot(name))
		if slot == 0 {
			return fmt.Errorf("the code in C of package %s has no word for %s", a.path, name)
		}
		k.exports = append(k.exports, export{function, slot})
	}
	return nil
}
