package program

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/shown"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// programWriter writes a program's files.
type programWriter struct {
	p      *Program
	names  map[*decl.Decl]string // where they are not the user's
	values map[int]string        // the variables of values that cells show and others use, by execution count
	taken  map[string]bool
	shows  map[string]bool     // the helpers that are called
	local  map[*decl.Decl]bool // variables that stay in their cell's function
	magics map[string]string   // what of magics.go is used, and the names that it has
	notes  []string
}

// choose gives the declarations their names: imports of files keep theirs, and so do
// constants, types and functions, as long as they do not get into their way. Of variables of
// one name and several types each but the first gets a number.
func (w *programWriter) choose() {
	w.taken["fmt"] = true
	for _, name := range timingNames {
		w.taken[name] = true
	}
	for _, c := range w.p.cells {
		w.taken["cell"+c.name] = true
		if strings.Contains(string(c.c.Code), commandMark+".") {
			for _, name := range magicsImports {
				w.taken[name] = true
			}
		}
		for _, imp := range c.c.Parsed.Imports {
			if name := importName(c.c, imp); strings.Contains(string(c.c.Code), name) {
				w.taken[name] = true
			}
		}
	}
	code := make(map[string]string)
	for _, c := range w.p.cells {
		for _, id := range slices.SortedFunc(maps.Keys(c.decls), func(a, b *ast.Ident) int { return int(a.Pos() - b.Pos()) }) {
			d := c.decls[id]
			if d.Kind == syntax.VarDecl || d.Recv != nil || w.names[d] != "" {
				continue
			}
			if code[d.Name] == "" || d.Name == "main" {
				code[d.Name] = w.free(d.Name)
			}
			w.names[d] = code[d.Name]
		}
	}
	for _, c := range w.p.cells {
		for _, d := range c.vars {
			w.names[d] = w.free(d.Name)
		}
	}
	for _, count := range slices.Sorted(maps.Keys(w.p.used)) {
		w.values[count] = w.free(fmt.Sprintf("shown%d", count))
	}
}

// value is the variable of the value that a cell shows, if others use it.
func (w *programWriter) value(c *programCell) string {
	if c.isRun {
		return ""
	}
	return w.values[c.count]
}

// free returns a name that nothing else has.
func (w *programWriter) free(name string) string {
	chosen := name
	for n := 2; w.taken[chosen]; n++ {
		chosen = name + strconv.Itoa(n)
	}
	w.taken[chosen] = true
	return chosen
}

// importName is the name under which a file has an import.
func importName(c *check.Cell, imp syntax.Import) string {
	if imp.Name != "" {
		return imp.Name
	}
	return c.Index.Name(imp.Path)
}

