package loader

import (
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A type that reflection has made gets the hash of its twin. Reflection and the runtime
// find things by hashes: functions and structs that are made of the type, and its itabs.
// reflect.FuncOf and reflect.StructOf first work out the hash by which they look, and then
// look; one that has the hash of before would neither find what is made from then on, nor
// would others find what it makes. So hashes change while the world is stopped and no
// goroutine is in these functions.

// patience is how long to wait for a moment in which none is: longer than programs make
// types without a pause.
const patience = 3 * time.Second

// renewHashes gives types that reflection has made the hashes of their twins, and has what
// is made of them found by these. Meanwhile reflection makes nothing: who knows the new
// hashes would not find what is there by the old ones.
func renewHashes(twins map[*rtype]*rtype) {
	made := make(map[*rtype]bool)
	for _, t := range twins {
		made[t] = true
	}
	caches, functions := []*hashed{&funcCache, &structCache}, makers()
	for start, pause := time.Now(), time.Microsecond; ; pause = min(2*pause, time.Millisecond) {
		for _, cache := range caches {
			cache.Lock()
		}
		world := stopTheWorld(0)
		if time.Since(start) > patience || !anyIn(functions) {
			giveHashes(twins, made)
			startTheWorld(world)
			break
		}
		startTheWorld(world)
		for _, cache := range caches {
			cache.Unlock()
		}
		time.Sleep(pause) // for those that wait for the caches
	}
	rehash(&funcCache, funcHash)
	rehash(&structCache, structHash)
	for _, cache := range caches {
		cache.Unlock()
	}
}

// giveHashes gives types that reflection has made the hashes of their twins. The runtime
// finds itabs by hashes: theirs are put where it looks from now on, and what it counts is
// left, because when its table grows they are again in one place. The world is stopped.
func giveHashes(twins map[*rtype]*rtype, made map[*rtype]bool) {
	for own, t := range twins {
		atomic.StoreUint32(&t.hash, own.hash)
	}
	count := itabs.count
	eachItab(func(i *itab) {
		if made[i.typ] {
			addItab(itabs, i) // does nothing for one that is there
		}
	})
	itabs.count = count
}

// makers are the functions that look for types by hashes.
var makers = sync.OnceValue(func() []code { return []code{codeOf(reflect.FuncOf), codeOf(reflect.StructOf)} })

// code is where a function's instructions are.
type code struct{ from, to uintptr }

// codeOf finds the instructions of a function.
func codeOf(function any) code {
	entry := reflect.ValueOf(function).Pointer()
	end := entry
	for f := runtime.FuncForPC(entry); f != nil && f.Entry() == entry; f = runtime.FuncForPC(end) {
		end++
	}
	return code{entry, end}
}

// anyIn reports whether a goroutine is in one of some functions. The world is stopped.
func anyIn(functions []code) bool {
	const runnable, waiting, preempted = 1, 4, 9 // and not ended, or in a system call
	var frames [48]uintptr                       // they call little
	for _, g := range goroutines() {
		if s := statusOf(g); s != runnable && s != waiting && s != preempted {
			continue
		}
		for _, pc := range frames[:callersOf(g, 0, frames[:])] {
			for _, f := range functions {
				if f.from < pc && pc <= f.to {
					return true
				}
			}
		}
	}
	return false
}

// rehash makes a cache's types found by the hashes that their parts have now. The cache is locked.
func rehash(cache *hashed, hash func(reflect.Type) uint32) {
	for key, list := range cache.types.Range {
		list := reflect.ValueOf(list)
		for i := range list.Len() {
			now := hash(toType(address(list.Index(i))))
			if now == key {
				continue
			}
			moved := reflect.MakeSlice(list.Type(), 0, 1)
			if there, ok := cache.types.Load(now); ok {
				moved = reflect.ValueOf(there)
			}
			if !contains(moved, address(list.Index(i))) { // it was moved for other twins
				cache.types.Store(now, reflect.Append(moved, list.Index(i)).Interface())
			}
		}
	}
}

// contains reports whether a list of a cache has a type.
func contains(list reflect.Value, t *rtype) bool {
	for i := range list.Len() {
		if address(list.Index(i)) == t {
			return true
		}
	}
	return false
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
	sum := typeOf(t).hash
	h.text(string([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}))
}
