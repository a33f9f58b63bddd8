// Package values is what an engine keeps under names between calls: what views
// push, pull, scatter and gather, and what functions get and set.
//
// A value that was pushed stays encoded until a function asks for it, because only
// the function knows its type. From then on it is an ordinary Go value, and what
// functions change in it stays changed.
package values

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// store is what this process keeps.
var store = struct {
	sync.Mutex
	named map[string]*entry
	who   string // begins what is said of a missing value
	lost  string // and ends it
}{
	named: map[string]*entry{},
	who:   "this process, which is no engine,",
	lost:  "functions find what a view pushes when they run on an engine",
}

// entry is one value: encoded, or a pointer to the value itself.
type entry struct {
	encoded *codec.Encoded
	live    any
}

func init() {
	backend.Values.Get, backend.Values.Set = Get, Set
	registry.Func(registry.Info{Name: PushName, Label: "Push"}, push, registry.Fn1E(push))
	registry.Func(registry.Info{Name: PullName, Label: "Pull"}, pull, registry.Fn1RE(pull))
}

// Engine says which engine this process is, and how many processes of it ended
// before.
func Engine(id, ended int) {
	store.Lock()
	defer store.Unlock()
	store.who, store.lost = fmt.Sprintf("engine %d", id), "push or set it first"
	if ended > 0 {
		store.lost = "its process ended and was started again, and what it kept is lost; push or set it again"
	}
}

// missing is the error for a name that has no value. The store is locked.
func missing(name string) error {
	return fmt.Errorf("%s has no value %q: %s", store.who, name, store.lost)
}

// Get sets the variable at a pointer to the value with a name. What a slice, a map
// or a pointer in it refers to is shared with the value that is kept.
func Get(name string, pointer any) error {
	store.Lock()
	defer store.Unlock()
	e := store.named[name]
	if e == nil {
		return missing(name)
	}
	if e.live == nil {
		live := reflect.New(reflect.TypeOf(pointer).Elem())
		if err := e.encoded.Decode(live.Interface()); err != nil {
			return fmt.Errorf("the value %q cannot be read: %w", name, err)
		}
		e.live, e.encoded = live.Interface(), nil
	}
	from, to := reflect.ValueOf(e.live).Elem(), reflect.ValueOf(pointer).Elem()
	if from.Type() != to.Type() {
		return fmt.Errorf("the value %q is %s", name, codec.Differ(codec.Signature(from.Type()), codec.Signature(to.Type())))
	}
	to.Set(from)
	return nil
}

// Set keeps the value at a pointer, which must not be written to afterwards. It
// replaces the value of the same name.
func Set(name string, pointer any) error {
	if _, err := codec.For(reflect.TypeOf(pointer).Elem()); err != nil {
		return fmt.Errorf("the value %q could not be pulled: %w", name, err)
	}
	put(name, &entry{live: pointer})
	return nil
}

func put(name string, e *entry) {
	store.Lock()
	defer store.Unlock()
	if old := store.named[name]; old != nil && old.encoded != nil {
		old.encoded.Release()
	}
	store.named[name] = e
}
