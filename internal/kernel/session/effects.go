package session

import (
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/effects"
)

// program is the session's code for the analysis of what functions could change
// in the process that calls them.
func (st *state) program() effects.Program {
	return effects.Program{
		Package: st.pkg,
		Body: func(fn *types.Func) (*ast.FuncDecl, *types.Info) {
			d := st.declOf(fn)
			if d == nil {
				return nil, nil
			}
			node, _ := d.node.(*ast.FuncDecl)
			return node, d.info
		},
		Global: func(v *types.Var) bool { return st.byObj[v] != nil },
	}
}

// declOf returns the declaration of a function or a method, or nil.
func (st *state) declOf(fn *types.Func) *decl {
	recv := fn.Signature().Recv()
	if recv == nil {
		return st.byObj[fn]
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok {
		return nil
	}
	if d := st.byObj[named.Obj()]; d != nil {
		if m := d.method(fn.Name()); m != nil && m.obj == types.Object(fn) {
			return m
		}
	}
	return nil
}
