package loader

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A type without a name can be made before an object brings what the compiler
// says of it: reflect.SliceOf and its likes make what they do not find, libraries
// call them, and values of the type are about. Types are compared by address, so
// what reflection has made stays the type, and whatever of the object means it by
// its own description, the twin, is led there:
//
//   - words of variables, of constants and of other types have its address;
//   - code, which holds distances in 32 bits, loads the address from a slot;
//   - an offset in the description of a type leads to the object's own
//     description, and the runtime's map for such cases from there.
//
// A type switch looks at hashes before addresses, and what it compares with is in
// its code: so the type gets the hash that the compiler has given it.

// What reflection has made and found, by the kinds of types. The maps' keys are of
// types that it does not export.

//go:linkname lookupCache reflect.lookupCache
var lookupCache sync.Map // slices, arrays, channels and maps: *reflect.rtype

//go:linkname pointerCache reflect.ptrMap
var pointerCache sync.Map // *reflect.ptrType

// hashed has the layout of a cache whose keys are hashes of what a type is made
// of, and whose values lists of types.
type hashed struct {
	sync.Mutex
	types sync.Map
}

//go:linkname funcCache reflect.funcLookupCache
var funcCache hashed // []*abi.Type

//go:linkname structCache reflect.structLookupCache
var structCache hashed // []reflect.Type

//go:linkname toType reflect.toType
func toType(*rtype) reflect.Type

// sameParts reports whether two types without a name are made of the same.
//
//go:linkname sameParts reflect.haveIdenticalUnderlyingType
func sameParts(a, b *rtype, tags bool) bool

// canHaveTwin reports whether what refers to a symbol must be settled late: a type
// that reflection may have made before.
func (k *link) canHaveTwin(s *symbol) bool { return s.twin != 0 || s.by == k && s.isTypelink() }

// sameMethods reports whether code can do with a type that reflection has made what it
// does with the compiler's. What reflection makes of a type with promoted methods has
// them if it is a struct, and has none if it is a pointer to one.
func sameMethods(own, made *rtype) bool {
	return hasMethods(own) == hasMethods(made) && toType(own).NumMethod() == toType(made).NumMethod()
}

// hasMethods reports whether a type has methods, exported or not.
func hasMethods(t *rtype) bool {
	u := uncommonOf(t)
	return u != nil && u.count > 0
}

// recognise finds those of the module's types that reflection has made before. From
// now on it finds the module's, which it has been shown.
func (k *link) recognise(m *module) {
	made := k.made()
	if len(made) == 0 {
		return
	}
	parts := make(map[*symbol][]fix)
	for _, f := range m.fixes {
		if f.of != nil && f.of.isTypelink() && k.canHaveTwin(f.target) {
			parts[f.of] = append(parts[f.of], f)
		}
	}
	twins := make(map[*rtype]*rtype)
	seen := make(map[*symbol]bool)
	var find func(s *symbol)
	find = func(s *symbol) {
		if seen[s] || !s.isTypelink() || s.by != k {
			return
		}
		seen[s] = true
		for _, part := range parts[s] {
			find(part.target)
			part.settle(m)
		}
		own := s.rtype()
		for _, t := range made[toType(own).String()] {
			if sameParts(own, t, true) && sameMethods(own, t) {
				s.twin = uintptr(unsafe.Pointer(t))
				twins[own] = t
				break
			}
		}
	}
	for _, s := range m.types {
		find(s)
	}
	if len(twins) == 0 {
		return
	}
	giveHashes(twins)
	rehash(&funcCache, funcHash)
	rehash(&structCache, structHash)
	maps.Copy(twins, k.twins)
	pin(twins)
	k.twins = twins
	atomic.StorePointer((*unsafe.Pointer)(unsafe.Pointer(&m.arena.head.typemap)), *(*unsafe.Pointer)(unsafe.Pointer(&twins)))
}

