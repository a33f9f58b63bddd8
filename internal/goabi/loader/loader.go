// Package loader loads what Go's compiler writes into the running process: the
// object of a cell's unit, and packages that the unit needs and the process does
// not have. It does what the Go linker does for a program, and then what the
// runtime does for a plugin.
//
// One load goes through the files link (what is needed), resolve (where it is), layout and
// arena (where it will be), tables (for stacks), relocate and register. What is known
// of a Go release, and in which files, is said below "Assumed" (release.go).
package loader

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
	"github.com/goparallel/goparallel/internal/goabi/loader/perfmap"
	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
)

// A Loader loads units into this process. There is one in a process; its methods
// may be called from any goroutine.
type Loader struct {
	mu       sync.Mutex // held through a load, but not while its code runs
	host     *symbols.Index
	slide    uintptr // how far the host is from where it was linked
	hostText uintptr
	free     uintptr // where the next arena may begin
	arena    *arena  // which gets the next module
	tls      symbol  // its address is the place of the current goroutine
	rename   func(string) string
	local    func(string) (string, error)
	open     OpenNative

	loaded      map[string]*symbol // what is one in the process, by key
	archives    map[string]*archive
	listed      []byte            // the list of archives that was read last
	files       map[string]string // where archives are, by that list
	initialised map[string]bool   // packages
	perf        *perfmap.Map      // nil where nobody has asked for it
	twins       map[*rtype]*rtype // of types that were loaded, those that reflection had made before

	methods              map[string]int // the numbers of the methods that types have
	parked               map[pair]*itab // those that are no longer true
	assertions, switches []uintptr      // where type assertions and switches of units remember
}

// New returns a loader for this process, whose program lies at path with its index
// of symbols beside it. Rename returns what stacks and the runtime package call a
// function. Local returns where this process finds a file that is named by its path on the machine that
// compiles cells; open opens shared objects.
func New(path string, rename func(symbol string) string, local func(path string) (string, error), open OpenNative) (*Loader, error) {
	if errArchitecture != nil {
		return nil, errArchitecture
	}
	host, err := symbols.Open(path, local)
	if err != nil {
		return nil, err
	}
	k := &Loader{
		host: host, hostText: firstModule.text, slide: firstModule.text - host.Text, rename: rename, local: local, open: open,
		loaded: make(map[string]*symbol), archives: make(map[string]*archive), files: make(map[string]string), initialised: make(map[string]bool),
		methods: make(map[string]int), parked: make(map[pair]*itab),
	}
	if host.Text == 0 || k.slide%uintptr(pageSize) != 0 {
		return nil, fmt.Errorf("%s is the index of another program", symbols.Name(path))
	}
	// The C library's memory begins behind the host and grows.
	const gap = 128 << 20
	k.free = (host.End + k.slide + gap) &^ uintptr(pageSize-1)
	k.tls = symbol{name: "runtime.tlsg", addr: uintptr(host.TLS)}
	if os.Getenv(perfmap.Variable) != "" {
		if k.perf, err = perfmap.Create("/tmp", os.Getpid()); err != nil {
			return nil, fmt.Errorf("a map for perf: %w", err)
		}
	}
	return k, mendChanOf()
}

// Load loads the object in file, which the compiler wrote for a package of that
// path, initialises the packages that it imports, and calls its function entry.
// Config lists where compiled packages are, as the compiler's -importcfg does. A
// panic of an initialisation goes to the caller.
func (l *Loader) Load(file, path, config, entry string) error {
	local, err := l.local(file)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(local)
	if err != nil {
		return err
	}
	parsed, err := goobj.ReadArchive(data)
	if err != nil {
		return err
	}
	if len(parsed.Objects) != 1 {
		return fmt.Errorf("the file has %d objects, not one", len(parsed.Objects))
	}
	k, start, err := l.link(newObject(parsed.Objects[0], nil, path), path, config, entry)
	if err != nil {
		return err
	}
	for _, task := range k.inits {
		runInit(pointer(task.addr))
	}
	for _, f := range k.late {
		call(f.addr)
	}
	call(start)
	return nil
}

// link makes the object's module and registers it.
func (l *Loader) link(o *object, path, config, entry string) (k *link, start uintptr, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k = &link{Loader: l, config: config, added: make(map[string]*symbol), walked: make(map[string]bool), calls: make(map[farCall]bool)}
	if err := k.initialise(o, path+initTask); err != nil {
		return nil, 0, err
	}
	var first *symbol
	for i := range o.Defs() {
		if s := o.Sym(i); s.Name == entry && s.ABI != 0 {
			if first, err = k.resolve(o, o.Ref(i)); err != nil {
				return nil, 0, err
			}
		}
	}
	if first == nil {
		return nil, 0, fmt.Errorf("the object has no function %s", entry)
	}
	k.findRenewals(o)
	if err := k.findReferences(); err != nil {
		return nil, 0, err
	}
	m, err := k.lay()
	if err != nil {
		return nil, 0, err
	}
	published := false
	defer func() {
		if !published {
			m.wipe()
		}
	}()
	for _, s := range k.defined {
		if err := k.relocate(m, s); err != nil {
			return nil, 0, err
		}
	}
	if err := k.nameForPerf(m); err != nil {
		return nil, 0, err
	}
	if err := k.register(m); err != nil {
		return nil, 0, err
	}
	published = true
	if err := m.protect(); err != nil {
		return nil, 0, err
	}
	for _, e := range k.exports {
		*(*uintptr)(pointer(e.slot)) = e.function.addr
	}
	k.commit()
	return k, first.addr, nil
}

// commit keeps what the link has made for later ones.
func (k *link) commit() {
	k.done = true
	for name, s := range k.added {
		if s.from != nil && s.from.pkg == nil {
			// The name is part of the unit's file, which need not stay.
			name, s = strings.Clone(name), &symbol{name: strings.Clone(s.name), addr: s.addr, text: s.text, twin: s.twin}
		}
		k.loaded[name] = s
	}
	for _, s := range k.defined {
		if s.from.pkg != nil {
			s.from.pkg.loaded = true
		}
	}
	for path := range k.walked {
		k.initialised[path] = true
	}
	for typ, number := range k.newer {
		k.methods[strings.Clone(typ)] = number
	}
	k.noteAssertions()
}

// call calls a function that has neither parameters nor results.
func call(addr uintptr) {
	f := &addr
	(*(*func())(unsafe.Pointer(&f)))()
}
