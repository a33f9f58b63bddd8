package check

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

// A declaration that is made again is compared with the current one by its text, and by whether
// what it refers to is new: the same keeps its version, and any other gets a new one, with all
// that refers to it. Two more comparisons, of types, follow in package decl: whether a new
// version has the symbol of the old one (shapes.go), and where it has not, whether values
// can move to it (carriable.go, layout.go).

// chooseKept decides which declarations of the cell are new. One whose text is
// what it was, and that refers to nothing that is new, stays as it is: values of
// its type live on, and nobody has to be compiled again.
func (c *Cell) chooseKept() *diag.Errors {
	st := c.State
	c.Kept = make(map[int]bool)
	cell, errs := c.assemble()
	if errs != nil {
		return &diag.Errors{List: errs}
	}
	c.Parsed = cell
	all := syntax.Declarations(cell.Source, c.ChunkAt)
	for _, d := range all {
		if d.Chunk < 0 {
			return diag.Bug(string(c.Code), "the declaration of %s is in no chunk", d.Name)
		}
	}
	c.All = all
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
			c.Kept[i] = true
		}
	}
	if len(c.Kept) > 0 {
		if c.Parsed, errs = c.assemble(); errs != nil {
			return &diag.Errors{List: errs}
		}
	}
	c.Decls = syntax.Declarations(c.Parsed.Source, c.ChunkAt)
	for _, d := range c.Decls {
		if d.Recv == "" && d.Name != "init" && d.Name != "_" {
			c.Declares[d.Name] = true
		}
	}
	return nil
}

// KeptDeclarations returns those of the session's declarations that the cell's text
// declares as they are; what it has of methods stands with their types.
func (c *Cell) KeptDeclarations() map[string]*decl.Decl {
	kept := make(map[string]*decl.Decl)
	for _, d := range c.All {
		if !c.Kept[d.Chunk] {
			continue
		}
		name := d.Name
		if d.Recv != "" {
			name = d.Recv
		}
		kept[name] = c.State.Names[name]
	}
	return kept
}

// changed returns the session's declarations that the fresh chunks replace. A
// method declared for a type of an earlier cell replaces the type.
func (c *Cell) changed(all []*syntax.Declared, fresh map[int]bool) map[*decl.Decl]bool {
	out := make(map[*decl.Decl]bool)
	for _, d := range all {
		if !fresh[d.Chunk] {
			continue
		}
		name := d.Name
		if d.Recv != "" {
			name = d.Recv
		}
		cur := c.State.Names[name]
		if cur == nil || cur.Kind == syntax.VarDecl && d.Kind == syntax.VarDecl && !c.retyped[name] {
			continue
		}
		out[cur] = true
	}
	for name := range c.retyped {
		if cur := c.State.Names[name]; cur != nil {
			out[cur] = true
		}
	}
	for name := range c.Imports {
		if cur := c.State.Names[name]; cur != nil {
			out[cur] = true
		}
	}
	for name := range c.State.Altered {
		if cur := c.State.Names[name]; cur != nil {
			out[cur] = true
		}
	}
	return out
}

// addDependants collects the declarations of earlier cells that have to be compiled
// again, as sources of their own: each with the imports it was written under.
func (c *Cell) addDependants() error {
	st := c.State
	c.Extra, c.Earlier = nil, nil
	fresh := make(map[int]bool)
	for _, d := range c.Decls {
		fresh[d.Chunk] = true
	}
	changed := c.changed(c.Decls, fresh)
	own := make(map[string]bool)
	for _, d := range c.Decls {
		if d.Recv != "" {
			own[d.Recv+"."+d.Name] = true
		} else {
			own[d.Name] = true
		}
	}
	for _, stmt := range c.Parsed.Run.Body.List {
		for _, id := range syntax.Defines(stmt) {
			own[id.Name] = true
		}
	}
	c.Back = c.returning(own)
	for _, d := range c.Back {
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
		textOf(src).WriteString(keyword + syntax.DirectiveAt(c.Fset, start) + string(src.Text[src.Offset(start):src.Offset(node.End())]) + "\n")
	}
	var vars []*decl.Decl
	seen := make(map[ast.Node]bool)
	take := func(d *decl.Decl) {
		switch d.Kind {
		case syntax.VarDecl:
			if d.Origin != nil {
				textOf(d.Origin.Src).WriteString(d.Origin.Declare(c.Fset, d.Name) + "\n")
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
	for _, name := range slices.Sorted(maps.Keys(c.Back)) {
		take(c.Back[name])
	}
	isGone := func(name string) bool {
		_, isDropped := c.Dropped[name]
		return isDropped || c.Back[name] != nil
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
		parsed, errs := syntax.Parse(c.Fset, []byte(texts[src].String()))
		if errs != nil {
			return diag.Bug(string(c.Code), "an earlier declaration does not parse again: %s", errs[0].Message)
		}
		c.Earlier = append(c.Earlier, parsed)
	}
	if src, err := c.varsFile(vars); err != nil {
		return err
	} else if src != nil {
		c.Earlier = append(c.Earlier, src)
	}
	for _, src := range c.Earlier {
		c.Extra = append(c.Extra, syntax.Declarations(src, func(token.Pos) int { return -1 })...)
	}
	return nil
}

// varsFile declares variables of earlier cells whose type is declared anew.
func (c *Cell) varsFile(vars []*decl.Decl) (*syntax.Source, error) {
	if len(vars) == 0 {
		return nil, nil
	}
	var b strings.Builder
	aliases := make(map[string]string)
	user := func(t *types.TypeName) string { return t.Name() }
	for _, d := range vars {
		p := &typetext.Printer{Named: user, Embedded: user, Pkg: c.State.Pkg, Alias: func(pkg *types.Package) string {
			if aliases[pkg.Path()] == "" {
				aliases[pkg.Path()] = fmt.Sprintf("ᐧ%s%d", pkg.Name(), len(aliases))
			}
			return aliases[pkg.Path()]
		}}
		text := p.Text(d.Obj.Type())
		if p.Err != nil {
			c.Dropped[d.Name] = fmt.Sprintf("%s held a value of a type that was declared again; run the cell that makes it", d.Name)
			c.Broken[d.Name] = d
			continue
		}
		fmt.Fprintf(&b, "var %s %s\n", d.Name, text)
	}
	header := "package main\n"
	for _, path := range slices.Sorted(maps.Keys(aliases)) {
		header += fmt.Sprintf("import %s %q\n", aliases[path], path)
	}
	src, errs := syntax.Parse(c.Fset, []byte(header+b.String()))
	if errs != nil {
		return nil, diag.Bug(string(c.Code), "a variable's type does not parse again: %s", errs[0].Message)
	}
	return src, nil
}

// A declaration of an earlier cell that no longer compiles with what a cell
// declares is gone, but not forgotten: it is tried again with each cell that declares
// something. So an undo brings back what a change broke. The session
// knows such declarations by name, and methods by their type's name and theirs.

// returning returns the declarations that are gone and are tried again with the cell,
// by name: all of them where the cell declares anything, since what one of them lacks
// may be a type, or a method, that its text does not name.
func (c *Cell) returning(own map[string]bool) map[string]*decl.Decl {
	back := make(map[string]*decl.Decl)
	if len(own) == 0 && len(c.Imports) == 0 && len(c.State.Altered) == 0 {
		return back
	}
	for name, d := range c.State.Gone {
		_, isDropped := c.Dropped[name]
		_, isImport := c.Imports[name]
		if !isDropped && !isImport && !slices.ContainsFunc(d.Group(), func(n string) bool { return own[n] }) {
			back[name] = d
		}
	}
	return back
}
