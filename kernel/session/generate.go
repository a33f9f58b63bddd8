package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// idMark stands for the unit's id in generated text until the text, and with it
// the id, is complete.
const idMark = "ᐧIDᐧ"

// A generator writes the code of one unit.
type generator struct {
	c *compilation
	s *Session
	// own are the declarations that this unit defines.
	own map[*decl]bool
	// shares reports whether functions are registered for engines: from the cell
	// on that imports the parallel package.
	shares bool

	aliases map[string]string // package path -> local name
	taken   map[string]bool   // local names in use
	extern  map[*decl]bool    // declarations of other units that the text refers to
	queue   []*decl           // those not yet written
	renamed map[*decl]bool    // types that need an alias with the user's name
	needs   map[*Unit]bool    // units that must be loaded before
	keepers map[string]string // calls that keep unexported methods alive, by signature

	types, funcs, vars strings.Builder
	bind               []string // assignments of function variables
	registered         []string // registrations for engines
	literals           int
	imported           map[string]bool
}

// generate makes the unit: it gives the cell's declarations their symbols and
// writes the code.
func (c *compilation) generate() error {
	s := c.s
	g := &generator{
		c: c, s: s, own: make(map[*decl]bool), aliases: make(map[string]string), taken: make(map[string]bool),
		extern: make(map[*decl]bool), renamed: make(map[*decl]bool), needs: make(map[*Unit]bool),
		keepers: make(map[string]string), imported: make(map[string]bool),
	}
	for alias, path := range map[string]string{"ᐧlive": livePath, "ᐧcommand": commandPath, "ᐧpoll": pollPath, "ᐧreg": regPath} {
		g.aliases[path], g.taken[alias] = alias, true
	}
	g.shares = s.shares || c.importsParallel()
	u := &Unit{Key: c.key, imports: c.imports, names: make(map[string]*decl), shares: g.shares, dropped: c.dropped}
	c.unit = u
	if err := c.declare(g, u); err != nil {
		return err
	}
	run := g.statements()
	g.definitions()
	if g.shares {
		g.share(!s.shares)
	}
	g.externs()
	g.assemble(run)
	for d := range g.extern {
		u.extern = append(u.extern, d)
	}
	for n := range g.needs {
		u.needs = append(u.needs, n)
	}
	slices.SortFunc(u.needs, func(a, b *Unit) int { return a.order - b.order })
	for d := range g.own {
		d.unit = u
		u.noteRenamed(d)
	}
	for d := range g.extern {
		u.noteRenamed(d)
	}
	return nil
}

func (u *Unit) noteRenamed(d *decl) {
	if d.kind == typeDecl && d.symbol != d.name {
		u.rename(d.symbol, d.name)
	}
}

// rename records that a type with this symbol goes by a name.
func (u *Unit) rename(symbol, name string) {
	if u.renamed == nil {
		u.renamed = make(map[string]string)
	}
	u.renamed[symbol] = name
}

func (c *compilation) importsParallel() bool {
	for _, path := range c.imports {
		if path == parPath {
			return true
		}
	}
	return slices.Contains(c.s.dotImports, parPath)
}

