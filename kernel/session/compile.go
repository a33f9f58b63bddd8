package session

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A compilation turns one cell into a unit. It changes the session only when it
// has succeeded.
type compilation struct {
	s    *Session
	ctx  context.Context
	key  string
	code []byte
	// tolerant goes on with what can be parsed: code that is being typed.
	tolerant bool

	chunks   []chunk
	mentions map[string]bool // words of the cell
	declares map[string]bool // names that the cell declares, imports included
	promoted map[int]int     // chunk number of a := that is declared at package level -> offset of := in it
	kept     map[int]bool    // declarations that are as they were, by chunk number
	imports  map[string]string

	cell  *assembled
	decls []*declared // the cell's declarations that are not kept
	extra []*declared // declarations of earlier cells that are compiled again
	files []*source   // the sources of extra
	// retyped are variables that get another type in this cell.
	retyped map[string]bool
	// dropped are declarations that no longer compile, by name, and why.
	dropped map[string]string

	result *checked
	unit   *Unit
}

// run compiles the cell.
func (c *compilation) run() (*Unit, error) {
	c.chunks = split(c.code)
	c.mentions = words(c.code)
	c.promoted, c.kept = make(map[int]int), make(map[int]bool)
	c.declares, c.imports = make(map[string]bool), make(map[string]string)
	c.retyped, c.dropped = make(map[string]bool), make(map[string]string)

	if errs := c.parseCell(); errs != nil {
		return nil, c.finishErrors(errs)
	}
	if err := c.importPackages(); err != nil {
		return nil, c.finishErrors(err)
	}
	const rounds = 50 // each round drops or re-types something, so this is never reached
	for range rounds {
		if errs := c.chooseKept(); errs != nil {
			return nil, c.finishErrors(errs)
		}
		if err := c.takeOver(); err != nil {
			return nil, err
		}
		if promoted, errs := c.promote(); errs != nil {
			return nil, c.finishErrors(errs)
		} else if promoted {
			continue
		}
		again, errs := c.typeCheck()
		if errs != nil {
			return nil, c.finishErrors(errs)
		}
		if again || c.findRetyped() {
			continue
		}
		if err := c.generate(); err != nil {
			return nil, err
		}
		return c.unit, nil
	}
	return nil, fail("a bug in goparallel: the declarations that depend on this cell do not settle")
}

// finishErrors adds the text of the line to each diagnostic.
func (c *compilation) finishErrors(errs *Errors) *Errors {
	for i := range errs.List {
		d := &errs.List[i]
		code := c.code
		if d.Unit != c.key && d.Unit != "" {
			code = c.s.codes[d.Unit]
		}
		lines := strings.Split(string(code), "\n")
		if d.Line > len(lines) {
			d.Line, d.Column = len(lines), len(lines[len(lines)-1])+1
		}
		if line, col := position(code, len(bytes.TrimRight(code, " \t\n"))); d.Line > line || d.Line == line && d.Column >= col {
			// What the parser found there is ours.
			d.Message = strings.Replace(d.Message, "found '}'", "found the end of the cell", 1)
		}
		if d.Line > 0 {
			d.Text = lines[d.Line-1]
		}
	}
	return errs
}

// parseCell parses the cell.
func (c *compilation) parseCell() *Errors {
	cell, errs := c.assemble()
	if errs != nil {
		if own := c.chunkSyntax(); len(own) > 0 {
			errs = own
		}
		out := &Errors{}
		for _, d := range errs {
			out.add(d)
		}
		out.sort()
		return out
	}
	c.cell = cell
	if c.tolerant {
		return nil
	}
	_, promoteErrs := c.promote()
	return promoteErrs
}

// promote finds the := statements whose variables a declaration refers to, of
// this cell or of one that is compiled again with it: they are declared at
// package level. It reports whether there are new ones.
func (c *compilation) promote() (any bool, _ *Errors) {
	for {
		cell := c.cell
		referred := make(map[string]bool)
		for _, src := range c.files {
			for _, d := range src.file.Decls {
				namesIn(d, referred)
			}
		}
		for _, d := range cell.file.Decls {
			if d != ast.Decl(cell.run) {
				namesIn(d, referred)
			}
		}
		grown := false
		for _, stmt := range cell.run.Body.List {
			for _, id := range defines(stmt) {
				i := c.chunkAt(stmt.Pos())
				if _, ok := c.promoted[i]; referred[id.Name] && !ok && i >= 0 {
					c.promoted[i] = cell.offset(stmt.(*ast.AssignStmt).TokPos) - cell.places[i].start
					grown = true
				}
			}
		}
		if !grown {
			return any, nil
		}
		any = true
		var errs []Diagnostic
		if c.cell, errs = c.assemble(); errs != nil {
			return false, &Errors{List: errs}
		}
	}
}

