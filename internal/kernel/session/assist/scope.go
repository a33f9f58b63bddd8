package assist

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// inScope adds what a name that follows no dot can mean. Without at, where the
// code is too broken, it is all of the session.
func (a Assistant) inScope(at *atCursor, found *candidates) {
	typesOnly := false
	if at != nil {
		typesOnly = at.wantsType()
		if a.fieldKeys(at, found) {
			return // nothing but another key can follow
		}
		for _, v := range at.visible {
			if !typesOnly || standsForType(v.obj) {
				found.add(v.name, v.rank, func() cell.Completion { return completion(v.obj, a.State.Pkg) })
			}
		}
	}
	for name, d := range a.State.Names {
		if !typesOnly || standsForType(d.Obj) {
			found.add(name, rankSession, func() cell.Completion { return completion(d.Obj, a.State.Pkg) })
		}
	}
	for name, path := range a.State.Imports {
		found.add(name, rankImported, func() cell.Completion {
			return cell.Completion{Text: name, Kind: "package", Signature: path}
		})
	}
	for _, word := range keywords(at) {
		found.add(word, rankKeyword, func() cell.Completion { return cell.Completion{Text: word, Kind: "keyword"} })
	}
	if found.prefix == "" {
		return
	}
	for name, path := range a.Index.Public() {
		found.add(name, rankAvailable, func() cell.Completion {
			how := "imports"
			if a.Written.Load() {
				how = "needs import"
			}
			return cell.Completion{Text: name, Kind: "package", Signature: fmt.Sprintf("%s %q", how, path)}
		})
	}
}

// A visible is a name that has a meaning at the cursor.
type visible struct {
	name string
	obj  types.Object
	rank int
}

// visible lists the names that mean something at a position of code that is being checked,
// from the innermost scope outwards.
func (a Assistant) visible(pos token.Pos) (list []visible) {
	innermost := a.State.Pkg.Scope()
	for scope := range innermost.Children() { // of files
		if inner := scope.Innermost(pos); inner != nil {
			innermost = inner
		}
	}
	for scope := innermost; scope != nil; scope = scope.Parent() {
		for _, name := range scope.Names() {
			// The scope at the cursor decides which of several things of one name is
			// meant, and leaves out what is declared later.
			if _, obj := innermost.LookupParent(name, pos); obj != nil && obj == scope.Lookup(name) {
				list = append(list, visible{name, obj, a.rank(scope, obj)})
			}
		}
	}
	return list
}

// standsForType reports whether a name is a type, or a package that has some.
func standsForType(obj types.Object) bool {
	switch obj.(type) {
	case *types.TypeName, *types.PkgName:
		return true
	}
	return false
}

func (a Assistant) rank(scope *types.Scope, obj types.Object) int {
	switch _, isPkg := obj.(*types.PkgName); {
	case isPkg:
		return rankImported
	case scope == types.Universe:
		return rankUniverse
	case scope == a.State.Pkg.Scope(), scope == a.State.Pkg.Scope().Parent(): // of the cell, and of earlier ones
		return rankSession
	case scope.Parent() == a.State.Pkg.Scope(): // a file's: dot imports
		return rankImported
	}
	return rankLocal
}

// keywords lists those that can stand at the cursor.
func keywords(at *atCursor) (list []string) {
	if at == nil {
		for t := token.BREAK; t <= token.VAR; t++ {
			list = append(list, t.String())
		}
		return list
	}
	list = []string{"chan", "func", "interface", "map", "struct"}
	if at.wantsType() {
		return list
	}
	if _, ok := at.parent(1).(*ast.ExprStmt); !ok {
		if at.enclosedBy(func(n ast.Node) bool { _, ok := n.(*ast.ForStmt); return ok }) {
			list = append(list, "range")
		}
		return list
	}
	list = append(list, "const", "defer", "for", "go", "goto", "if", "return", "select", "switch", "type", "var")
	loop, choice := false, false
	at.enclosedBy(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			loop = true
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			choice = true
		case *ast.FuncDecl:
			if n.Name.Name == syntax.RunFunc && len(at.path) > 2 && at.path[2] == ast.Node(n.Body) {
				list = append(list, "import")
			}
			return true
		case *ast.FuncLit:
			return true
		}
		return false
	})
	if loop {
		list = append(list, "break", "continue")
	}
	if choice {
		list = append(list, "break", "case", "default", "fallthrough")
	}
	return list
}

// enclosedBy reports whether a node around the name, from the innermost outwards,
// is what is asked for.
func (at *atCursor) enclosedBy(is func(ast.Node) bool) bool {
	for _, n := range at.path {
		if is(n) {
			return true
		}
	}
	return false
}

// fieldKeys adds the fields that a struct's literal does not set yet, where the
// name at the cursor can be one. It reports whether it has to be.
func (a Assistant) fieldKeys(at *atCursor, found *candidates) (only bool) {
	lit, suffix := (*ast.CompositeLit)(nil), ": "
	switch n := at.parent(1).(type) {
	case *ast.CompositeLit:
		if n.Type != at.path[0] {
			lit = n
		}
	case *ast.KeyValueExpr:
		if n.Key == at.path[0] {
			lit, _ = at.parent(2).(*ast.CompositeLit)
			suffix = ""
		}
	}
	if lit == nil {
		return false
	}
	t := at.info.Types[lit].Type
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok { // elided in []*point{{…}}
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	set := make(map[string]bool)
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		switch {
		case e == at.path[0] || ok && kv == at.parent(1):
		case !ok:
			return false // values without keys
		default:
			if key, ok := kv.Key.(*ast.Ident); ok {
				set[key.Name] = true
			}
		}
	}
	for f := range st.Fields() {
		if !set[f.Name()] && (f.Exported() || f.Pkg() == a.State.Pkg) {
			found.add(f.Name(), rankField, func() cell.Completion {
				c := completion(f, a.State.Pkg)
				c.Text += suffix
				return c
			})
		}
	}
	return len(set) > 0
}
