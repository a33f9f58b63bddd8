package rewrite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// idMark stands for the unit's id in generated text until the text, and with it
// the id, is complete. No cell can have it: Go's texts have no NUL.
const idMark = "\x00"

// A generator writes the code of one unit.
type generator struct {
	c *check.Cell
	check.Env
	memory *Memory
	code   *Code
	// engines says that the cell's statements are for engines.
	engines bool
	// embeddings are the files of variables of the cell.
	embeddings map[*ast.ValueSpec]*Embedding
	// own are the declarations that this unit defines.
	own map[*decl.Decl]bool
	// ownTypes are the types among these, by symbol.
	ownTypes map[string]*decl.Decl
	// shares reports whether functions are registered for engines: from the cell
	// on that imports the parallel package.
	shares bool

	aliases map[string]string   // package path -> local name
	taken   map[string]bool     // local names in use
	extern  map[*decl.Decl]bool // declarations of other units that the text refers to
	valued  map[*decl.Decl]bool // functions for which forward, or newest, was called
	counted map[string]bool     // families of generic functions whose variable is declared
	queue   []*decl.Decl        // those not yet written
	renamed map[*decl.Decl]bool // types that need an alias with the user's name
	needs   map[*decl.Unit]bool // units that must be loaded before

	types, funcs, vars strings.Builder
	bind               []string // assignments of function variables
	registered         []string // registrations for engines
	literals           int
	strips             int
	shadows            map[*types.Info][]*types.Scope // where stripNames mean something else
	imported           map[string]bool
	uses               map[*syntax.Source]*uses
	carried            []carried      // variables that get an earlier version's value
	described          []string       // nil pointers to types that the unit is to describe
	renewed            []*types.Named // instances of generic types to which values are carried over
}

// A Memory is what making a unit needs to know of earlier ones, beside their declarations. It is
// of one session, and serves one goroutine.
type Memory struct {
	symbols *decl.Symbols
	// unused and repeated are what was checked of the sources of all cells; see check.Result.
	unused   map[token.Pos]bool
	repeated map[token.Pos]string
	waiting  map[ast.Node]bool // code of which is known whether it waits
	lasting  map[ast.Node]bool // the same, whether it lasts
}

// NewMemory returns that of a session without cells.
func NewMemory() *Memory {
	return &Memory{
		symbols: decl.NewSymbols(), unused: make(map[token.Pos]bool), repeated: make(map[token.Pos]string),
		waiting: make(map[ast.Node]bool), lasting: make(map[ast.Node]bool),
	}
}

// Options say what a unit is made for.
type Options struct {
	// Engines says that the cell's statements are for engines: here the unit does nothing but what
	// its declarations ask for.
	Engines bool
	// Embeddings are the files of the cell's variables.
	Embeddings map[*ast.ValueSpec]*Embedding
	// Made tells apart what is compiled with different packages.
	Made string
}

// Generate makes the unit of a cell that was checked: it gives the cell's declarations their
// symbols and writes the code. It changes the cell's state only so that it knows the
// declarations' objects.
func Generate(c *check.Cell, m *Memory, o Options) (*Code, error) {
	st := c.State
	g := &generator{
		c: c, Env: c.Env, memory: m, engines: o.Engines, embeddings: o.Embeddings,
		own: make(map[*decl.Decl]bool), aliases: make(map[string]string), taken: make(map[string]bool),
		ownTypes: make(map[string]*decl.Decl), extern: make(map[*decl.Decl]bool), renamed: make(map[*decl.Decl]bool), needs: make(map[*decl.Unit]bool),
		imported: make(map[string]bool), shadows: make(map[*types.Info][]*types.Scope),
		uses: make(map[*syntax.Source]*uses), valued: make(map[*decl.Decl]bool), counted: make(map[string]bool),
	}
	for alias, path := range map[string]string{"ᐧlive": workspace.LivePath, "ᐧcommand": workspace.CommandPath, "ᐧoverhead": workspace.OverheadPath, "ᐧpoll": workspace.PollPath, "ᐧreg": workspace.RegistryPath, "ᐧcarry": workspace.CarryPath} {
		g.aliases[path], g.taken[alias] = alias, true
	}
	g.shares = st.Shares || c.ImportsParallel()
	u := &Code{Unit: &decl.Unit{Shares: g.shares}, Names: make(map[string]*decl.Decl), Opened: make(map[string]string)}
	g.code = u
	maps.Copy(m.unused, c.Result.Unused)
	maps.Copy(m.repeated, c.Result.Repeated)
	if err := g.declare(u); err != nil {
		return nil, err
	}
	g.instances()
	g.renewInstances()
	run := g.statements()
	g.definitions()
	g.announce()
	if g.shares {
		g.register(!st.Shares)
	}
	g.externs()
	g.assemble(run, o.Made)
	u.Once = g.once()
	if g.engines {
		u.VarsRead, u.VarsKept = g.variablesOfStatements()
	}
	for d := range g.extern {
		u.Extern = append(u.Extern, d)
	}
	for n := range g.needs {
		u.Needs = append(u.Needs, n)
	}
	slices.SortFunc(u.Needs, func(a, b *decl.Unit) int { return a.Order - b.Order })
	for d := range g.own {
		d.Unit = u.Unit
		u.noteRenamed(d)
	}
	for d := range g.extern {
		u.noteRenamed(d)
	}
	return u, nil
}

