package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// once reports whether the code of this unit runs only once: statements without a
// loop, and nothing that they or others could call again. To inline into such code
// what it calls gains nothing, and takes the compiler a third of its time: for
// fmt.Println it reads all that os.File is.
func (g *generator) once() bool {
	for d := range g.own {
		if d.Kind != syntax.VarDecl && d.Kind != syntax.ConstDecl {
			return false
		}
	}
	if len(g.registered) > 0 || len(g.c.Earlier) > 0 || len(g.c.Result.Info.Instances) > 0 {
		return false
	}
	again := false
	ast.Inspect(g.c.Parsed.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit:
			again = true
		case *ast.BranchStmt:
			again = again || n.Tok == token.GOTO
		}
		return !again
	})
	// Methods of generic types are compiled wherever such a type is used, and the
	// first that is loaded serves all.
	seen := make(map[types.Type]bool)
	for _, tv := range g.c.Result.Info.Types {
		again = again || tv.Type != nil && hasInstance(tv.Type, g.State.Pkg, seen)
	}
	return !again
}

// hasInstance reports whether a type needs one of a generic type to be described.
// Those of other packages are described there.
func hasInstance(t types.Type, pkg *types.Package, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	has := func(t types.Type) bool { return hasInstance(t, pkg, seen) }
	tuple := func(list *types.Tuple) bool {
		for v := range list.Variables() {
			if has(v.Type()) {
				return true
			}
		}
		return false
	}
	switch t := t.(type) {
	case *types.Alias:
		return has(types.Unalias(t))
	case *types.Named:
		return t.TypeArgs().Len() > 0 || t.TypeParams().Len() > 0 || t.Obj().Pkg() == pkg && has(t.Underlying())
	case *types.Pointer:
		return has(t.Elem())
	case *types.Slice:
		return has(t.Elem())
	case *types.Array:
		return has(t.Elem())
	case *types.Chan:
		return has(t.Elem())
	case *types.Map:
		return has(t.Key()) || has(t.Elem())
	case *types.Tuple:
		return tuple(t)
	case *types.Signature:
		return tuple(t.Params()) || tuple(t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			if has(f.Type()) {
				return true
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if has(m.Type()) {
				return true
			}
		}
	}
	return false
}