// declare makes the session's declarations out of the checked ones.
func (c *compilation) declare(g *generator, u *Unit) error {
	s, info := c.s, c.result.info
	all := slices.Concat(c.decls, c.extra)
	for _, d := range all {
		obj := info.Defs[d.ident]
		if obj == nil || d.recv != "" || d.name == "init" || d.name == "_" || d.kind == varDecl {
			continue
		}
		nd := &decl{name: d.name, kind: d.kind, obj: obj, src: d.src, info: info, node: d.node, text: d.text}
		switch obj := obj.(type) {
		case *types.Func:
			nd.generic = obj.Signature().TypeParams().Len() > 0
		case *types.TypeName:
			if named, ok := obj.Type().(*types.Named); ok {
				nd.generic = named.TypeParams().Len() > 0
			} else if alias, ok := obj.Type().(*types.Alias); ok {
				nd.generic = alias.TypeParams().Len() > 0
			}
		}
		nd.symbol = s.symbolFor(nd)
		s.byObj[obj] = nd
		g.own[nd] = true
		u.names[d.name] = nd
	}
	for _, d := range all {
		t := u.names[d.recv]
		if d.recv == "" || t == nil {
			continue
		}
		m := &decl{name: d.name, kind: funcDecl, symbol: d.name, obj: info.Defs[d.ident], src: d.src, info: info,
			node: d.node, text: d.text, generic: t.generic, recv: t}
		t.methods = append(t.methods, m)
		g.own[m] = true
	}
	vars := c.variables()
	for _, d := range c.extra {
		if v, ok := info.Defs[d.ident].(*types.Var); ok && d.kind == varDecl {
			vars[d.name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		v := vars[name]
		if old := s.names[name]; old != nil && old.kind == varDecl && types.Identical(old.obj.Type(), v.Type()) {
			s.byObj[v] = old
			u.names[name] = old
			u.again = append(u.again, old)
			continue
		}
		p := g.printer(nil)
		if p.text(v.Type()); p.err != nil {
			if v.Parent() == s.pkg.Scope() {
				return c.finishErrors(c.at(v.Pos(), fmt.Sprintf("%s cannot be kept for later cells: its type contains %v", name, p.err)))
			}
			c.dropped[name] = fmt.Sprintf("%s was not kept for later cells: its type contains %v; assign it to a variable of an interface type", name, p.err)
			continue // stays a local variable of the cell
		}
		nd := &decl{name: name, kind: varDecl, obj: types.NewVar(v.Pos(), s.pkg, name, v.Type()), info: info}
		nd.symbol = s.symbolFor(nd)
		s.byObj[v], s.byObj[nd.obj] = nd, nd
		g.own[nd] = true
		u.names[name] = nd
	}
	for d := range g.own {
		d.uses = make(map[*decl]bool)
		if d.kind == varDecl {
			s.typeUses(d.obj.Type(), d.uses)
		} else {
			s.textUses(d.node, info, d.uses)
		}
		delete(d.uses, d)
	}
	return nil
}

// symbolFor chooses the compiler's name for a declaration. The first
// declaration of a name keeps it; later ones get a number. Functions and
// variables with an exported name get a mark before it, because the plugin
// loader would look for them under the plugin's own path.
func (s *Session) symbolFor(d *decl) string {
	base := d.name
	if d.kind == funcDecl && (ast.IsExported(base) || base == "main") || d.kind == varDecl && ast.IsExported(base) {
		base = "ᐧ" + base
	}
	s.versions[d.name]++
	if n := s.versions[d.name]; n > 1 {
		base += "ᐧ" + strconv.Itoa(n)
	}
	return base
}

// textUses collects the declarations that a text refers to.
func (s *Session) textUses(n ast.Node, info *types.Info, into map[*decl]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if d := s.byObj[info.Uses[id]]; d != nil {
				into[d] = true
			}
		}
		// The type of an expression can be one that is not named in the text: a
		// method call on it depends on it all the same.
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if tv, ok := info.Types[sel.X]; ok && tv.Type != nil {
				s.typeUses(tv.Type, into)
			}
		}
		return true
	})
}

// typeUses collects the session's types that a type is made of, by name.
func (s *Session) typeUses(t types.Type, into map[*decl]bool) {
	note := func(obj *types.TypeName) string {
		if d := s.byObj[obj]; d != nil {
			into[d] = true
		}
		return obj.Name()
	}
	p := &typePrinter{named: note, embedded: note, pkg: s.pkg, params: make(map[*types.TypeParam]bool),
		alias: func(p *types.Package) string { return p.Name() }}
	p.text(t)
}

// alias returns the unit's local name for a package. It cannot clash with a name
// of the user's.
func (g *generator) alias(path, name string) string {
	if a, ok := g.aliases[path]; ok {
		return a
	}
	a := "ᐧ" + name
	for n := 2; g.taken[a]; n++ {
		a = "ᐧ" + name + strconv.Itoa(n)
	}
	g.aliases[path], g.taken[a] = a, true
	return a
}

// ref returns what the unit's code calls a declaration, and notes that it needs
// it.
func (g *generator) ref(d *decl, embedded bool) string {
	if !g.own[d] {
		g.need(d)
		if d.kind == funcDecl && !d.generic {
			return d.funcVar()
		}
	}
	if embedded && d.symbol != d.name {
		g.renamed[d] = true
		return d.name
	}
	return d.symbol
}

func (g *generator) need(d *decl) {
	if !g.extern[d] {
		g.extern[d] = true
		g.queue = append(g.queue, d)
	}
}

func (g *generator) renderer(d *decl) *renderer {
	return &renderer{g: g, src: d.src, info: d.info, unused: g.s.unused, plain: !g.own[d]}
}

