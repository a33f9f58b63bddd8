package decl

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A declaration that is made again has a new Decl, and what refers to it has one as
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
//   - generic functions, and methods of generic types, which each unit compiles by itself, if their
//     text is the same and all that it refers to has the same symbols. Other versions have symbols of
//     their own; those of one signature are a family (see instances.go).

// Symbols are the names that the compiler sees, and how often each kind of thing has had a
// version. They only grow: what a cell that failed took is not given again.
// They serve one goroutine.
type Symbols struct {
	versions  map[string]int    // declarations made of a name
	functions map[string]string // symbols of functions, and families of generic ones, by name and signature
	variants  map[string]int    // signatures of methods, by type, name and signature
	bodies    map[string]int    // versions of a function's or method's symbol
	given     map[string]bool   // all symbols, and the names of all versions
}

// NewSymbols returns those of a session without cells.
func NewSymbols() *Symbols {
	return &Symbols{versions: make(map[string]int), functions: make(map[string]string), variants: make(map[string]int), bodies: make(map[string]int), given: make(map[string]bool)}
}

// Assign gives symbols to what a unit declares.
func (y *Symbols) Assign(st *State, own map[*Decl]bool) {
	var list []*Decl
	before := make(map[*Decl]*Decl)
	for d := range own {
		if d.Recv == nil {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *Decl) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range list {
		old := st.Before(d.Name)
		switch {
		case d.HasBody():
		case old != nil && old.Kind == d.Kind && old.Generic == d.Generic && d.keepsSymbol():
			before[d], d.Symbol = old, old.Symbol
			for _, m := range d.Methods {
				if o := old.Method(m.Name); o != nil && o.Generic && m.Generic {
					before[m], m.Body = o, o.Body
				}
			}
		default:
			d.Symbol = y.symbolFor(d)
		}
	}
	// All that may be one with the version before is taken to be, until one is found
	// that is not.
	for again := true; again; {
		again = false
		for _, d := range list {
			y.nameFunction(st, d)
			for _, m := range d.Methods {
				if o := before[m]; m.Generic && (o == nil && m.Body == "" || o != nil && (before[d] == nil || !sameCode(o, m))) {
					m.Body, _ = y.give(syntax.Mark+m.Name, y.bodies, syntax.Mark+m.Name, true)
					delete(before, m)
					again = true
				}
			}
		}
		for _, d := range list {
			if old := before[d]; old != nil && !st.isSame(old, d) {
				d.Symbol = y.symbolFor(d)
				delete(before, d)
				again = true
			}
		}
	}
	for _, d := range list {
		d.shape = st.shapeOf(d)
		y.nameBody(d)
		y.nameFamily(st, before[d], d)
		for _, m := range d.Methods {
			y.nameVariant(st, m)
			y.nameBody(m)
			y.nameFamily(st, before[m], m)
		}
		if d.Kind == syntax.TypeDecl {
			y.bodies[syntax.Mark+d.Symbol]++
			d.MethodSet = y.bodies[syntax.Mark+d.Symbol]
		}
	}
}

// keepsSymbol reports whether a declaration may have the symbol of another version,
// by what it is. Functions have theirs by their signature.
func (d *Decl) keepsSymbol() bool {
	_, isNamed := d.Obj.Type().(*types.Named)
	return d.Generic || d.Kind == syntax.VarDecl || d.Kind == syntax.TypeDecl && isNamed
}

// nameFunction gives a function its symbol, by its name and signature.
func (y *Symbols) nameFunction(st *State, d *Decl) {
	if !d.HasBody() {
		return
	}
	key := d.Name + st.Shapes().Text(d.Obj.Type())
	if y.functions[key] == "" {
		y.functions[key] = y.symbolFor(d)
	}
	d.Symbol = y.functions[key]
}

// nameFamily gives a generic function or method its family, by its name and signature.
func (y *Symbols) nameFamily(st *State, same, d *Decl) {
	switch {
	case d.Kind != syntax.FuncDecl || !d.Generic:
		return
	case same != nil:
		d.Family, d.Number = same.Family, same.Number
		return
	}
	key, first := d.Name+st.genericShape(d.Obj.Type().(*types.Signature)), d.Symbol
	if d.Recv != nil {
		key, first = fmt.Sprintf("%s.%s %t", d.Recv.Symbol, key, d.PtrRecv()), d.Body
	}
	if y.functions[key] == "" {
		y.functions[key] = first
	}
	d.Family = y.functions[key]
	y.bodies[d.Family]++
	d.Number = y.bodies[d.Family]
}

// nameVariant numbers the signatures of a method of a type.
func (y *Symbols) nameVariant(st *State, m *Decl) {
	if !m.HasBody() {
		return
	}
	method := m.Recv.Symbol + "." + m.Name
	key := fmt.Sprintf("%s %t %s", method, m.PtrRecv(), st.Shapes().Signature(m.Obj.(*types.Func).Signature()))
	if y.variants[key] == 0 {
		y.bodies[method]++
		y.variants[key] = y.bodies[method]
	}
	m.variant = y.variants[key]
}

// nameBody names a version of a function or a method.
func (y *Symbols) nameBody(d *Decl) {
	if !d.HasBody() {
		return
	}
	d.Body = d.Symbol
	if d.Recv != nil {
		kind := "v"
		if d.PtrRecv() {
			kind = "p"
		}
		if d.Body = d.Recv.Symbol + syntax.Mark + kind + "_" + d.Name; ast.IsExported(d.Body) {
			d.Body = syntax.Mark + d.Body
		}
	}
	d.Body, d.Number = y.give(d.Body, y.bodies, d.Body, true)
}

// give returns a name that nothing else has: a base, and a number that is counted under a key. The first
// one goes without its number unless always is set.
func (y *Symbols) give(base string, counts map[string]int, key string, always bool) (name string, number int) {
	for {
		counts[key]++
		name, number = base, counts[key]
		if number > 1 || always {
			name += syntax.Mark + strconv.Itoa(number)
		}
		if !y.given[name] {
			y.given[name] = true
			return name, number
		}
	}
}

// symbolFor chooses the compiler's name for a declaration. The first
// declaration of a name keeps it; later ones get a number, and all of a
// predeclared name, such as min, which generated code may mean. Functions and
// variables with an exported name get a mark before it, which their users' names do
// not have, and so does whatever is called main or init, because those names are
// the compiler's.
func (y *Symbols) symbolFor(d *Decl) string {
	base := d.Name
	isCode := d.Kind == syntax.FuncDecl || d.Kind == syntax.VarDecl
	if isCode && ast.IsExported(base) || base == "main" || base == "init" {
		base = "ᐧ" + base
	}
	symbol, _ := y.give(base, y.versions, d.Name, types.Universe.Lookup(d.Name) != nil)
	return symbol
}
