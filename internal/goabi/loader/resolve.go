package loader

import (
	"fmt"
	"iter"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
)

// resolve returns what an object's reference means: a symbol of the host, one
// that was loaded before, or else one that this link lays out, from the object
// itself or from the archive of the package that has it.
func (k *link) resolve(o *object, r goobj.Ref) (*symbol, error) {
	kept := o.resolved(r)
	if s := *kept; s != nil && k.holds(s) {
		return k.queue(s), nil
	}
	var s *symbol
	var err error
	if i, ok := o.Index(r); ok {
		s, err = k.number(o, i)
	} else {
		s, err = k.other(o, r)
	}
	if err != nil {
		return nil, err
	}
	*kept = s
	return k.queue(s), nil
}

// holds reports whether a symbol has its place or gets it by this link. One that
// a failed link was to lay out has none, and constants that are not shared are
// each module's own: some of them are found by offsets without a sign.
func (k *link) holds(s *symbol) bool {
	if s.by == nil || s.by == k {
		return true
	}
	return s.by.done && (s.shared || s.class != inROData && s.class != inFuncData)
}

// number finds a symbol that the object defines or refers to by name.
func (k *link) number(o *object, i int) (*symbol, error) {
	sym := o.Sym(i)
	if i >= o.Defs() {
		return k.named(o, sym.Name, sym.ABI)
	}
	if o.pkg != nil && strings.Contains(sym.Name, "..stmp_") {
		// What a package's variable points to may be there without the variable: an
		// initialisation fills it in, and the host may have no other use of it.
		if addr := k.host.Lookup(sym.Name, symbols.Data); addr != 0 {
			return &symbol{name: sym.Name, addr: addr + k.slide}, nil
		}
	}
	if o.pkg != nil && o.pkg.native.has(sym.Name) {
		return k.foreign(o.pkg, sym.Name)
	}
	if isShared(o, i, sym) {
		text := classOf(sym) == inText
		if s := k.known(sym.Name, sym.ABI, text); s != nil {
			return s, nil
		}
		s := k.define(o, i, sym)
		s.shared = true
		k.added[key(sym.Name, sym.ABI, text)] = s
		return s, nil
	}
	return k.define(o, i, sym), nil
}

// define makes the symbol that this link lays out.
func (k *link) define(o *object, i int, sym goobj.Sym) *symbol {
	s := &symbol{name: sym.Name, by: k, from: o, index: i, sym: sym, class: classOf(sym), text: classOf(sym) == inText}
	s.roomForMethods()
	return s
}

// other finds a symbol of another package, or of the runtime, by its number.
func (k *link) other(o *object, r goobj.Ref) (*symbol, error) {
	if r.Pkg == goobj.PkgBuiltin {
		if int(r.Sym) >= len(k.host.Builtins) {
			return nil, fmt.Errorf("the compiler knows more builtin symbols than this Go release: number %d", r.Sym)
		}
		b := k.host.Builtins[r.Sym]
		return k.named(o, b.Name, b.ABI)
	}
	path := unescape(o.Pkg(r.Pkg))
	pkg, err := k.archive(path)
	if err != nil {
		return nil, err
	}
	if pkg.compiler == nil || int(r.Sym) >= pkg.compiler.Defs() {
		return nil, fmt.Errorf("package %s is not the one that the code was compiled with: it has no symbol %d", path, r.Sym)
	}
	return k.resolve(pkg.compiler, pkg.compiler.Ref(int(r.Sym)))
}

// named finds a symbol by its name.
func (k *link) named(o *object, name string, abi uint16) (*symbol, error) {
	if s := k.known(name, abi, abi != 0); s != nil {
		return s, nil
	}
	if abi == 0 { // of data, or of a function's older entry
		if s := k.known(name, abi, true); s != nil {
			return s, nil
		}
	}
	of := func(pkg *archive) (*symbol, error) {
		def, ok := pkg.find(name, abi)
		if !ok {
			return nil, nil
		}
		return k.resolve(def.from, def.from.Ref(def.index))
	}
	if o.pkg != nil {
		if s, err := of(o.pkg); s != nil || err != nil {
			return s, err
		}
		if strings.HasSuffix(name, ".args_stackmap") || strings.HasSuffix(name, ".arginfo0") {
			return &symbol{name: name}, nil // what assembly has where Go declares the function, which it need not
		}
	}
	for path := range k.owners(o, name) {
		pkg, err := k.archive(path)
		if err != nil {
			continue // of a name that is no package's
		}
		if s, err := of(pkg); s != nil || err != nil {
			return s, err
		}
	}
	return nil, fmt.Errorf("it needs %s, which neither the host nor a package has", name)
}

// owners are the packages that may define a symbol of that name: the one that the
// name begins with, and those that define symbols of others by a linkname
// directive: the runtime, what the object imports, and in the end any package.
func (k *link) owners(o *object, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		slash := strings.LastIndexByte(name, '/') + 1
		dot := strings.IndexByte(name[slash:], '.')
		if dot > 0 && !yield(unescape(name[:slash+dot])) || !yield("runtime") {
			return
		}
		next := true
		o.Imports(func(path string, _ [8]byte) { next = next && yield(path) })
		for path := range k.files {
			next = next && yield(path)
		}
	}
}

// known finds a symbol that the process has.
func (k *link) known(name string, abi uint16, text bool) *symbol {
	if s := k.added[key(name, abi, text)]; s != nil {
		return s
	}
	if s := k.loaded[key(name, abi, text)]; s != nil {
		return s
	}
	spaces := []symbols.Space{symbols.Internal, symbols.Data}
	if abi == 0 {
		spaces[0] = symbols.ABI0
	}
	if !text {
		spaces = spaces[1:]
	}
	for _, space := range spaces {
		if addr := k.host.Lookup(name, space); addr != 0 {
			s := &symbol{name: name, addr: addr + k.slide, text: space != symbols.Data}
			k.added[key(name, abi, text)] = s
			return s
		}
	}
	return nil
}

// unescape is the import path that begins the names of a package's symbols.
func unescape(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		var c byte
		if path[i] == '%' && i+2 < len(path) {
			if _, err := fmt.Sscanf(path[i+1:i+3], "%02x", &c); err == nil {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}
