package decl

import (
	"go/ast"
	"go/types"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A Decl is one version of a session-level declaration: a constant, a type with
// its methods, a variable or a function. A name that is declared again gets a new
// one, and code compiled against the old one keeps it. Once its unit is part of the session
// a Decl is only read, but for what is said of Origin, Held and Uses.
type Decl struct {
	Name string
	Kind syntax.Kind // of a constant, a type, a variable or a function
	// Symbol is the name that the compiler sees. It is the user's name unless that
	// was declared before, or would be an exported name (see symbols.go). Versions that
	// are one and the same to a program have one symbol (see symbols.go).
	Symbol string
	// shape tells the versions of a symbol from others: what the type is made of, of a
	// type or a variable.
	shape string
	// Body is the compiler's name of this version of a function or a method, and Number
	// counts the versions of its symbol; Symbol is that of a function which calls the
	// newest. Generic functions have no Body: their Symbol is that of the version. Of a generic
	// method it is a method as well, beside the one that calls the newest.
	Body   string
	Number int
	// Family is what the versions of a generic function or method have in common that have
	// one signature; Number counts them.
	Family string
	// variant counts the signatures that a method of its type has had, MethodSet
	// those of a type's sets of methods.
	variant, MethodSet int
	// Obj is what later cells' type checks find under the name.
	Obj  types.Object
	Src  *syntax.Source
	Info *types.Info
	// Node is the declaration in Src: *ast.FuncDecl, *ast.TypeSpec, or for a
	// constant the *ast.GenDecl of its whole group. It is nil for variables.
	Node ast.Node
	// Text is the user's text of the declaration, by which a cell that is run
	// again is seen to be unchanged.
	Text string
	// Origin is where a variable has its type from, if that matters. It, Held and Uses are of
	// who compiles alone: they change when a variable is declared again with the type it has.
	Origin *Origin
	// Generic functions and types have no code of their own: each unit that uses
	// them compiles them from their text.
	Generic bool
	// Instances are those of other generic declarations that the text of a generic one has.
	Instances []Instance
	// Methods are those of a type; their Recv is the type.
	Methods []*Decl
	Recv    *Decl
	// Uses are the declarations that the text refers to, methods' excluded.
	Uses map[*Decl]bool
	// Held is the version of a variable with another layout whose memory has the value, where
	// this one has lost it.
	Held *Decl
	// Unit is the unit that defines it.
	Unit *Unit
}

// Holder is the version of a variable that has its value in memory.
func (d *Decl) Holder() *Decl {
	if d.Held != nil {
		return d.Held
	}
	return d
}

// PtrRecv reports whether a method's receiver is a pointer.
func (d *Decl) PtrRecv() bool { return typetext.PointerReceiver(d.Obj.(*types.Func)) }

// FuncVar returns the name of the function variable through which other units
// call the function or method.
func (d *Decl) FuncVar() string {
	if d.Recv != nil {
		name := "ᐧƒ" + d.Recv.Symbol + "ᐧ" + d.Name
		if d.variant > 1 {
			name += syntax.Mark + strconv.Itoa(d.variant)
		}
		return name
	}
	return "ᐧƒ" + d.Symbol
}

// Line is what the versions of a function have in common that have one signature.
func (d *Decl) Line() string {
	if d.Family != "" {
		return d.Family
	}
	return d.Symbol
}

// Closure returns the declarations that d refers to, directly or not, d
// included. Methods of types on the way count, since a value carries them.
func (d *Decl) Closure(seen map[*Decl]bool) map[*Decl]bool {
	if seen == nil {
		seen = make(map[*Decl]bool)
	}
	if seen[d] {
		return seen
	}
	seen[d] = true
	for u := range d.Uses {
		u.Closure(seen)
	}
	for _, m := range d.Methods {
		m.Closure(seen)
	}
	return seen
}

// Dependants returns the declarations of all that refer to one of changed,
// directly or not, without those themselves. A variable depends by its type, not
// by what once computed its value.
func Dependants(all iter.Seq[*Decl], changed map[*Decl]bool) map[*Decl]bool {
	dirty := make(map[*Decl]bool)
	if len(changed) == 0 {
		return dirty
	}
	users := make(map[*Decl][]*Decl)
	for d := range all {
		for u := range d.Uses {
			users[u] = append(users[u], d)
		}
		for _, m := range d.Methods {
			for u := range m.Uses {
				users[u] = append(users[u], d)
			}
		}
	}
	queue := slices.Collect(maps.Keys(changed))
	for len(queue) > 0 {
		d := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, user := range users[d] {
			if !changed[user] && !dirty[user] {
				dirty[user] = true
				queue = append(queue, user)
			}
		}
	}
	return dirty
}

// TextRefersTo reports whether a declaration refers to one of a set, methods left out.
func (d *Decl) TextRefersTo(set map[*Decl]bool) bool {
	for u := range d.Uses {
		if set[u] {
			return true
		}
	}
	return false
}

// Escaping reports whether calls of a function, or of a method, keep alive what
// their uintptr arguments point to. The compiler sees to that only where it calls
// the function by its name.
func (d *Decl) Escaping() bool {
	return d.Kind == syntax.FuncDecl && strings.Contains(syntax.Pragmas(d.Node), syntax.Escapes)
}

// Method returns the method of a type that has a name, or nil.
func (d *Decl) Method(name string) *Decl {
	for _, m := range d.Methods {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Group lists the names that are declared together with a declaration, as those of a
// Group of constants are, by the names under which they would be gone.
func (d *Decl) Group() []string {
	node, isGroup := d.Node.(*ast.GenDecl)
	switch {
	case d.Recv != nil:
		return []string{d.Recv.Name + "." + d.Name}
	case !isGroup:
		return []string{d.Name}
	}
	var names []string
	for _, spec := range node.Specs {
		for _, id := range spec.(*ast.ValueSpec).Names {
			names = append(names, id.Name)
		}
	}
	return names
}

// HasBody reports whether versions of a function are functions of their own.
func (d *Decl) HasBody() bool { return d.Kind == syntax.FuncDecl && !d.Generic }

// Reads lists the symbols of the variables that declarations refer to, directly or not.
func Reads(uses map[*Decl]bool) []string {
	seen := make(map[*Decl]bool)
	for d := range uses {
		d.Closure(seen)
	}
	var names []string
	for d := range seen {
		if d.Kind == syntax.VarDecl {
			names = append(names, d.Symbol)
		}
	}
	slices.Sort(names)
	return names
}

// Sorted lists a set by symbols, methods by those of their types.
func Sorted(set map[*Decl]bool) []*Decl {
	key := func(d *Decl) string {
		if d.Recv != nil {
			return d.Recv.Symbol + "." + d.Name
		}
		return d.Symbol
	}
	return slices.SortedFunc(maps.Keys(set), func(a, b *Decl) int { return strings.Compare(key(a), key(b)) })
}
