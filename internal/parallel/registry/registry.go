// Package registry knows, in one process, the functions that may be sent to
// engines by name, the variables they read, and the modules they are part of.
//
// The same code registers the same names in the caller's process and on each
// engine, so that a name is all that has to travel. Code that the session
// compiles from cells registers itself when its module is loaded:
//
//	registry.Var("k", &k)
//	registry.Func(registry.Info{Name: "ab12.pow10", Module: "ab12", Reads: []string{"k"}}, pow10, registry.Fn1R(pow10))
//
//	var lit registry.Literal // one for each function literal
//	registry.DefineLiteral(&lit, registry.Info{Name: "ab12.lit1", Module: "ab12", Label: "the function literal at cell[3]:5"},
//		[]string{"k", "y"}, func() ([]any, func() registry.Runner) {
//			var k int
//			var y float64
//			return []any{&k, &y}, func() registry.Runner { return registry.Fn1R(func(x int) int { … }) }
//		})
//
// and, where the literal stands in the code,
//
//	registry.Lit(&lit, func(x int) int {
//		if poll.Flag.Load() != 0 {
//			lit.Enter(&k, &y)
//		}
//		…
//	})
//
// [Resolve] finds out what a function value is. All functions of this package
// may be called from any goroutine.
package registry

import (
	"fmt"
	"reflect"
	"sync"
)

// Module is a unit of code that an engine loads before it can run the functions
// registered by it.
type Module struct {
	// ID names the module; equal IDs mean equal code.
	ID string
	// Path is the file that the engine's loader opens.
	Path string
	// Needs lists the modules that must be loaded before this one.
	Needs []string
	// Packages lists the import paths of the packages that come with the module
	// where none before it has brought them.
	Packages []string
}

// Info describes a function or a function literal.
type Info struct {
	// Name is unique, and the same in every process that has the code.
	Name string
	// Module is the ID of the module that registers the function. It is empty
	// where every process has it from its start, as in a compiled program.
	Module string
	// Reads names the registered variables that the function reads, itself or
	// through what it calls. Their values travel with it.
	Reads []string
	// Keeps names the registered variables that the function gives values to which stay where it ran:
	// the caller's value is sent there only once it is another than now.
	Keeps []string
	// Refuse says why the function cannot travel, and is empty where it can.
	Refuse string
	// Writes says what of the caller's process a call of the function could change
	// there ("assigns to total, a captured variable"). It is empty where nothing
	// that was there before the call could be changed, so that it makes no
	// difference, but for time, whether the function runs there or on an engine.
	Writes string
	// Label is what people are shown; the Name, where it is empty.
	Label string
}

// String returns the label.
func (i Info) String() string {
	if i.Label != "" {
		return i.Label
	}
	return i.Name
}

// Function is a registered function or literal.
type Function struct {
	Info
	// Captures names the variables that a literal captures, in order.
	Captures []string
	// Runner calls a function. Of a literal it only tells the types.
	Runner Runner
	// Rebuild is nil for a function. For a literal it returns pointers to fresh
	// variables, one for each of Captures, and what makes the runner once they
	// are set.
	Rebuild func() ([]any, func() Runner)
}

// tables holds all that this process knows.
var tables = struct {
	sync.RWMutex
	modules map[string]Module
	byName  map[string]*Function
	byCode  map[uintptr]*Function  // functions and literals of cells
	byValue map[identity]*Function // functions of programs
	vars    map[string]any         // pointers

	versions map[string]version  // by symbol
	symbols  map[string][]string // by module
}{
	modules: map[string]Module{},
	byName:  map[string]*Function{},
	byCode:  map[uintptr]*Function{},
	byValue: map[identity]*Function{},
	vars:    map[string]any{},

	versions: map[string]version{},
	symbols:  map[string][]string{},
}

// AddModule makes a module known, or replaces the one with the same ID.
func AddModule(m Module) {
	tables.Lock()
	defer tables.Unlock()
	tables.modules[m.ID] = m
}

// Modules returns the modules with these IDs and all that they need, each after
// what it needs, and those with newer versions of what these have. It is an error if
// one is not known.
func Modules(ids ...string) ([]Module, error) {
	tables.RLock()
	defer tables.RUnlock()
	var order []Module
	seen := map[string]bool{}
	var add func(id, neededBy string) error
	add = func(id, neededBy string) error {
		if seen[id] || id == "" {
			return nil
		}
		seen[id] = true
		m, ok := tables.modules[id]
		if !ok {
			return fmt.Errorf("module %q, needed by %s, is not known here", id, neededBy)
		}
		for _, need := range m.Needs {
			if err := add(need, fmt.Sprintf("module %q", id)); err != nil {
				return err
			}
		}
		order = append(order, m)
		return nil
	}
	for _, id := range ids {
		if err := add(id, "the function"); err != nil {
			return nil, err
		}
	}
	for i := 0; i < len(order); i++ {
		var err error
		newer(order[i].ID, func(v Info) {
			if err == nil {
				err = add(v.Module, "a newer version")
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return order, nil
}

// Loads reports whether this process has loaded modules, so that what its functions are called means
// nothing to others of the same build.
func Loads() bool {
	tables.RLock()
	defer tables.RUnlock()
	return len(tables.modules) > 0
}

// Func registers a function that captures nothing and is not generic, by its name
// and by its code. A later registration of the same name or code replaces the
// earlier one.
func Func(info Info, fn any, run Runner) {
	tables.Lock()
	defer tables.Unlock()
	f := &Function{Info: info, Runner: run}
	tables.byName[info.Name] = f
	tables.byCode[reflect.ValueOf(fn).Pointer()] = f
}

// Var registers a variable that functions may name in Info.Reads. It replaces
// the variable of the same name.
func Var(name string, pointer any) {
	tables.Lock()
	defer tables.Unlock()
	tables.vars[name] = pointer
}

// Variable returns the pointer registered for a name, or nil.
func Variable(name string) any {
	tables.RLock()
	defer tables.RUnlock()
	return tables.vars[name]
}

// Named returns the function with this name, or nil.
func Named(name string) *Function {
	tables.RLock()
	defer tables.RUnlock()
	return tables.byName[name]
}
