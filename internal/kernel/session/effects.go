package session

import (
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/effects"
)

// program is the session's code for the analysis of what functions could change
// in the process that calls them.
func (s *Session) program() effects.Program {
	return effects.Program{
		Package: s.pkg,
		Body: func(fn *types.Func) (*ast.FuncDecl, *types.Info) {
			d := s.declOf(fn)
			if d == nil {
				return nil, nil
			}
			node, _ := d.node.(*ast.FuncDecl)
			return node, d.info
		},
		Global: func(v *types.Var) bool { return s.byObj[v] != nil },
	}
}

// declOf returns the declaration of a function or a method, or nil.
func (s *Session) declOf(fn *types.Func) *decl {
	recv := fn.Signature().Recv()
	if recv == nil {
		return s.byObj[fn]
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok {
		return nil
	}
	if d := s.byObj[named.Obj()]; d != nil {
		if m := d.method(fn.Name()); m != nil && m.obj == types.Object(fn) {
			return m
		}
	}
	return nil
}
