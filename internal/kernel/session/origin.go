package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// An origin is the text that a variable has its type from. It is kept for types
// with an array in them, because the length may be a constant, or come from one,
// and the type does not tell.
type origin struct {
	src *syntax.Source
	// typ is the type as it is written, or else value is the expression that has
	// it, alone or as the index-th of several results.
	typ, value   ast.Expr
	index, count int
}

// originOf returns the origin of a variable of this compilation, or nil.
func (c *compilation) originOf(name string, t types.Type) *origin {
	if !hasArray(t, nil) {
		return nil
	}
	for _, d := range slices.Concat(c.decls, c.extra) {
		if spec, ok := d.Node.(*ast.ValueSpec); ok && d.Name == name {
			i := slices.Index(spec.Names, d.Ident)
			return newOrigin(d.Src, spec.Type, spec.Values, i, len(spec.Names))
		}
	}
	for _, stmt := range c.cell.Run.Body.List {
		for i, id := range syntax.AssignedNames(stmt) {
			if id == name {
				assign := stmt.(*ast.AssignStmt)
				return newOrigin(c.cell.Source, nil, assign.Rhs, i, len(assign.Lhs))
			}
		}
	}
	return nil
}

func newOrigin(src *syntax.Source, typ ast.Expr, values []ast.Expr, index, count int) *origin {
	o := &origin{src: src, typ: typ}
	switch {
	case typ != nil:
	case len(values) == count:
		o.value, o.count = values[index], 1
	case len(values) == 1:
		o.value, o.index, o.count = values[0], index, count
	default:
		return nil
	}
	return o
}

// node is the expression of the origin.
func (o *origin) node() ast.Expr {
	if o.typ != nil {
		return o.typ
	}
	return o.value
}

// text declares a variable so that it has its type from the same text again.
func (o *origin) text(fset *token.FileSet, name string) string {
	expr := syntax.DirectiveAt(fset, o.node().Pos()) + o.src.Slice(o.node())
	if o.typ != nil {
		return "var " + name + " " + expr
	}
	names := slices.Repeat([]string{"_"}, o.count)
	names[o.index] = name
	return "var " + strings.Join(names, ", ") + " = " + expr
}

// hasArray reports whether a type is made with one that has a length. What a
// declared type is made of is the declaration's business, but for its arguments.
func hasArray(t types.Type, seen map[types.Type]bool) bool {
	if seen == nil {
		seen = make(map[types.Type]bool)
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	has := func(t types.Type) bool { return hasArray(t, seen) }
	args := func(list *types.TypeList) bool {
		for t := range list.Types() {
			if has(t) {
				return true
			}
		}
		return false
	}
	switch t := t.(type) {
	case *types.Array:
		return true
	case *types.Alias:
		return args(t.TypeArgs())
	case *types.Named:
		return args(t.TypeArgs())
	case *types.Map:
		return has(t.Key()) || has(t.Elem())
	case interface{ Elem() types.Type }: // pointer, slice, channel
		return has(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if has(f.Type()) {
				return true
			}
		}
	case *types.Tuple:
		for v := range t.Variables() {
			if has(v.Type()) {
				return true
			}
		}
	case *types.Signature:
		return has(t.Params()) || has(t.Results())
	case *types.Interface:
		for m := range t.Methods() {
			if has(m.Type()) {
				return true
			}
		}
	}
	return false
}
