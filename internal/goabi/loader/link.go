package loader

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// A link makes one module: of a unit's code, and of code of packages that the
// process does not have yet.
type link struct {
	*Loader
	config   string // the file that says where compiled packages are
	read     bool
	added    map[string]*symbol // shared symbols that it lays out, by key
	pending  []*symbol
	defined  []*symbol
	itabs    []*symbol
	inits    []*symbol // tasks of packages that have to be initialised, in order
	late     []*symbol // functions that fill maps of packages that the host has initialised
	walked   map[string]bool
	exports  []export
	newer    map[string]int // types of which the object has newer methods, and the numbers of those
	renewals []renewal
	slots    int              // words through which code reaches what is far away, those of itabs and of the module's types aside
	calls    map[farCall]bool // of what is outside, which may be out of reach
	done     bool
}

// initTask ends the name of the list of functions that initialise a package.
const initTask = "..inittask"

// queue has a symbol laid out, where this link is to do it.
func (k *link) queue(s *symbol) *symbol {
	if s.by == k && !s.queued && s.class != absent {
		s.queued = true
		k.pending = append(k.pending, s)
	}
	return s
}

// findReferences finds all that the queued symbols refer to.
func (k *link) findReferences() error {
	for len(k.pending) > 0 {
		s := k.pending[len(k.pending)-1]
		k.pending = k.pending[:len(k.pending)-1]
		if err := k.visit(s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// visit resolves what a symbol refers to.
func (k *link) visit(s *symbol) (err error) {
	try := func(r goobj.Ref) *symbol {
		if err != nil || r == (goobj.Ref{}) {
			return nil
		}
		var found *symbol
		found, err = k.resolve(s.from, r)
		return found
	}
	if s.isItab() && s.class != inROData {
		k.itabs = append(k.itabs, s)
		s.relocs(func(r goobj.Reloc) {
			switch r.Off {
			case 0:
				s.inter = try(r.Sym)
			case 8:
				s.typ = try(r.Sym)
			}
		})
		return err
	}
	k.defined = append(k.defined, s)
	s.relocs(func(r goobj.Reloc) {
		if needed(s, r) {
			target := try(r.Sym)
			switch {
			case target == nil:
			case mayBeFar(r) && target.by != k:
				k.calls[farCall{target, r.Add}] = true
			case target.isItab() && readsIt(s, r):
				k.copyItab(target)
			case target.twin != 0:
				k.slots++
			}
		}
		if needsSlot(s, r) {
			k.slots++
		}
	})
	s.aux(func(kind uint8, r goobj.Ref) {
		switch {
		case kind == goobj.AuxGotype && (s.class == inData || s.class == inBSS):
			try(r)
		case kind == goobj.AuxFuncdata:
			if data := try(r); data != nil && data.class == inROData {
				data.class = inFuncData
			}
		}
	})
	if err == nil && (s.class == inData || s.class == inBSS) {
		err = k.fill(s)
	}
	return err
}

// copyItab lays out a copy of an itab.
func (k *link) copyItab(s *symbol) {
	if s.copy == nil {
		s.copy = &symbol{name: s.name, by: k, from: s.from, index: s.index, sym: s.sym, class: inROData}
		k.queue(s.copy)
	}
}

// needed reports whether what a relocation names has to be there. Those of no
// size are remarks for the Go linker, which leaves out what is not used. A weak
// one is of the type of pointers to a type, which reflection would make itself,
// and of a function that fills a map, which an initialisation calls.
func needed(s *symbol, r goobj.Reloc) bool {
	if r.Size == 0 {
		return r.Type == goobj.RelocKeep
	}
	if r.Type >= 0 {
		return true
	}
	return s.class == inTypes || s.isItab() || r.Type&^goobj.RelocWeak == relocCall
}

// initialise finds what has to be initialised before code of an object runs: the
// packages that it imports, where the process has not done so, and then itself.
// Task is the name of the object's list of functions that do it.
func (k *link) initialise(o *object, task string) error {
	for i := range o.Defs() {
		if o.Sym(i).Name != task {
			continue
		}
		from, to := o.Relocs(i)
		for n := from; n < to; n++ {
			r := o.Reloc(n)
			if r.Type != goobj.RelocInitOrder {
				continue
			}
			path := ""
			if at, ok := o.Index(r.Sym); ok {
				path = unescape(strings.TrimSuffix(o.Sym(at).Name, initTask))
			} else {
				path = unescape(o.Pkg(r.Sym.Pkg))
			}
			if err := k.initialisePackage(path); err != nil {
				return err
			}
		}
		if data := o.Data(i); len(data) < 8 || binary.LittleEndian.Uint32(data[4:]) == 0 {
			return nil // only what it imports has something to do
		}
		s, err := k.resolve(o, o.Ref(i))
		if err != nil {
			return err
		}
		k.inits = append(k.inits, s)
	}
	return nil
}

func (k *link) initialisePackage(path string) error {
	task := prefix(path) + initTask
	if k.walked[path] || k.initialised[path] || k.known(task, 0, false) != nil {
		return nil
	}
	pkg, err := k.archive(path)
	if err != nil {
		return err
	}
	k.walked[path] = true
	if err := k.initialise(pkg.compiler, task); err != nil || pkg.native == nil || k.hostHas(pkg.native) {
		return err
	}
	return k.export(pkg)
}

// fill sees to the contents of a map variable that the host does not have, of a
// package that the host has: the Go linker leaves out what fills such maps.
func (k *link) fill(v *symbol) error {
	a := v.from.pkg
	if a == nil || k.walked[a.path] || k.initialised[a.path] {
		return nil
	}
	for i := range v.from.Defs() {
		s := v.from.Sym(i)
		if classOf(s) != inText || !strings.Contains(s.Name, ".map.init.") {
			continue
		}
		from, to := v.from.Relocs(i)
		for n := from; n < to; n++ {
			if at, ok := v.from.Index(v.from.Reloc(n).Sym); ok && at == v.index {
				f, err := k.resolve(v.from, v.from.Ref(i))
				if err != nil {
					return err
				}
				k.late = append(k.late, f)
				break
			}
		}
	}
	return nil
}