// definitions writes what the unit itself declares.
func (g *generator) definitions() {
	seen := make(map[ast.Node]bool)
	for _, d := range sortedDecls(g.own) {
		switch d.kind {
		case constDecl:
			if !seen[d.node] {
				seen[d.node] = true
				g.types.WriteString(g.renderer(d).node(d.node) + "\n")
			}
		case typeDecl:
			g.types.WriteString("type " + g.renderer(d).node(d.node) + "\n")
			g.keep(d)
		case varDecl:
			g.variable(d)
		case funcDecl:
			g.funcs.WriteString(g.renderer(d).node(d.node) + "\n")
			if !d.generic {
				g.functionVariable(d)
				g.bind = append(g.bind, fmt.Sprintf("%s = %s", d.funcVar(), g.methodExpr(d)))
			}
		}
	}
	for _, d := range g.c.decls {
		if d.name == "_" && d.kind != varDecl {
			keyword := map[kind]string{typeDecl: "type "}[d.kind]
			g.types.WriteString(keyword + (&renderer{g: g, src: d.src, info: g.c.result.info, unused: g.s.unused}).node(d.node) + "\n")
		}
	}
}

// methodExpr is the expression for a function, or for a method as a function of
// its receiver.
func (g *generator) methodExpr(d *decl) string {
	switch {
	case d.recv == nil:
		return d.symbol
	case d.ptrRecv():
		return "(*" + d.recv.symbol + ")." + d.name
	}
	return d.recv.symbol + "." + d.name
}

// variable declares a session variable. Whichever unit is loaded first provides
// its memory.
func (g *generator) variable(d *decl) {
	fmt.Fprintf(&g.vars, "var %s %s\n", d.symbol, g.printer(nil).text(d.obj.Type()))
}

// functionVariable declares the variable through which a function is called
// from other units.
func (g *generator) functionVariable(d *decl) {
	p := g.printer(nil)
	sig := d.obj.(*types.Func).Signature()
	text := "func" + p.signature(sig)
	if d.recv != nil {
		text = "func" + p.paramsWithRecv(sig, g.recvText(d)) + p.results(sig)
	}
	fmt.Fprintf(&g.vars, "var %s %s\n", d.funcVar(), text)
}

func (g *generator) recvText(m *decl) string {
	if m.ptrRecv() {
		return "*" + m.recv.symbol
	}
	return m.recv.symbol
}

// externs writes the declarations of other units that the text refers to.
func (g *generator) externs() {
	for len(g.queue) > 0 {
		d := g.queue[0]
		g.queue = g.queue[1:]
		switch d.kind {
		case constDecl:
			g.externConst(d)
		case varDecl:
			g.variable(d)
		case funcDecl:
			if d.generic {
				g.funcs.WriteString(g.renderer(d).node(d.node) + "\n")
			} else {
				g.functionVariable(d)
				g.needs[d.unit] = true
			}
		case typeDecl:
			g.externType(d)
		}
	}
	for d := range g.renamed {
		fmt.Fprintf(&g.types, "type %s = %s\n", d.name, d.symbol)
	}
}

func (g *generator) externConst(d *decl) {
	c := d.obj.(*types.Const)
	text := constText(c.Val(), c.Type())
	if basic, ok := c.Type().(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
		fmt.Fprintf(&g.types, "const %s = %s\n", d.symbol, text)
		return
	}
	fmt.Fprintf(&g.types, "const %s %s = %s\n", d.symbol, g.printer(nil).text(c.Type()), text)
}

// externType declares a type of another unit again: to compiler and loader it is
// the same type. Its methods call the defining unit's.
func (g *generator) externType(d *decl) {
	if d.generic {
		g.types.WriteString("type " + g.renderer(d).node(d.node) + "\n")
		for _, m := range d.methods {
			g.funcs.WriteString(g.renderer(m).node(m.node) + "\n")
		}
		return
	}
	obj := d.obj.(*types.TypeName)
	p := g.printer(nil)
	if alias, ok := obj.Type().(*types.Alias); ok {
		fmt.Fprintf(&g.types, "type %s = %s\n", d.symbol, p.text(alias.Rhs()))
		return
	}
	fmt.Fprintf(&g.types, "type %s %s\n", d.symbol, p.text(obj.Type().Underlying()))
	if len(d.methods) > 0 {
		g.needs[d.unit] = true
	}
	for _, m := range d.methods {
		sig := m.obj.(*types.Func).Signature()
		g.functionVariable(m)
		args := []string{"r"}
		for i := range sig.Params().Len() {
			args = append(args, "a"+strconv.Itoa(i))
		}
		call := fmt.Sprintf("%s(%s", m.funcVar(), strings.Join(args, ", "))
		if sig.Variadic() {
			call += "..."
		}
		call += ")"
		if sig.Results().Len() > 0 {
			call = "return " + call
		}
		fmt.Fprintf(&g.funcs, "func (r %s) %s%s%s { %s }\n", g.recvText(m), m.name, p.paramList(sig.Params(), sig.Variadic(), "a"), p.results(sig), call)
	}
	g.keep(d)
}