// chunkAt returns the number of the chunk that a position lies in, or -1.
func (c *compilation) chunkAt(pos token.Pos) int {
	at := c.cell.offset(pos)
	for i, p := range c.cell.places {
		if p.start <= at && at < p.end {
			return i
		}
	}
	return -1
}

// importPackages makes sure that what the cell imports is compiled, and learns
// the names that the imports declare.
func (c *compilation) importPackages() *Errors {
	for _, spec := range c.cell.file.Imports {
		i := c.chunkAt(spec.Pos())
		if i < 0 {
			continue // an import of an earlier cell
		}
		path := strings.Trim(spec.Path.Value, "`\"")
		if path == "C" {
			return c.at(spec.Pos(), "a cell cannot use cgo itself; import a package that does")
		}
		if err := c.s.index.resolve(c.ctx, []string{path}, c.s.progress); err != nil {
			return c.at(spec.Pos(), importMessage(path, err))
		}
		name := c.s.index.name(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name != "_" && name != "." {
			c.imports[name] = path
			c.declares[name] = true
		}
	}
	return nil
}

// at makes an error with a place.
func (c *compilation) at(pos token.Pos, msg string) *Errors {
	p := c.s.fset.Position(pos)
	return &Errors{List: []Diagnostic{{Unit: unitOf(p.Filename), Line: p.Line, Column: p.Column, Message: msg, Hint: c.s.hint(msg)}}}
}

// importMessage shortens what the go command says about an import.
func importMessage(path string, err error) string {
	msg := err.Error()
	if _, rest, ok := strings.Cut(msg, "\n"); ok && strings.TrimSpace(rest) != "" {
		var lines []string
		for line := range strings.Lines(strings.TrimSpace(rest)) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "go: downloading") && !strings.HasPrefix(line, "go: finding") {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			msg = lines[0]
		}
	}
	return fmt.Sprintf("cannot import %s: %s", path, msg)
}

// chooseKept decides which declarations of the cell are new. One whose text is
// what it was, and that refers to nothing that is new, stays as it is: values of
// its type live on, and nobody has to be compiled again.
func (c *compilation) chooseKept() *Errors {
	s := c.s
	c.kept = make(map[int]bool)
	cell, errs := c.assemble()
	if errs != nil {
		return &Errors{List: errs}
	}
	c.cell = cell
	all := declarationsOf(cell.source, c.chunkAt)
	for _, d := range all {
		if d.chunk < 0 {
			return fail("a bug in goparallel: the declaration of %s is in no chunk", d.name)
		}
	}
	sameType := make(map[string]bool) // by type name: text and the cell's methods are as they were
	for _, d := range all {
		base := d.recv
		if d.kind == typeDecl {
			base = d.name
		}
		if base == "" {
			continue
		}
		if _, seen := sameType[base]; !seen {
			sameType[base] = true
		}
		if !s.sameText(d) {
			sameType[base] = false
		}
	}
	fresh := make(map[int]bool) // chunks that are not kept
	for _, d := range all {
		base := d.recv
		if d.kind == typeDecl {
			base = d.name
		}
		if d.kind == varDecl || d.name == "init" || d.name == "_" || base != "" && !sameType[base] || base == "" && !s.sameText(d) {
			fresh[d.chunk] = true
		}
	}
	for grown := true; grown; {
		grown = false
		dirty := dependants(s.current(), c.changed(all, fresh))
		for _, d := range all {
			if fresh[d.chunk] {
				continue
			}
			cur := s.names[d.name]
			if d.recv != "" {
				cur = s.names[d.recv]
			}
			if dirty[cur] || d.recv != "" && c.changed(all, fresh)[cur] {
				fresh[d.chunk] = true
				grown = true
			}
		}
	}
	for i, ch := range c.chunks {
		if ch.kind != statement && ch.kind != importDecl && ch.kind != packageClause && !fresh[i] {
			c.kept[i] = true
		}
	}
	if len(c.kept) > 0 {
		if c.cell, errs = c.assemble(); errs != nil {
			return &Errors{List: errs}
		}
	}
	c.decls = declarationsOf(c.cell.source, c.chunkAt)
	for _, d := range c.decls {
		if d.recv == "" && d.name != "init" && d.name != "_" {
			c.declares[d.name] = true
		}
	}
	return nil
}