// alias returns the unit's local name for a package.
func (g *generator) alias(path, name string) string {
	if a, ok := g.aliases[path]; ok {
		return a
	}
	a := "ᐧᐧ" + name
	for n := 2; g.taken[a]; n++ {
		a = "ᐧᐧ" + name + "ᐧ" + strconv.Itoa(n)
	}
	g.aliases[path], g.taken[a] = a, true
	return a
}

// ref returns what the unit's code calls a declaration, and notes that it needs
// it.
func (g *generator) ref(d *decl.Decl, embedded bool) string {
	if !g.own[d] {
		g.need(d)
	}
	if d.HasBody() && !g.valued[d] {
		g.valued[d] = true
		g.forward(d)
	}
	if embedded && d.Symbol != d.Name {
		g.renamed[d] = true
		return d.Name
	}
	return d.Symbol
}

func (g *generator) need(d *decl.Decl) {
	if d.Kind == syntax.TypeDecl && g.ownTypes[d.Symbol] != nil {
		return
	}
	if !g.extern[d] {
		g.extern[d] = true
		g.queue = append(g.queue, d)
	}
}

func (g *generator) renderer(d *decl.Decl) *renderer {
	return &renderer{g: g, src: d.Src, info: d.Info, plain: !g.own[d]}
}

// definitions writes what the unit itself declares.
func (g *generator) definitions() {
	seen := make(map[ast.Node]bool)
	for _, d := range decl.Sorted(g.own) {
		g.c.Poll()
		switch d.Kind {
		case syntax.ConstDecl:
			if !seen[d.Node] {
				seen[d.Node] = true
				g.types.WriteString(g.renderer(d).node(d.Node) + "\n")
			}
		case syntax.TypeDecl:
			g.types.WriteString("type " + g.renderer(d).node(d.Node) + "\n")
			if d.MethodSet > 1 {
				fmt.Fprintf(&g.vars, "var ᐧmethodsᐧ%dᐧ%s byte\n", d.MethodSet, d.Symbol)
				if d.Generic {
					g.instancesOfTypes(d)
				}
			}
		case syntax.VarDecl:
			g.variable(d)
		case syntax.FuncDecl:
			if d.Generic && d.Recv != nil {
				g.genericMethod(d)
				g.renew(d)
				break
			}
			if d.Generic {
				g.funcs.WriteString(g.renderer(d).node(d.Node) + "\n")
				g.renew(d)
				break
			}
			g.funcs.WriteString(g.renderer(d).definition(d) + "\n")
			if d.Recv != nil {
				g.forward(d)
			}
			g.functionVariable(d)
			// An engine may load an older version after a newer one.
			number := d.FuncVar() + "ᐧᐧ"
			fmt.Fprintf(&g.vars, "var %s int\n", number)
			g.bind = append(g.bind, fmt.Sprintf("if %s < %d { %[1]s, %[3]s = %[2]d, %[4]s }", number, d.Number, d.FuncVar(), d.Body))
		}
	}
	for _, d := range g.c.Decls {
		if d.Name == "_" && d.Kind != syntax.VarDecl && !seen[d.Node] {
			seen[d.Node] = true
			keyword := map[syntax.Kind]string{syntax.TypeDecl: "type "}[d.Kind]
			g.types.WriteString(keyword + (&renderer{g: g, src: d.Src, info: g.c.Result.Info}).node(d.Node) + "\n")
		}
	}
}

