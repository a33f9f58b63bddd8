package decl

import (
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/effects"
)

// Effects is the session's code for the analysis of what functions could change
// in the process that calls them.
func (st *State) Effects() effects.Program {
	return effects.Program{
		Package: st.Pkg,
		Body: func(fn *types.Func) (*ast.FuncDecl, *types.Info) {
			d := st.DeclOf(fn)
			if d == nil {
				return nil, nil
			}
			node, _ := d.Node.(*ast.FuncDecl)
			return node, d.Info
		},
		Global: func(v *types.Var) bool { return st.Of[v] != nil },
	}
}
