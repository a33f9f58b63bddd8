package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A declaration that is made again has a new decl, and what refers to it has one as
// well. But what a program can tell no difference between has one symbol, so that
// to loader and runtime it is one and the same thing:
//
//   - functions of one name and signature. Their symbol is that of a function which
//     calls the newest version, through a variable; the versions are functions of
//     their own. So function values of all ages, and whatever calls them, reach the
//     newest version.
//   - types of one name that are made of the same. Values of them keep their type
//     whatever happens to methods: the loader gives the type those that the newest
//     unit has which declares it. A method's variable has a number where the method
//     had another signature before.
//   - variables of one name whose types have one symbol. They keep their memory.
//   - generic functions and types, which each unit compiles by itself, if their text is
//     the same and all that it refers to has the same symbols.

// symbols are the names that the compiler sees, and how often each kind of thing has had a
// version. They only grow: what a cell that failed took is not given again.
type symbols struct {
	versions  map[string]int    // declarations made of a name
	functions map[string]string // symbols of functions, by name and signature
	variants  map[string]int    // signatures of methods, by type, name and signature
	bodies    map[string]int    // versions of a function's or method's symbol
}

func newSymbols() *symbols {
	return &symbols{versions: make(map[string]int), functions: make(map[string]string), variants: make(map[string]int), bodies: make(map[string]int)}
}

// name gives symbols to what a unit declares.
func (y *symbols) name(st *state, own map[*decl]bool) {
	var list []*decl
	before := make(map[*decl]*decl)
	for d := range own {
		if d.recv == nil {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *decl) int { return strings.Compare(a.name, b.name) })
	for _, d := range list {
		old := st.before(d.name)
		switch {
		case d.hasBody():
		case old != nil && old.kind == d.kind && old.generic == d.generic && d.keepsSymbol():
			before[d], d.symbol = old, old.symbol
		default:
			d.symbol = y.symbolFor(d)
		}
	}
	// All that may be one with the version before is taken to be, until one is found
	// that is not.
	for again := true; again; {
		again = false
		for _, d := range list {
			y.nameFunction(st, d)
			if old := before[d]; old != nil && !st.isSame(old, d) {
				d.symbol = y.symbolFor(d)
				delete(before, d)
				again = true
			}
		}
	}
	for _, d := range list {
		d.shape = st.shapeOf(d)
		y.nameBody(d)
		for _, m := range d.methods {
			y.nameVariant(st, m)
			y.nameBody(m)
		}
		if d.kind == syntax.TypeDecl && !d.generic {
			y.bodies[syntax.Mark+d.symbol]++
			d.methodSet = y.bodies[syntax.Mark+d.symbol]
		}
	}
}

// hasBody reports whether versions of a function are functions of their own.
func (d *decl) hasBody() bool { return d.kind == syntax.FuncDecl && !d.generic }

// keepsSymbol reports whether a declaration may have the symbol of another version,
// by what it is. Functions have theirs by their signature.
func (d *decl) keepsSymbol() bool {
	_, isNamed := d.obj.Type().(*types.Named)
	return d.generic || d.kind == syntax.VarDecl || d.kind == syntax.TypeDecl && isNamed
}

// isSame reports whether two versions are one to a program, as far as symbols are
// known.
func (st *state) isSame(old, d *decl) bool {
	if !d.generic {
		return old.shape == st.shapeOf(d)
	}
	if !sameCode(old, d) || len(old.methods) != len(d.methods) {
		return false
	}
	for _, m := range d.methods {
		if before := old.method(m.name); before == nil || !sameCode(before, m) {
			return false
		}
	}
	return true
}

// sameCode reports whether the text of two generic declarations says the same.
func sameCode(old, d *decl) bool {
	symbols := func(d *decl) map[string]string {
		m := make(map[string]string)
		for u := range d.uses {
			m[u.name] = u.symbol
		}
		return m
	}
	return old.text == d.text && maps.Equal(symbols(old), symbols(d))
}

// nameFunction gives a function its symbol, by its name and signature.
func (y *symbols) nameFunction(st *state, d *decl) {
	if !d.hasBody() {
		return
	}
	key := d.name + st.shapes().Text(d.obj.Type())
	if y.functions[key] == "" {
		y.functions[key] = y.symbolFor(d)
	}
	d.symbol = y.functions[key]
}

// nameVariant numbers the signatures of a method of a type.
func (y *symbols) nameVariant(st *state, m *decl) {
	if !m.hasBody() {
		return
	}
	method := m.recv.symbol + "." + m.name
	key := fmt.Sprintf("%s %t %s", method, m.ptrRecv(), st.shapes().Signature(m.obj.(*types.Func).Signature()))
	if y.variants[key] == 0 {
		y.bodies[method]++
		y.variants[key] = y.bodies[method]
	}
	m.variant = y.variants[key]
}

// nameBody names a version of a function or a method.
func (y *symbols) nameBody(d *decl) {
	if !d.hasBody() {
		return
	}
	d.body = d.symbol
	if d.recv != nil {
		kind := "v"
		if d.ptrRecv() {
			kind = "p"
		}
		if d.body = d.recv.symbol + syntax.Mark + kind + "_" + d.name; ast.IsExported(d.body) {
			d.body = syntax.Mark + d.body
		}
	}
	y.bodies[d.body]++
	d.number = y.bodies[d.body]
	d.body += syntax.Mark + strconv.Itoa(d.number)
}

// shapes returns a printer that tells types apart as programs do.
func (st *state) shapes() *typetext.Printer {
	symbol := func(t *types.TypeName) string {
		if d := st.byObj[t]; d != nil {
			return d.symbol
		}
		return ""
	}
	return &typetext.Printer{
		Named: symbol, Embedded: func(t *types.TypeName) string { return t.Name() + "=" + symbol(t) },
		Alias:  func(p *types.Package) string { return strconv.Quote(p.Path()) },
		Hidden: func(t *types.TypeName) string { return strconv.Quote(t.Pkg().Path()) + "." + t.Name() },
		Expand: true, Pkg: st.pkg, Params: make(map[*types.TypeParam]bool),
	}
}

// shapeOf describes the type of a variable, or what a type is made of.
func (st *state) shapeOf(d *decl) string {
	switch {
	case d.kind == syntax.VarDecl:
		return st.shapes().Text(d.obj.Type())
	case d.kind != syntax.TypeDecl || d.generic:
		return ""
	}
	return st.shapes().Text(d.obj.Type().Underlying())
}

// symbolFor chooses the compiler's name for a declaration. The first
// declaration of a name keeps it; later ones get a number, and all of a
// predeclared name, such as min, which generated code may mean. Functions and
// variables with an exported name get a mark before it, which their users' names do
// not have, and so does whatever is called main or init, because those names are
// the compiler's.
func (y *symbols) symbolFor(d *decl) string {
	base := d.name
	isCode := d.kind == syntax.FuncDecl || d.kind == syntax.VarDecl
	if isCode && ast.IsExported(base) || base == "main" || base == "init" {
		base = "ᐧ" + base
	}
	y.versions[d.name]++
	if n := y.versions[d.name]; n > 1 || types.Universe.Lookup(d.name) != nil {
		base += "ᐧ" + strconv.Itoa(n)
	}
	return base
}