// cell writes the file of a cell, and says whether the cell has statements.
func (w *programWriter) cell(c *programCell) (text string, runs bool) {
	w.literals(c)
	var declarations, statements bytes.Buffer
	for _, d := range c.vars {
		t, ok := w.typeText(c, d.Obj.Type())
		if !ok {
			w.notes = append(w.notes, fmt.Sprintf("%s of cell[%d] has a type that cannot be written, %s, and is known to that cell alone", d.Name, c.count, d.Obj.Type()))
			w.local[d] = true
			continue
		}
		fmt.Fprintf(&declarations, "var %s %s\n", w.names[d], t)
	}
	if name := w.value(c); name != "" {
		t := c.c.Result.Info.Types[c.c.LastExpr().X].Type
		if results, ok := t.(*types.Tuple); ok {
			t = results.At(0).Type()
		}
		text, _ := w.typeText(c, types.Default(t)) // a value whose type cannot be written is not used
		fmt.Fprintf(&declarations, "// %s is the value that the notebook's cell[%d] shows.\nvar %s %s\n", name, c.count, name, text)
	}
	places := make(map[int]syntax.Place)
	for _, pl := range c.c.Parsed.Places {
		places[pl.Chunk] = pl
	}
	end := 0
	inits := "" // calls of the cell's init functions, which run before its first statement
	for i, ch := range c.c.Chunks {
		gap := strings.TrimLeft(shown.WithoutPlaces(string(c.c.Code[end:ch.Start])), "; \t")
		end = ch.End
		into := &declarations
		if ch.Kind == syntax.Statement || ch.Kind == syntax.VarDecl {
			into = &statements
		}
		into.WriteString(gap)
		pl, ok := places[i]
		switch superseded := w.superseded(c, i); {
		case !ok || ch.Kind == syntax.ImportDecl || ch.Kind == syntax.PackageClause || superseded:
		case ch.Kind == syntax.VarDecl:
			statements.WriteString(w.variables(c, pl, i))
		case ch.Kind == syntax.Statement:
			statements.WriteString(inits + w.statement(c, pl, i))
			inits = ""
		default:
			rename, call := w.initFunction(c, i)
			inits += call
			declarations.WriteString(w.slice(c, pl.Start, pl.End, rename))
		}
		into.WriteByte('\n')
	}
	statements.WriteString(inits + strings.TrimLeft(shown.WithoutPlaces(string(c.c.Code[end:])), "; \t"))
	runs = strings.TrimSpace(statements.String()) != ""
	if runs {
		head := ""
		if strings.Contains(string(c.c.Code), commandMark+".CaptureBegin(") {
			head = "defer " + w.magic("captureEnd") + "()\n"
		}
		fmt.Fprintf(&declarations, "\n// cell%s is what %s does.\nfunc cell%[1]s() {\n%[3]s%s\n}\n", c.name, c.origin, head, &statements)
	}
	w.register(c, &declarations)
	w.registerLiterals(c, &declarations)
	if strings.TrimSpace(declarations.String()) == "" {
		return "", false
	}
	var head strings.Builder
	head.WriteString("package main\n\n")
	for _, name := range slices.Sorted(maps.Keys(c.imports)) {
		if p := c.imports[name]; path.Base(p) == name {
			fmt.Fprintf(&head, "import %q\n", p)
		} else {
			fmt.Fprintf(&head, "import %s %q\n", name, p)
		}
	}
	for _, imp := range c.c.Parsed.Imports {
		if imp.Name == "_" || imp.Name == "." {
			fmt.Fprintf(&head, "import %s %q\n", imp.Name, imp.Path)
		}
	}
	return head.String() + "\n" + declarations.String(), runs
}

// initFunction gives an init function of a cell a name of its own, and returns its call: it
// runs when its cell does.
func (w *programWriter) initFunction(c *programCell, chunk int) (rename []syntax.Edit, call string) {
	for _, d := range c.c.Parsed.File.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Recv == nil && f.Name.Name == "init" && c.c.ChunkAt(f.Pos()) == chunk {
			name, at := w.free("cell"+c.name+"Init"), c.c.Parsed.Offset(f.Name.Pos())
			return []syntax.Edit{{Start: at, End: at + len("init"), Text: name}}, name + "()\n"
		}
	}
	return nil, ""
}

// superseded reports whether a later cell declares all again that a chunk declares.
func (w *programWriter) superseded(c *programCell, chunk int) bool {
	names := c.names[chunk]
	return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return w.p.last[name] == c })
}

// slice returns a part of the cell as it was checked, with the program's names, and notes
// what it imports.
func (w *programWriter) slice(c *programCell, start, end int, edits []syntax.Edit) string {
	src, info := c.c.Parsed.Source, c.c.Result.Info
	start += shown.Skip(src.Text[start:end])
	edits = append(edits, w.magicEdits(c, start, end)...)
	ast.Inspect(src.File, func(n ast.Node) bool {
		if count, stop, ok := shown.Call(src, n); ok {
			if src.Offset(n.Pos()) >= start && src.Offset(n.End()) <= end {
				edits = append(edits, syntax.Edit{Start: src.Offset(n.Pos()), End: min(stop, end), Text: w.values[count]})
			}
			return false
		}
		id, ok := n.(*ast.Ident)
		if !ok || src.Offset(id.Pos()) < start || src.Offset(id.End()) > end {
			return true
		}
		if pkg, ok := info.Uses[id].(*types.PkgName); ok && !strings.Contains(pkg.Name(), syntax.Mark) {
			c.imports[pkg.Name()] = pkg.Imported().Path()
		}
		name := w.names[c.decls[id]]
		if full := c.defines[id]; full != "" && w.p.last[full] != c {
			name = "_" // its place in the declaration, where others follow from it, stays
		}
		if name != "" && name != id.Name {
			edits = append(edits, syntax.Edit{Start: src.Offset(id.Pos()), End: src.Offset(id.End()), Text: name})
		}
		return true
	})
	for lit, name := range c.literals {
		if from, to := src.Offset(lit.Pos()), src.Offset(lit.End()); from >= start && to <= end && !(from == start && to == end) {
			edits = append(edits, syntax.Edit{Start: from, End: to, Text: name})
		}
	}
	return syntax.ApplyEdits(src.Text, start, end, edits)
}