// sameText reports whether the session has just this declaration.
func (s *Session) sameText(d *declared) bool {
	cur := s.names[d.name]
	if d.recv != "" {
		if t := s.names[d.recv]; t != nil && t.kind == typeDecl {
			cur = t.method(d.name)
		}
	}
	return cur != nil && cur.kind == d.kind && cur.text == d.text && d.kind != varDecl
}

func (d *decl) method(name string) *decl {
	for _, m := range d.methods {
		if m.name == name {
			return m
		}
	}
	return nil
}

// changed returns the session's declarations that the fresh chunks replace. A
// method declared for a type of an earlier cell replaces the type.
func (c *compilation) changed(all []*declared, fresh map[int]bool) map[*decl]bool {
	out := make(map[*decl]bool)
	for _, d := range all {
		if !fresh[d.chunk] {
			continue
		}
		name := d.name
		if d.recv != "" {
			name = d.recv
		}
		cur := c.s.names[name]
		if cur == nil || cur.kind == varDecl && d.kind == varDecl && !c.retyped[name] {
			continue
		}
		out[cur] = true
	}
	for name := range c.retyped {
		if cur := c.s.names[name]; cur != nil {
			out[cur] = true
		}
	}
	for name := range c.imports {
		if cur := c.s.names[name]; cur != nil {
			out[cur] = true
		}
	}
	return out
}

// takeOver collects the declarations of earlier cells that have to be compiled
// again, as sources of their own: each with the imports it was written under.
func (c *compilation) takeOver() error {
	s := c.s
	c.extra, c.files = nil, nil
	fresh := make(map[int]bool)
	for _, d := range c.decls {
		fresh[d.chunk] = true
	}
	changed := c.changed(c.decls, fresh)
	dirty := dependants(s.current(), changed)
	own := make(map[string]bool)
	for _, d := range c.decls {
		if d.recv != "" {
			own[d.recv+"."+d.name] = true
		} else {
			own[d.name] = true
		}
	}
	for _, stmt := range c.cell.run.Body.List {
		for _, id := range defines(stmt) {
			own[id.Name] = true
		}
	}
	texts := make(map[*source]*strings.Builder)
	var order []*source
	put := func(src *source, node ast.Node, keyword string) {
		b := texts[src]
		if b == nil {
			b = new(strings.Builder)
			texts[src] = b
			order = append(order, src)
			b.WriteString("package main\n")
			for _, imp := range src.imports {
				fmt.Fprintf(b, "import %s %q\n", imp.name, imp.path)
			}
		}
		b.WriteString(keyword + s.directiveAt(node.Pos()) + src.slice(node) + "\n")
	}
	var vars []*decl
	seen := make(map[ast.Node]bool)
	for _, d := range s.current() {
		_, isDropped := c.dropped[d.name]
		if isDropped || !dirty[d] && !(changed[d] && d.kind == typeDecl) {
			continue
		}
		if !own[d.name] {
			switch d.kind {
			case varDecl:
				vars = append(vars, d)
			case typeDecl:
				put(d.src, d.node, "type ")
			default:
				if !seen[d.node] {
					put(d.src, d.node, "")
				}
				seen[d.node] = true
			}
		}
		for _, m := range d.methods {
			if _, isDropped := c.dropped[d.name+"."+m.name]; !own[d.name+"."+m.name] && !isDropped {
				put(m.src, m.node, "")
			}
		}
	}
	for _, src := range order {
		parsed, errs := s.parse([]byte(texts[src].String()))
		if errs != nil {
			return fail("a bug in goparallel: an earlier declaration does not parse again: %s", errs[0].Message)
		}
		c.files = append(c.files, parsed)
	}
	if src, err := c.varsFile(vars); err != nil {
		return err
	} else if src != nil {
		c.files = append(c.files, src)
	}
	for _, src := range c.files {
		c.extra = append(c.extra, declarationsOf(src, func(token.Pos) int { return -1 })...)
	}
	return nil
}

