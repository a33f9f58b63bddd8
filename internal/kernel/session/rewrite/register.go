package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// register registers the unit's functions and the variables it refers to, so that
// engines find them by name. In the first cell that imports the parallel
// package, it registers those of all earlier cells as well.
func (g *generator) register(first bool) {
	set := maps.Clone(g.own)
	for _, a := range g.code.Again {
		set[a.Decl] = true
	}
	if first {
		for _, d := range g.State.Current() {
			if _, replaced := g.code.Names[d.Name]; !replaced {
				set[d] = true
			}
		}
	}
	for _, d := range decl.Sorted(set) {
		if d.Kind != syntax.FuncDecl || d.Generic || d.Recv != nil {
			continue
		}
		sig := d.Obj.(*types.Func).Signature()
		if kind := Runner(sig); kind != "" {
			// It is known by the function that values of it are, and engines run this version.
			version := d.FuncVar()
			if g.own[d] {
				version = d.Body
			}
			g.registered = append(g.registered, fmt.Sprintf("ᐧreg.Func(%s, %s, ᐧreg.%s(%s))",
				g.info(d.Symbol, d.Name, decl.Reads(map[*decl.Decl]bool{d: true}), g.State.Effects().Function(d.Obj.(*types.Func), nil)), g.ref(d, false), kind, version))
		}
	}
	for _, d := range decl.Sorted(set) {
		g.versions(d)
	}
	for d := range set {
		for v := range d.Closure(nil) {
			if v.Kind == syntax.VarDecl {
				set[v] = true
			}
		}
	}
	for d := range g.extern {
		set[d] = true
		if !d.Generic {
			continue
		}
		for v := range d.Closure(nil) { // the unit compiles its text
			if v.Kind == syntax.VarDecl {
				set[v] = true
			}
		}
	}
	var vars []string
	for _, d := range decl.Sorted(set) {
		if d.Kind == syntax.VarDecl {
			vars = append(vars, fmt.Sprintf("ᐧreg.Var(%q, &%s)", d.Symbol, g.ref(d, false)))
		}
	}
	g.registered = append(vars, g.registered...)
	g.registerErrors(set)
	g.registerTypes(set)
}

// versions registers the version of a function, or those of a type's methods.
func (g *generator) versions(d *decl.Decl) {
	list := d.Methods
	if d.Kind == syntax.FuncDecl && d.Recv == nil {
		list = []*decl.Decl{d}
	}
	for _, d := range list {
		if !d.HasBody() {
			continue
		}
		module, symbol, fn := idMark, d.Symbol, d.Obj.(*types.Func)
		if !g.own[d] {
			module = d.Unit.ID
		}
		if d.Recv != nil {
			symbol = d.FuncVar()
		}
		writes := ""
		if d.Number > 1 && d.Recv != nil {
			writes = g.State.Effects().Method(fn, fn.Signature().Recv().Type())
		} else if d.Number > 1 {
			writes = g.State.Effects().Function(fn, nil)
		}
		info := g.info("", "", decl.Reads(map[*decl.Decl]bool{d: true}), writes)
		_, info, _ = strings.Cut(info, "Reads: ")
		g.registered = append(g.registered, fmt.Sprintf("ᐧreg.Version(%q, %d, ᐧreg.Info{Module: \"%s\", Reads: %s)", symbol, d.Number, module, info))
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
	g.registered = append(g.registered, fmt.Sprintf("ᐧreg.Func(%s, %s, ᐧreg.%s(%s))", g.info(name, fn.Pkg().Name()+"."+fn.Name(), nil, g.State.Effects().Function(fn, nil)), text, kind, text))
}

func (g *generator) nextLiteral() int {
	g.literals++
	return g.literals
}

// reads lists the session variables that a text reads, directly or through what
// it calls.
func (g *generator) reads(n ast.Node, info *types.Info) []string {
	uses := make(map[*decl.Decl]bool)
	g.State.TextUses(n, info, uses)
	return decl.Reads(uses)
}

// variablesOfStatements lists the session variables that the cell's text reads, and those that it declares.
func (g *generator) variablesOfStatements() (reads, keeps []string) {
	for name := range g.c.DefinedVariables() {
		if d := g.code.Names[name]; d != nil {
			keeps = append(keeps, d.Symbol)
		}
	}
	slices.Sort(keeps)
	reads = slices.DeleteFunc(g.reads(g.c.Parsed.File, g.c.Result.Info), func(name string) bool { return slices.Contains(keeps, name) })
	return reads, keeps
}

// placeOf names a node's place for people.
func (g *generator) placeOf(n ast.Node) string {
	p := g.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", g.Cells.Name(diag.UnitOf(p.Filename)), p.Line)
}