// node is slice of a node.
func (w *programWriter) node(c *programCell, n ast.Node) string {
	return w.slice(c, c.c.Parsed.Offset(n.Pos()), c.c.Parsed.Offset(n.End()), nil)
}

// variables writes the assignments that a var declaration makes.
func (w *programWriter) variables(c *programCell, pl syntax.Place, chunk int) string {
	var b strings.Builder
	for _, d := range c.c.Parsed.File.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR || c.c.ChunkAt(g.Pos()) != chunk {
			continue
		}
		b.WriteString(w.slice(c, pl.Start, c.c.Parsed.Offset(g.Pos()), nil)) // comments
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			if len(v.Values) > 0 {
				b.WriteString(w.assignment(c, v) + "\n")
			}
		}
	}
	return b.String()
}

func (w *programWriter) assignment(c *programCell, v *ast.ValueSpec) string {
	var left, right []string
	for _, id := range v.Names {
		left = append(left, w.node(c, id))
	}
	for _, e := range v.Values {
		right = append(right, w.node(c, e))
	}
	return strings.Join(left, ", ") + " = " + strings.Join(right, ", ")
}

// statement writes a chunk of statements. What it defines are variables of the package.
func (w *programWriter) statement(c *programCell, pl syntax.Place, chunk int) string {
	if _, promoted := c.c.Promoted[chunk]; promoted {
		return w.variables(c, pl, chunk)
	}
	var edits []syntax.Edit
	src, last := c.c.Parsed.Source, c.c.LastExpr()
	for _, stmt := range c.c.Parsed.Run.Body.List {
		if c.c.ChunkAt(stmt.Pos()) != chunk {
			continue
		}
		ids := syntax.Defines(stmt)
		local := slices.ContainsFunc(ids, func(id *ast.Ident) bool { return w.local[c.decls[id]] })
		switch {
		case local:
			for _, id := range ids {
				edits = append(edits, syntax.Edit{Start: src.Offset(stmt.End()), End: src.Offset(stmt.End()), Text: "; _ = " + id.Name})
			}
		case ids != nil:
			at := src.Offset(stmt.(*ast.AssignStmt).TokPos)
			edits = append(edits, syntax.Edit{Start: at, End: at + 2, Text: "="})
		}
		if last != nil && stmt == ast.Stmt(last) {
			return w.slice(c, pl.Start, src.Offset(last.Pos()), nil) + w.show(c, last)
		}
	}
	return w.slice(c, pl.Start, pl.End, edits)
}

// typeText returns a type as a cell's file can write it.
func (w *programWriter) typeText(c *programCell, t types.Type) (string, bool) {
	ok := true
	text := types.TypeString(t, func(p *types.Package) string {
		if p == c.c.State.Pkg {
			return ""
		}
		if p.Path() == workspace.CommandPath {
			return commandMark
		}
		name := p.Name()
		for n := 2; c.imports[name] != "" && c.imports[name] != p.Path(); n++ {
			name = p.Name() + strconv.Itoa(n)
		}
		c.imports[name] = p.Path()
		w.taken[name] = true
		return name
	})
	text = ofCommand.ReplaceAllStringFunc(text, func(name string) string { return w.magic(strings.TrimPrefix(name, commandMark+".")) })
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return !(r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 0x7f)
	}) {
		if pkg, name, found := strings.Cut(strings.TrimLeft(word, "."), "."); found && c.imports[pkg] != "" && !ast.IsExported(name) {
			ok = false
		}
	}
	return text, ok
}
