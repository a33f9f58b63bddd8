package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// chooseKept decides which declarations of the cell are new. One whose text is
// what it was, and that refers to nothing that is new, stays as it is: values of
// its type live on, and nobody has to be compiled again.
func (c *compilation) chooseKept() *diag.Errors {
	st := c.st
	c.kept = make(map[int]bool)
	cell, errs := c.assemble()
	if errs != nil {
		return &diag.Errors{List: errs}
	}
	c.cell = cell
	all := syntax.Declarations(cell.Source, c.chunkAt)
	for _, d := range all {
		if d.Chunk < 0 {
			return diag.Bug(string(c.Code), "the declaration of %s is in no chunk", d.Name)
		}
	}
	c.all = all
	sameType := make(map[string]bool) // by type name: text and the cell's methods are as they were
	for _, d := range all {
		base := d.Recv
		if d.Kind == syntax.TypeDecl {
			base = d.Name
		}
		if base == "" {
			continue
		}
		if _, seen := sameType[base]; !seen {
			sameType[base] = true
		}
		if !st.SameText(d) {
			sameType[base] = false
		}
	}
	fresh := make(map[int]bool) // chunks that are not kept
	for _, d := range all {
		base := d.Recv
		if d.Kind == syntax.TypeDecl {
			base = d.Name
		}
		if d.Kind == syntax.VarDecl || d.Name == "init" || d.Name == "_" || base != "" && !sameType[base] || base == "" && !st.SameText(d) {
			fresh[d.Chunk] = true
		}
	}
	for grown := true; grown; {
		grown = false
		dirty := decl.Dependants(maps.Values(st.Names), c.changed(all, fresh))
		for _, d := range all {
			if fresh[d.Chunk] {
				continue
			}
			cur := st.Names[d.Name]
			if d.Recv != "" {
				cur = st.Names[d.Recv]
			}
			if dirty[cur] || d.Recv != "" && c.changed(all, fresh)[cur] {
				fresh[d.Chunk] = true
				grown = true
			}
		}
	}
	for i, ch := range c.Chunks {
		if ch.Kind != syntax.Statement && ch.Kind != syntax.ImportDecl && ch.Kind != syntax.PackageClause && !fresh[i] {
			c.kept[i] = true
		}
	}
	if len(c.kept) > 0 {
		if c.cell, errs = c.assemble(); errs != nil {
			return &diag.Errors{List: errs}
		}
	}
	c.decls = syntax.Declarations(c.cell.Source, c.chunkAt)
	for _, d := range c.decls {
		if d.Recv == "" && d.Name != "init" && d.Name != "_" {
			c.declares[d.Name] = true
		}
	}
	return nil
}

// keptDeclarations returns those of the session's declarations that the cell's text
// declares as they are; what it has of methods stands with their types.
func (c *compilation) keptDeclarations() map[string]*decl.Decl {
	kept := make(map[string]*decl.Decl)
	for _, d := range c.all {
		if !c.kept[d.Chunk] {
			continue
		}
		name := d.Name
		if d.Recv != "" {
			name = d.Recv
		}
		kept[name] = c.st.Names[name]
	}
	return kept
}

// changed returns the session's declarations that the fresh chunks replace. A
// method declared for a type of an earlier cell replaces the type.
func (c *compilation) changed(all []*syntax.Declared, fresh map[int]bool) map[*decl.Decl]bool {
	out := make(map[*decl.Decl]bool)
	for _, d := range all {
		if !fresh[d.Chunk] {
			continue
		}
		name := d.Name
		if d.Recv != "" {
			name = d.Recv
		}
		cur := c.st.Names[name]
		if cur == nil || cur.Kind == syntax.VarDecl && d.Kind == syntax.VarDecl && !c.retyped[name] {
			continue
		}
		out[cur] = true
	}
	for name := range c.retyped {
		if cur := c.st.Names[name]; cur != nil {
			out[cur] = true
		}
	}
	for name := range c.imports {
		if cur := c.st.Names[name]; cur != nil {
			out[cur] = true
		}
	}
	for name := range c.st.Altered {
		if cur := c.st.Names[name]; cur != nil {
			out[cur] = true
		}
	}
	return out
}