// printer returns a type printer for the unit that g generates.
func (g *generator) printer(params map[*types.TypeParam]bool) *typetext.Printer {
	if params == nil {
		params = make(map[*types.TypeParam]bool)
	}
	name := func(embedded bool) func(*types.TypeName) string {
		return func(t *types.TypeName) string {
			d := g.State.Of[t]
			if d == nil {
				return ""
			}
			return g.ref(d, embedded)
		}
	}
	return &typetext.Printer{
		Named: name(false), Embedded: name(true), Pkg: g.State.Pkg, Params: params,
		Alias:      func(p *types.Package) string { return g.alias(p.Path(), p.Name()) },
		Unexported: g.unexportedType,
	}
}

// variable declares a session variable. Whichever unit is loaded first provides
// its memory.
func (g *generator) variable(d *decl.Decl) {
	fmt.Fprintf(&g.vars, "var %s %s\n", d.Symbol, g.printer(nil).Text(d.Obj.Type()))
}

// assemble puts the unit's parts together. Its id is the hash of the text.
func (g *generator) assemble(run, made string) {
	if g.shares {
		g.registerImported(g.types.String() + g.vars.String() + g.funcs.String() + run)
	}
	var b strings.Builder
	b.WriteString(g.types.String())
	b.WriteString(g.vars.String())
	b.WriteString(g.funcs.String())
	b.WriteString("type ᐧany = any\nvar _ = ᐧpoll.Point\n")
	if len(g.described) > 0 {
		fmt.Fprintf(&b, "var ᐧdescribed_%s = [...]ᐧany{%s}\n", idMark, strings.Join(g.described, ", "))
	}
	fmt.Fprintf(&b, "//go:linkname ᐧbind_%s %s.ᐧbind_%s\nfunc ᐧbind_%s() {\n", idMark, compiler.SymbolPath, idMark, idMark)
	for _, line := range slices.Concat(g.bind, g.registered) {
		b.WriteString("\t" + line + "\n")
	}
	fmt.Fprintf(&b, "\tᐧlive.Loaded(\"%s\", ᐧrun_%s)\n}\n", idMark, idMark)
	b.WriteString(run)
	body := b.String()

	used := markedNames(body)
	var head strings.Builder
	// Without sync/atomic the compiler would not see that the flag's Load is one
	// instruction.
	head.WriteString("package main\nimport _ \"unsafe\"\nimport _ \"sync/atomic\"\n")
	for _, path := range slices.Sorted(maps.Keys(g.aliases)) {
		// A package that was named only in a type that is not written after all
		// must not be imported.
		if alias := g.aliases[path]; used[alias] {
			fmt.Fprintf(&head, "import %s %q\n", alias, path)
			g.code.Packages = append(g.code.Packages, path)
		}
		if !strings.Contains(body, g.aliases[path]+"."+modules.AliasMark) {
			delete(g.code.Opened, path)
		}
	}
	if len(g.code.embeddings) > 0 {
		head.WriteString("import _ \"embed\"\n")
		g.code.Packages = append(g.code.Packages, "embed")
	}
	for _, path := range g.blankImports() {
		fmt.Fprintf(&head, "import _ %q\n", path)
		g.code.Packages = append(g.code.Packages, path)
	}
	text := head.String() + body
	sum := sha256.Sum256([]byte(toolchain.Version + made + text))
	g.code.ID = hex.EncodeToString(sum[:])[:12]
	g.code.Text = strings.ReplaceAll(text, idMark, g.code.ID)
}

// markedNames returns the names of a text that have the mark.
func markedNames(text string) map[string]bool {
	names := make(map[string]bool)
	var s scanner.Scanner
	src := []byte(strings.ReplaceAll(text, idMark, "0"))
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, 0)
	for {
		switch _, tok, lit := s.Scan(); {
		case tok == token.EOF:
			return names
		case tok == token.IDENT && strings.Contains(lit, syntax.Mark):
			names[lit] = true
		}
	}
}

// blankImports are the packages that the cell imports for their effects.
func (g *generator) blankImports() []string {
	var paths []string
	for _, imp := range g.c.Parsed.Imports {
		if imp.Name == "_" {
			paths = append(paths, imp.Path)
		}
	}
	return paths
}
