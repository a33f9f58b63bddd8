package assist

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// members adds what can follow the dot of the selector at the cursor: a
// package's names, or fields and methods. It reports whether what stands before
// the dot is known.
func (a Assistant) members(at *atCursor, found *candidates) bool {
	if p := at.pkgName(); p != nil {
		a.packageMembers(p.Imported(), at.wantsType(), found)
		if path := at.auto[p.Name()]; path != "" {
			found.mark(0, "imports", path)
		}
		return p.Imported().Complete()
	}
	tv := at.info.Types[at.sel.X]
	if tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
		return false
	}
	add := func(obj types.Object) {
		if !obj.Exported() && obj.Pkg() != a.State.Pkg {
			return
		}
		// What is promoted can be hidden, or ambiguous.
		real, index, _ := types.LookupFieldOrMethod(tv.Type, true, a.State.Pkg, obj.Name())
		if real == nil || real.Id() != obj.Id() {
			return
		}
		rank := rankField + 2*len(index)
		if _, isMethod := obj.(*types.Func); isMethod {
			rank++
		}
		found.add(obj.Name(), rank, func() cell.Completion { return completion(real, a.State.Pkg) })
	}
	if !tv.IsType() { // a type has method expressions alone
		fields(tv.Type, make(map[types.Type]bool), add)
	}
	methods := types.NewMethodSet(tv.Type)
	if _, isPtr := tv.Type.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(tv.Type) && !tv.IsType() {
		methods = types.NewMethodSet(types.NewPointer(tv.Type))
	}
	for m := range methods.Methods() {
		add(m.Obj())
	}
	return true
}

// fields calls add for the fields of a struct, or of what a pointer points to,
// and of what is embedded.
func fields(t types.Type, seen map[types.Type]bool, add func(types.Object)) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || seen[t] {
		return
	}
	seen[t] = true
	for f := range st.Fields() {
		add(f)
	}
	for f := range st.Fields() {
		if f.Embedded() {
			fields(f.Type(), seen, add)
		}
	}
}

// packageMembers adds what a package exports.
func (a Assistant) packageMembers(pkg *types.Package, typesOnly bool, found *candidates) {
	scope := pkg.Scope()
	first := len(found.list)
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if _, isType := obj.(*types.TypeName); ast.IsExported(name) && (isType || !typesOnly) {
			found.add(name, rankField, func() cell.Completion { return completion(obj, a.State.Pkg) })
		}
	}
	if first == len(found.list) {
		return
	}
	old := a.Docs.Deprecated(pkg.Path())
	for i := range found.list[first:] {
		one := &found.list[first+i]
		one.deprecated = old[one.name]
	}
}

// membersOfUnknown adds the members of a package that is not imported, the first
// of that name that has such members, and returns the path to import. Where cells
// need not import, it adds those of all such packages, and there is nothing to do.
func (a Assistant) membersOfUnknown(name string, found *candidates) string {
	paths := a.Index.Named(name)
	if !a.Written.Load() {
		paths = a.Candidates(name, nil)
	}
	for _, path := range paths {
		pkg, err := a.Index.Import(path)
		if err != nil {
			continue
		}
		first := len(found.list)
		a.packageMembers(pkg, false, found)
		switch {
		case !a.Written.Load():
			found.mark(first, "imports", path)
		case len(found.list) > 0:
			found.mark(first, "needs import", path)
			return path
		}
	}
	return ""
}

// mark says of the candidates from a number on what import they come with.
func (c *candidates) mark(first int, how, path string) {
	for i := range c.list[first:] {
		c.list[first+i].Signature += fmt.Sprintf("  (%s %q)", how, path)
	}
}