// takeOver collects the declarations of earlier cells that have to be compiled
// again, as sources of their own: each with the imports it was written under.
func (c *compilation) takeOver() error {
	st := c.st
	c.extra, c.files = nil, nil
	fresh := make(map[int]bool)
	for _, d := range c.decls {
		fresh[d.Chunk] = true
	}
	changed := c.changed(c.decls, fresh)
	own := make(map[string]bool)
	for _, d := range c.decls {
		if d.Recv != "" {
			own[d.Recv+"."+d.Name] = true
		} else {
			own[d.Name] = true
		}
	}
	for _, stmt := range c.cell.Run.Body.List {
		for _, id := range syntax.Defines(stmt) {
			own[id.Name] = true
		}
	}
	c.back = c.returning(own)
	for _, d := range c.back {
		if d.Recv != nil && st.Names[d.Recv.Name] != nil { // gets back a method
			changed[st.Names[d.Recv.Name]] = true
		}
	}
	dirty := decl.Dependants(maps.Values(st.Names), changed)
	var ordered []*decl.Decl // in long sessions it takes time to sort them
	if len(changed) > 0 {
		ordered = st.Current()
	}
	texts := make(map[*syntax.Source]*strings.Builder)
	var order []*syntax.Source
	textOf := func(src *syntax.Source) *strings.Builder {
		b := texts[src]
		if b == nil {
			b = new(strings.Builder)
			texts[src] = b
			order = append(order, src)
			b.WriteString("package main\n")
			for _, imp := range src.Imports {
				fmt.Fprintf(b, "import %s %q\n", imp.Name, imp.Path)
			}
		}
		return b
	}
	put := func(src *syntax.Source, node ast.Node, keyword string) {
		start := syntax.StartOf(node)
		textOf(src).WriteString(keyword + syntax.DirectiveAt(c.fset, start) + string(src.Text[src.Offset(start):src.Offset(node.End())]) + "\n")
	}
	var vars []*decl.Decl
	seen := make(map[ast.Node]bool)
	take := func(d *decl.Decl) {
		switch d.Kind {
		case syntax.VarDecl:
			if d.Origin != nil {
				textOf(d.Origin.Src).WriteString(d.Origin.Declare(c.fset, d.Name) + "\n")
			} else {
				vars = append(vars, d)
			}
		case syntax.TypeDecl:
			put(d.Src, d.Node, "type ")
		default:
			if !seen[d.Node] {
				put(d.Src, d.Node, "")
			}
			seen[d.Node] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.back)) {
		take(c.back[name])
	}
	isGone := func(name string) bool {
		_, isDropped := c.dropped[name]
		return isDropped || c.back[name] != nil
	}
	for _, d := range ordered {
		if isGone(d.Name) || !dirty[d] && !(changed[d] && d.Kind == syntax.TypeDecl) {
			continue
		}
		if !own[d.Name] {
			take(d)
		}
		for _, m := range d.Methods {
			if name := d.Name + "." + m.Name; !own[name] && !isGone(name) {
				put(m.Src, m.Node, "")
			}
		}
	}
	for _, src := range order {
		parsed, errs := syntax.Parse(c.fset, []byte(texts[src].String()))
		if errs != nil {
			return diag.Bug(string(c.Code), "an earlier declaration does not parse again: %s", errs[0].Message)
		}
		c.files = append(c.files, parsed)
	}
	if src, err := c.varsFile(vars); err != nil {
		return err
	} else if src != nil {
		c.files = append(c.files, src)
	}
	for _, src := range c.files {
		c.extra = append(c.extra, syntax.Declarations(src, func(token.Pos) int { return -1 })...)
	}
	return nil
}

// varsFile declares variables of earlier cells whose type is declared anew.
func (c *compilation) varsFile(vars []*decl.Decl) (*syntax.Source, error) {
	if len(vars) == 0 {
		return nil, nil
	}
	var b strings.Builder
	aliases := make(map[string]string)
	user := func(t *types.TypeName) string { return t.Name() }
	for _, d := range vars {
		p := &typetext.Printer{Named: user, Embedded: user, Pkg: c.st.Pkg, Alias: func(pkg *types.Package) string {
			if aliases[pkg.Path()] == "" {
				aliases[pkg.Path()] = fmt.Sprintf("ᐧ%s%d", pkg.Name(), len(aliases))
			}
			return aliases[pkg.Path()]
		}}
		text := p.Text(d.Obj.Type())
		if p.Err != nil {
			c.dropped[d.Name] = fmt.Sprintf("%s held a value of a type that was declared again; run the cell that makes it", d.Name)
			c.broken[d.Name] = d
			continue
		}
		fmt.Fprintf(&b, "var %s %s\n", d.Name, text)
	}
	header := "package main\n"
	for _, path := range slices.Sorted(maps.Keys(aliases)) {
		header += fmt.Sprintf("import %s %q\n", aliases[path], path)
	}
	src, errs := syntax.Parse(c.fset, []byte(header+b.String()))
	if errs != nil {
		return nil, diag.Bug(string(c.Code), "a variable's type does not parse again: %s", errs[0].Message)
	}
	return src, nil
}

// findRetyped finds variables that had another type before this cell, and on
// which something depends. It reports whether it found a new one.
func (c *compilation) findRetyped() bool {
	found := false
	for name, obj := range c.variables() {
		old := c.st.Names[name]
		if old == nil || c.retyped[name] {
			continue
		}
		if old.Kind != syntax.VarDecl || !types.Identical(old.Obj.Type(), obj.Type()) {
			c.retyped[name] = true
			if len(decl.Dependants(maps.Values(c.st.Names), map[*decl.Decl]bool{old: true})) > 0 {
				found = true
			}
		}
	}
	return found
}

// variables returns the session variables that the cell's own text declares.
func (c *compilation) variables() map[string]*types.Var {
	vars := make(map[string]*types.Var)
	for _, d := range c.decls {
		if v, ok := c.result.info.Defs[d.Ident].(*types.Var); ok && d.Name != "_" {
			vars[d.Name] = v
		}
	}
	for _, stmt := range c.cell.Run.Body.List {
		for _, id := range syntax.Defines(stmt) {
			if v, ok := c.result.info.Defs[id].(*types.Var); ok {
				vars[id.Name] = v
			}
		}
	}
	return vars
}
