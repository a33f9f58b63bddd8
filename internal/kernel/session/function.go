package session

import (
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A Function is a function of the session as engines know it, for a caller
// outside of the process that runs the cells.
type Function struct {
	// Info names it to engines. Info.Reads are the variables' symbols.
	Info registry.Info
	// Modules are what an engine loads before it can call the function, in order.
	Modules []registry.Module
	// Signature has its types; those that cells declare are in package main.
	Signature *types.Signature
	// Variables are the session variables that it reads, as the user knows them.
	Variables []string
}

// Function returns a top-level function that the session has declared. Engines
// can be sent those that are declared in or after the first cell that imports
// package parallel, if they have at most one argument, one result and an error;
// for others, and for names that are no function, it reports false.
func (s *Session) Function(name string) (Function, bool) {
	s.turn.Lock()
	defer s.turn.Unlock()
	d := s.state.Load().Names[name]
	if d == nil || d.Kind != syntax.FuncDecl || d.Generic || !d.Unit.Shares {
		return Function{}, false
	}
	sig := d.Obj.(*types.Func).Signature()
	if kind := rewrite.Runner(sig); !strings.HasPrefix(kind, "Fn0") && !strings.HasPrefix(kind, "Fn1") {
		return Function{}, false
	}
	f := Function{Modules: d.Unit.Modules(), Signature: sig}
	f.Info = registry.Info{Name: d.Unit.ID + "." + d.Symbol, Module: d.Unit.ID, Label: d.Name, Reads: decl.Reads(map[*decl.Decl]bool{d: true})}
	for _, other := range decl.Sorted(d.Closure(nil)) {
		if other.Kind == syntax.VarDecl {
			f.Variables = append(f.Variables, other.Name)
		}
	}
	return f, true
}

// PackagesNamed returns the import paths of the packages with a name that cells
// can import without more modules, the likeliest first.
func (s *Session) PackagesNamed(name string) []string { return s.checker.Index.Named(name) }