// varsFile declares variables of earlier cells whose type is declared anew.
func (c *compilation) varsFile(vars []*decl) (*source, error) {
	if len(vars) == 0 {
		return nil, nil
	}
	var b strings.Builder
	aliases := make(map[string]string)
	user := func(t *types.TypeName) string { return t.Name() }
	for _, d := range vars {
		p := &typePrinter{named: user, embedded: user, pkg: c.s.pkg, alias: func(pkg *types.Package) string {
			if aliases[pkg.Path()] == "" {
				aliases[pkg.Path()] = fmt.Sprintf("ᐧ%s%d", pkg.Name(), len(aliases))
			}
			return aliases[pkg.Path()]
		}}
		text := p.text(d.obj.Type())
		if p.err != nil {
			c.dropped[d.name] = fmt.Sprintf("%s held a value of a type that was declared again; run the cell that makes it", d.name)
			continue
		}
		fmt.Fprintf(&b, "var %s %s\n", d.name, text)
	}
	header := "package main\n"
	for _, path := range slices.Sorted(maps.Keys(aliases)) {
		header += fmt.Sprintf("import %s %q\n", aliases[path], path)
	}
	src, errs := c.s.parse([]byte(header + b.String()))
	if errs != nil {
		return nil, fail("a bug in goparallel: a variable's type does not parse again: %s", errs[0].Message)
	}
	return src, nil
}

// typeCheck checks the cell and what was taken over. Errors in what was taken
// over drop that; it reports whether that happened, so that the check must be
// done again.
func (c *compilation) typeCheck() (again bool, _ *Errors) {
	s := c.s
	hidden := maps.Clone(c.declares)
	files := []*ast.File{c.cell.file}
	for _, src := range c.files {
		files = append(files, src.file)
	}
	for _, d := range c.extra {
		if d.recv == "" {
			hidden[d.name] = true
		}
	}
	for name := range c.dropped {
		hidden[name] = true
	}
	last := c.lastExpr()
	result, errs := s.check(files, hidden, func(pos token.Pos) bool {
		return last != nil && last.Pos() <= pos && pos < last.End() || c.timed(pos)
	})
	var own []types.Error
	for _, e := range errs {
		if s.fset.File(e.Pos) == c.cell.tok {
			own = append(own, e)
			continue
		}
		for _, d := range c.extra {
			if d.node != nil && d.src.tok == s.fset.File(e.Pos) && d.node.Pos() <= e.Pos && e.Pos <= d.node.End() {
				name := d.name
				if d.recv != "" {
					name = d.recv + "." + d.name
				}
				if _, ok := c.dropped[name]; !ok {
					c.dropped[name] = fmt.Sprintf("%s, of an earlier cell, does not compile with what this cell declares: %s; change it and run its cell again", name, e.Msg)
					again = true
				}
			}
		}
	}
	if len(own) > 0 {
		return false, s.diagnostics(own)
	}
	if !again && len(errs) > 0 {
		return false, s.diagnostics(errs)
	}
	c.result = result
	return again, nil
}

// lastExpr returns the expression that ends the cell, or nil. Its value is
// shown unless a semicolon follows.
func (c *compilation) lastExpr() *ast.ExprStmt {
	n := len(c.chunks)
	if n == 0 || c.chunks[n-1].kind != statement || len(c.cell.run.Body.List) == 0 {
		return nil
	}
	last, _ := c.cell.run.Body.List[len(c.cell.run.Body.List)-1].(*ast.ExprStmt)
	return last
}

// timed reports whether a position is an expression statement directly in the
// loop of a timing magic.
func (c *compilation) timed(pos token.Pos) bool {
	found := false
	ast.Inspect(c.cell.run, func(n ast.Node) bool {
		if loop, ok := n.(*ast.RangeStmt); ok && isTimingLoop(loop) {
			for _, stmt := range loop.Body.List {
				if e, ok := stmt.(*ast.ExprStmt); ok && e.Pos() <= pos && pos < e.End() {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// isTimingLoop reports whether a loop is the one in which a timing magic puts
// its statement.
func isTimingLoop(loop *ast.RangeStmt) bool {
	id, ok := loop.X.(*ast.Ident)
	return ok && id.Name == "ᐧn"
}

// findRetyped finds variables that had another type before this cell, and on
// which something depends. It reports whether it found a new one.
func (c *compilation) findRetyped() bool {
	found := false
	for name, obj := range c.variables() {
		old := c.s.names[name]
		if old == nil || c.retyped[name] {
			continue
		}
		if old.kind != varDecl || !types.Identical(old.obj.Type(), obj.Type()) {
			c.retyped[name] = true
			if len(dependants(c.s.current(), map[*decl]bool{old: true})) > 0 {
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
		if v, ok := c.result.info.Defs[d.ident].(*types.Var); ok && d.name != "_" {
			vars[d.name] = v
		}
	}
	for _, stmt := range c.cell.run.Body.List {
		for _, id := range defines(stmt) {
			if v, ok := c.result.info.Defs[id].(*types.Var); ok {
				vars[id.Name] = v
			}
		}
	}
	return vars
}
