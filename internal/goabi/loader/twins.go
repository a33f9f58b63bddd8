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

// Types are compared by address, and reflection makes those without a name that it
// does not find: reflect.SliceOf and its likes do, for cells and for libraries. So
// what an object brings of such types is put into the caches in which reflection
// looks first. Where a cache has the type already, values of it are about: it stays
// the type, and whatever of the object means it by its own description, the twin, is
// led there:
//
//   - words of variables, of constants and of other types have its address;
//   - code, which holds distances in 32 bits, loads the address from a slot;
//   - an offset in the description of a type leads to the object's own
//     description, and the runtime's map for such cases from there.
//
// A type switch looks at hashes before addresses, and what it compares with is in
// its code: so the type gets the hash that the compiler has given it.

// What reflection has made and found, by the kinds of types.

//go:linkname lookupCache reflect.lookupCache
var lookupCache sync.Map // slices, arrays, channels and maps: *reflect.rtype, by cacheKey

//go:linkname pointerCache reflect.ptrMap
var pointerCache sync.Map // *reflect.ptrType, by *reflect.rtype of what it points to

// cacheKey has the layout of reflect.cacheKey.
type cacheKey struct {
	kind          reflect.Kind
	first, second *rtype
	extra         uintptr
}

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

// kept are the types of what is in the caches, which reflection does not export.
type kept struct{ key, pointer, funcs reflect.Type }

var keptTypes = sync.OnceValue(func() (k kept) {
	t := reflect.TypeFor[kept]()
	reflect.SliceOf(t)
	reflect.FuncOf([]reflect.Type{t}, nil, false)
	reflect.PointerTo(reflect.PointerTo(reflect.PointerTo(t))) // so that none of the caches is empty
	for key := range lookupCache.Range {
		k.key = reflect.TypeOf(key)
	}
	for _, pointer := range pointerCache.Range {
		k.pointer = reflect.TypeOf(pointer).Elem()
	}
	for _, list := range funcCache.types.Range {
		k.funcs = reflect.TypeOf(list)
	}
	return k
})

//go:linkname toType reflect.toType
func toType(*rtype) reflect.Type

// sameParts reports whether two types without a name are made of the same.
//
//go:linkname sameParts reflect.haveIdenticalUnderlyingType
func sameParts(a, b *rtype, tags bool) bool

// canHaveTwin reports whether what refers to a symbol must be filled in late: a type
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

// showTypes puts the module's types where reflection looks for them before it makes
// one, unless it has made the same before: then that is the type.
func (k *link) showTypes(m *module) {
	parts := make(map[*symbol][]fix)
	for _, f := range m.fixes {
		if f.of != nil && f.of.isTypelink() {
			parts[f.of] = append(parts[f.of], f)
		}
	}
	twins := make(map[*rtype]*rtype)
	seen := make(map[*symbol]bool)
	var show func(s *symbol)
	show = func(s *symbol) {
		if seen[s] || !s.isTypelink() || s.by != k {
			return
		}
		seen[s] = true
		own := s.rtype()
		if own.flag&flagNamed != 0 {
			return
		}
		for _, part := range parts[s] {
			show(part.target)
			part.apply(m)
		}
		if t := cached(own); t != own {
			s.twin = uintptr(unsafe.Pointer(t))
			twins[own] = t
		}
	}
	for _, s := range m.types {
		show(s)
	}
	if len(twins) == 0 {
		return
	}
	renewHashes(twins)
	maps.Copy(twins, k.twins)
	pin(twins)
	k.twins = twins
	// In all arenas: methods that a type of an earlier one gets later have types of this one.
	for md := firstModule.next; md != nil; md = md.next {
		atomic.StorePointer((*unsafe.Pointer)(unsafe.Pointer(&md.typemap)), *(*unsafe.Pointer)(unsafe.Pointer(&twins)))
	}
}

// cached returns the type that reflection has for one without a name: that which it
// made before, or else, from now on, the type itself, as well where what it made has
// not the methods.
func cached(own *rtype) *rtype {
	t := toType(own)
	key := cacheKey{kind: t.Kind()}
	switch t.Kind() {
	case reflect.Func:
		return listed(&funcCache, funcHash(t), keptTypes().funcs, reflect.NewAt(keptTypes().funcs.Elem().Elem(), unsafe.Pointer(own)))
	case reflect.Struct:
		return listed(&structCache, structHash(t), reflect.TypeFor[[]reflect.Type](), reflect.ValueOf(t))
	case reflect.Pointer:
		p := reflect.NewAt(keptTypes().pointer, unsafe.Pointer(own)).Interface()
		v, _ := pointerCache.LoadOrStore(t.Elem(), p)
		if made := address(reflect.ValueOf(v)); sameMethods(own, made) {
			return made
		}
		pointerCache.Store(t.Elem(), p)
		return own
	case reflect.Map:
		key.first, key.second = typeOf(t.Key()), typeOf(t.Elem())
	case reflect.Array:
		key.first, key.extra = typeOf(t.Elem()), uintptr(t.Len())
	case reflect.Chan:
		key.first, key.extra = typeOf(t.Elem()), uintptr(t.ChanDir())
	case reflect.Slice:
		key.first = typeOf(t.Elem())
	default:
		return own
	}
	theirs := reflect.New(keptTypes().key)
	*(*cacheKey)(theirs.UnsafePointer()) = key
	v, _ := lookupCache.LoadOrStore(theirs.Elem().Interface(), t)
	return address(reflect.ValueOf(v))
}

// listed is cached for types that are found by a hash, in a list of a type: value is
// what stands for the type in it.
func listed(cache *hashed, hash uint32, list reflect.Type, value reflect.Value) *rtype {
	cache.Lock()
	defer cache.Unlock()
	all := reflect.Zero(list)
	if there, ok := cache.types.Load(hash); ok {
		all = reflect.ValueOf(there)
	}
	own := address(value)
	for i := range all.Len() {
		if t := address(all.Index(i)); sameParts(own, t, true) && sameMethods(own, t) {
			return t
		}
	}
	// Before others, of which one may have other methods.
	first := reflect.Append(reflect.MakeSlice(list, 0, all.Len()+1), value)
	cache.types.Store(hash, reflect.AppendSlice(first, all).Interface())
	return own
}

// address is the type that a cache has as a pointer, or in an interface.
func address(v reflect.Value) *rtype {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return (*rtype)(v.UnsafePointer())
}

// typeOf is the description of a type.
func typeOf(t reflect.Type) *rtype { return address(reflect.ValueOf(t)) }

// mendChanOf makes reflect.ChanOf right in a program that has the type of pointers to
// its prototype. It copies the offset that leads there, which leads nowhere from where
// the copy is, and reflect.PointerTo would end the process; where there is none, it looks
// for the type.
func mendChanOf() error {
	prototype := typeOf(reflect.TypeFor[chan unsafe.Pointer]())
	if prototype.pointer == 0 {
		return nil
	}
	page := uintptr(unsafe.Pointer(prototype)) &^ uintptr(pageSize-1)
	pages := unsafe.Slice((*byte)(pointer(page)), 2*pageSize)
	if err := unix.Mprotect(pages, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("the type of reflect.ChanOf: %w", os.NewSyscallError("mprotect", err))
	}
	prototype.pointer = 0
	return os.NewSyscallError("mprotect", unix.Mprotect(pages, unix.PROT_READ))
}
