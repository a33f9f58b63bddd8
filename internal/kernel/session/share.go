package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// share registers the unit's functions and the variables it refers to, so that
// engines find them by name. In the first cell that imports the parallel
// package, it registers those of all earlier cells as well.
func (g *generator) share(first bool) {
	set := maps.Clone(g.own)
	for _, a := range g.c.unit.again {
		set[a.decl] = true
	}
	if first {
		for _, d := range g.st.current() {
			if _, replaced := g.c.unit.names[d.name]; !replaced {
				set[d] = true
			}
		}
	}
	for _, d := range sortedDecls(set) {
		if d.kind != syntax.FuncDecl || d.generic || d.recv != nil {
			continue
		}
		sig := d.obj.(*types.Func).Signature()
		if kind := shape(sig); kind != "" {
			// It is known by the function that values of it are, and engines run this version.
			version := d.funcVar()
			if g.own[d] {
				version = d.body
			}
			g.registered = append(g.registered, fmt.Sprintf("ᐧreg.Func(%s, %s, ᐧreg.%s(%s))",
				g.info(d.symbol, d.name, readsOf(map[*decl]bool{d: true}), g.st.program().Function(d.obj.(*types.Func), nil)), g.ref(d, false), kind, version))
		}
	}
	for _, d := range sortedDecls(set) {
		g.versions(d)
	}
	for d := range set {
		for v := range d.closure(nil) {
			if v.kind == syntax.VarDecl {
				set[v] = true
			}
		}
	}
	for d := range g.extern {
		set[d] = true
	}
	var vars []string
	for _, d := range sortedDecls(set) {
		if d.kind == syntax.VarDecl {
			vars = append(vars, fmt.Sprintf("ᐧreg.Var(%q, &%s)", d.symbol, g.ref(d, false)))
		}
	}
	g.registered = append(vars, g.registered...)
	g.shareErrors(set)
	g.shareTypes(set)
}

// versions registers the version of a function, or those of a type's methods.
func (g *generator) versions(d *decl) {
	list := d.methods
	if d.kind == syntax.FuncDecl && d.recv == nil {
		list = []*decl{d}
	}
	for _, d := range list {
		if !d.hasBody() {
			continue
		}
		module, symbol, fn := idMark, d.symbol, d.obj.(*types.Func)
		if !g.own[d] {
			module = d.unit.ID
		}
		if d.recv != nil {
			symbol = d.funcVar()
		}
		writes := ""
		if d.number > 1 && d.recv != nil {
			writes = g.st.program().Method(fn, fn.Signature().Recv().Type())
		} else if d.number > 1 {
			writes = g.st.program().Function(fn, nil)
		}
		info := g.info("", "", readsOf(map[*decl]bool{d: true}), writes)
		_, info, _ = strings.Cut(info, "Reads: ")
		g.registered = append(g.registered, fmt.Sprintf("ᐧreg.Version(%q, %d, ᐧreg.Info{Module: \"%s\", Reads: %s)", symbol, d.number, module, info))
	}
}

// info is the text of a function's registration. Name is its name within the
// unit, label what people call it; reads and writes are as in registry.Info.
func (g *generator) info(name, label string, reads []string, writes string) string {
	list := "nil"
	if len(reads) > 0 {
		var quoted []string
		for _, r := range reads {
			quoted = append(quoted, fmt.Sprintf("%q", r))
		}
		list = "[]string{" + strings.Join(quoted, ", ") + "}"
	}
	if writes != "" {
		list += fmt.Sprintf(", Writes: %q", writes)
	}
	return fmt.Sprintf("ᐧreg.Info{Name: \"%s.%s, Module: \"%[1]s\", Label: %[3]q, Reads: %[4]s}", idMark, strconv.Quote(name)[1:], label, list)
}

// refused adds the reason why a function cannot travel to its registration.
func (g *generator) refused(info, reason string) string {
	return strings.TrimSuffix(info, "}") + fmt.Sprintf(", Refuse: %q}", reason)
}

// importedFunc registers a function of an imported package.
func (g *generator) importedFunc(fn *types.Func, text, name, kind string) {
	if g.imported[name] {
		return
	}
	g.imported[name] = true
	g.registered = append(g.registered, fmt.Sprintf("ᐧreg.Func(%s, %s, ᐧreg.%s(%s))", g.info(name, fn.Pkg().Name()+"."+fn.Name(), nil, g.st.program().Function(fn, nil)), text, kind, text))
}

func (g *generator) nextLiteral() int {
	g.literals++
	return g.literals
}

// reads lists the session variables that a text reads, directly or through what
// it calls.
func (g *generator) reads(n ast.Node, info *types.Info) []string {
	uses := make(map[*decl]bool)
	g.st.textUses(n, info, uses)
	return readsOf(uses)
}

// state lists the session variables that the cell's text reads, and those that it declares.
func (g *generator) state() (reads, keeps []string) {
	for name := range g.c.variables() {
		if d := g.c.unit.names[name]; d != nil {
			keeps = append(keeps, d.symbol)
		}
	}
	slices.Sort(keeps)
	reads = slices.DeleteFunc(g.reads(g.c.cell.File, g.c.result.info), func(name string) bool { return slices.Contains(keeps, name) })
	return reads, keeps
}

func readsOf(uses map[*decl]bool) []string {
	seen := make(map[*decl]bool)
	for d := range uses {
		d.closure(seen)
	}
	var names []string
	for d := range seen {
		if d.kind == syntax.VarDecl {
			names = append(names, d.symbol)
		}
	}
	slices.Sort(names)
	return names
}

// placeOf names a node's place for people.
func (g *generator) placeOf(n ast.Node) string {
	p := g.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", g.cells.name(diag.UnitOf(p.Filename)), p.Line)
}