// giveHashes gives types that reflection has made the hashes of their twins. The
// runtime finds itabs by hashes: theirs are put where it looks from now on, and what
// it counts is left, because when its table grows they are again in one place.
func giveHashes(twins map[*rtype]*rtype) {
	made := make(map[*rtype]bool)
	for _, t := range twins {
		made[t] = true
	}
	lock(&itabLock)
	defer unlock(&itabLock)
	var theirs []*itab
	eachItab(func(i *itab) {
		if made[i.typ] {
			theirs = append(theirs, i)
		}
	})
	for own, t := range twins {
		atomic.StoreUint32(&t.hash, own.hash)
	}
	count := itabs.count
	for _, i := range theirs {
		addItab(itabs, i)
	}
	itabs.count = count
}

// mendChanOf makes reflect.ChanOf right in a program that has the type of pointers to
// its prototype. It copies the offset that leads there, which leads nowhere from where
// the copy is, and reflect.PointerTo would end the process; where there is none, it looks
// for the type.
func mendChanOf() error {
	prototype := (*rtype)(reflect.ValueOf(reflect.TypeFor[chan unsafe.Pointer]()).UnsafePointer())
	if prototype.pointer == 0 {
		return nil
	}
	page := uintptr(unsafe.Pointer(prototype)) &^ (pageSize - 1)
	pages := unsafe.Slice((*byte)(pointer(page)), 2*pageSize)
	if err := unix.Mprotect(pages, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("the type of reflect.ChanOf: %w", os.NewSyscallError("mprotect", err))
	}
	prototype.pointer = 0
	return os.NewSyscallError("mprotect", unix.Mprotect(pages, unix.PROT_READ))
}

// made are the types that reflection has made, by their texts.
func (k *link) made() map[string][]*rtype {
	made := make(map[string][]*rtype)
	add := func(v reflect.Value) {
		t := (*rtype)(v.UnsafePointer())
		if at := uintptr(unsafe.Pointer(t)); at < firstModule.types || at >= k.free { // the others are the host's, and modules'
			name := toType(t).String()
			made[name] = append(made[name], t)
		}
	}
	for _, cache := range []*sync.Map{&lookupCache, &pointerCache} {
		for _, v := range cache.Range {
			add(reflect.ValueOf(v))
		}
	}
	for _, cache := range []*hashed{&funcCache, &structCache} {
		for _, list := range cache.types.Range {
			list := reflect.ValueOf(list)
			for i := range list.Len() {
				add(element(list, i))
			}
		}
	}
	return made
}

// element is the pointer to a type in a list of a cache.
func element(list reflect.Value, i int) reflect.Value {
	v := list.Index(i)
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// rehash makes a cache's types found by the hashes that their parts have now.
func rehash(cache *hashed, hash func(reflect.Type) uint32) {
	cache.Lock()
	defer cache.Unlock()
	for key, list := range cache.types.Range {
		list := reflect.ValueOf(list)
		for i := range list.Len() {
			now := hash(toType((*rtype)(element(list, i).UnsafePointer())))
			if now == key {
				continue
			}
			moved := reflect.MakeSlice(list.Type(), 0, 1)
			if there, ok := cache.types.Load(now); ok {
				moved = reflect.ValueOf(there)
			}
			cache.types.Store(now, reflect.Append(moved, list.Index(i)).Interface())
		}
	}
}

// funcHash is the key that reflect.FuncOf has for a type.
func funcHash(t reflect.Type) uint32 {
	var h fnv
	for p := range t.Ins() {
		h.typ(p)
	}
	if t.IsVariadic() {
		h.text("v")
	}
	h.text(".")
	for r := range t.Outs() {
		h.typ(r)
	}
	return uint32(h)
}

// structHash is the key that reflect.StructOf has for a type.
func structHash(t reflect.Type) uint32 {
	var h fnv
	h.text("struct {")
	for f := range t.Fields() {
		h.text(f.Name)
		h.typ(f.Type)
		h.text(string(f.Tag))
	}
	h.text("}")
	return uint32(h)
}

// fnv is the hash FNV-1, from 0 on.
type fnv uint32

func (h *fnv) text(s string) {
	for i := range len(s) {
		*h = *h*16777619 ^ fnv(s[i])
	}
}

func (h *fnv) typ(t reflect.Type) {
	sum := (*rtype)(reflect.ValueOf(t).UnsafePointer()).hash
	h.text(string([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}))
}