// keep calls the unexported methods of a type through an interface, in code
// that never runs. The linker drops an unexported method that no interface of
// the same link asks for; here another cell's interface may ask.
func (g *generator) keep(d *decl) {
	if d.generic {
		return
	}
	for _, m := range d.methods {
		if ast.IsExported(m.name) {
			continue
		}
		p := g.printer(nil)
		sig := m.obj.(*types.Func).Signature()
		text := m.name + p.signature(sig)
		var args []string
		for i := range sig.Params().Len() {
			args = append(args, "*new("+p.text(sig.Params().At(i).Type())+")")
		}
		call := fmt.Sprintf("i.%s(%s)", m.name, strings.Join(args, ", "))
		if sig.Variadic() {
			call = call[:len(call)-1] + "...)"
		}
		g.keepers[text] = fmt.Sprintf("func(i interface{ %s }) { %s }(nil)", text, call)
	}
}

// paramsWithRecv writes a method's parameters as those of a function that takes
// the receiver first.
func (p *typePrinter) paramsWithRecv(sig *types.Signature, recv string) string {
	params := p.paramList(sig.Params(), sig.Variadic(), "")
	if params == "()" {
		return "(" + recv + ")"
	}
	return "(" + recv + ", " + params[1:]
}

func (p *typePrinter) results(sig *types.Signature) string {
	switch sig.Results().Len() {
	case 0:
		return ""
	case 1:
		return " (" + p.text(sig.Results().At(0).Type()) + ")"
	}
	return " " + p.paramList(sig.Results(), false, "")
}

// assemble puts the unit's parts together. Its id is the hash of the text.
func (g *generator) assemble(run string) {
	var b strings.Builder
	b.WriteString(g.types.String())
	b.WriteString(g.vars.String())
	b.WriteString(g.funcs.String())
	b.WriteString("var _ = ᐧpoll.Point\nvar ᐧnever_" + idMark + " bool\n")
	fmt.Fprintf(&b, "//go:linkname ᐧbind_%s %s.ᐧbind_%s\nfunc ᐧbind_%s() {\n", idMark, symbolPath, idMark, idMark)
	for _, line := range slices.Concat(g.bind, g.registered) {
		b.WriteString("\t" + line + "\n")
	}
	if len(g.keepers) > 0 {
		fmt.Fprintf(&b, "\tif ᐧnever_%s {\n", idMark)
		for _, text := range slices.Sorted(maps.Keys(g.keepers)) {
			b.WriteString("\t\t" + g.keepers[text] + "\n")
		}
		b.WriteString("\t}\n")
	}
	fmt.Fprintf(&b, "\tᐧlive.Loaded(%q, ᐧrun_%s)\n}\n", idMark, idMark)
	b.WriteString(run)
	body := b.String()

	var head strings.Builder
	head.WriteString("package main\nimport _ \"unsafe\"\n")
	for _, path := range slices.Sorted(maps.Keys(g.aliases)) {
		// A package that was named only in a type that is not written after all
		// must not be imported.
		if alias := g.aliases[path]; strings.Contains(body, alias+".") {
			fmt.Fprintf(&head, "import %s %q\n", alias, path)
			g.c.unit.packages = append(g.c.unit.packages, path)
		}
	}
	for _, path := range g.blankImports() {
		fmt.Fprintf(&head, "import _ %q\n", path)
		g.c.unit.packages = append(g.c.unit.packages, path)
	}
	text := head.String() + body
	sum := sha256.Sum256([]byte(Version + g.s.index.ws.Dir + text))
	g.c.unit.ID = hex.EncodeToString(sum[:])[:12]
	g.c.unit.code = strings.ReplaceAll(text, idMark, g.c.unit.ID)
}

// blankImports are the packages that the cell imports for their effects.
func (g *generator) blankImports() []string {
	var paths []string
	for _, imp := range g.c.cell.imports {
		if imp.name == "_" {
			paths = append(paths, imp.path)
		}
	}
	return paths
}

func sortedDecls(set map[*decl]bool) []*decl {
	key := func(d *decl) string {
		if d.recv != nil {
			return d.recv.symbol + "." + d.name
		}
		return d.symbol
	}
	return slices.SortedFunc(maps.Keys(set), func(a, b *decl) int { return strings.Compare(key(a), key(b)) })
}
