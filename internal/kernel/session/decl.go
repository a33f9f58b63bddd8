package session

import (
	"go/ast"
	"go/types"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A decl is one version of a session-level declaration: a constant, a type with
// its methods, a variable or a function. A name that is declared again gets a new
// decl, and code compiled against the old one keeps it.
type decl struct {
	name string
	kind syntax.Kind // constDecl, typeDecl, varDecl or funcDecl
	// symbol is the name that the compiler sees. It is the user's name unless that
	// was declared before, or would be an exported name (see symbolFor). Versions that
	// are one and the same to a program have one symbol (see name.go).
	symbol string
	// shape tells the versions of a symbol from others: what the type is made of, of a
	// type or a variable.
	shape string
	// body is the compiler's name of this version of a function or a method, and number
	// counts the versions of its symbol; symbol is that of a function which calls the
	// newest. Generic ones have none.
	body   string
	number int
	// variant counts the signatures that a method of its type has had, methods that of
	// a type's sets of methods.
	variant, methodSet int
	// obj is what later cells' type checks find under the name.
	obj  types.Object
	src  *syntax.Source
	info *types.Info
	// node is the declaration in src: *ast.FuncDecl, *ast.TypeSpec, or for a
	// constant the *ast.GenDecl of its whole group. It is nil for variables.
	node ast.Node
	// text is the user's text of the declaration, by which a cell that is run
	// again is seen to be unchanged.
	text string
	// origin is where a variable has its type from, if that matters. It, held and uses are of
	// who compiles alone: they change when a variable is declared again with the type it has.
	origin *origin
	// generic functions and types have no code of their own: each unit that uses
	// them compiles them from their text.
	generic bool
	// methods of a type; their recv is the type.
	methods []*decl
	recv    *decl
	// uses are the declarations that the text refers to, methods' excluded.
	uses map[*decl]bool
	// held is the version of a variable with another layout whose memory has the value, where
	// this one has lost it.
	held *decl
	// unit is the unit that defines it.
	unit *Unit
}

// holder is the version of a variable that has its value in memory.
func (d *decl) holder() *decl {
	if d.held != nil {
		return d.held
	}
	return d
}

// ptrRecv reports whether a method's receiver is a pointer.
func (d *decl) ptrRecv() bool {
	recv := d.obj.(*types.Func).Signature().Recv()
	_, ok := types.Unalias(recv.Type()).(*types.Pointer)
	return ok
}

// funcVar returns the name of the function variable through which other units
// call the function or method.
func (d *decl) funcVar() string {
	if d.recv != nil {
		name := "ᐧƒ" + d.recv.symbol + "ᐧ" + d.name
		if d.variant > 1 {
			name += syntax.Mark + strconv.Itoa(d.variant)
		}
		return name
	}
	return "ᐧƒ" + d.symbol
}

// closure returns the declarations that d refers to, directly or not, d
// included. Methods of types on the way count, since a value carries them.
func (d *decl) closure(seen map[*decl]bool) map[*decl]bool {
	if seen == nil {
		seen = make(map[*decl]bool)
	}
	if seen[d] {
		return seen
	}
	seen[d] = true
	for u := range d.uses {
		u.closure(seen)
	}
	for _, m := range d.methods {
		m.closure(seen)
	}
	return seen
}

// dependants returns the declarations of all that refer to one of changed,
// directly or not, without those themselves. A variable depends by its type, not
// by what once computed its value.
func dependants(all iter.Seq[*decl], changed map[*decl]bool) map[*decl]bool {
	dirty := make(map[*decl]bool)
	if len(changed) == 0 {
		return dirty
	}
	users := make(map[*decl][]*decl)
	for d := range all {
		for u := range d.uses {
			users[u] = append(users[u], d)
		}
		for _, m := range d.methods {
			for u := range m.uses {
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

// textRefersTo leaves methods out.
func (d *decl) textRefersTo(set map[*decl]bool) bool {
	for u := range d.uses {
		if set[u] {
			return true
		}
	}
	return false
}

// escaping reports whether calls of a function, or of a method, keep alive what
// their uintptr arguments point to. The compiler sees to that only where it calls
// the function by its name.
func (d *decl) escaping() bool {
	return d.kind == syntax.FuncDecl && strings.Contains(syntax.Pragmas(d.node), syntax.Escapes)
}
