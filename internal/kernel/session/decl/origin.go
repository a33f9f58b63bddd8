package decl

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// An Origin is the text that a variable has its type from. It is kept for types
// with an array in them, because the length may be a constant, or come from one,
// and the type does not tell.
type Origin struct {
	Src *syntax.Source
	// typ is the type as it is written, or else value is the expression that has
	// it, alone or as the index-th of several results.
	typ, value   ast.Expr
	index, count int
}

// NewOrigin makes the origin of the index-th of count variables that are declared together,
// with a type, values, or both; nil where they have neither.
func NewOrigin(src *syntax.Source, typ ast.Expr, values []ast.Expr, index, count int) *Origin {
	o := &Origin{Src: src, typ: typ}
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
func (o *Origin) node() ast.Expr {
	if o.typ != nil {
		return o.typ
	}
	return o.value
}

// Declare declares a variable so that it has its type from the same text again.
func (o *Origin) Declare(fset *token.FileSet, name string) string {
	expr := syntax.DirectiveAt(fset, o.node().Pos()) + o.Src.Slice(o.node())
	if o.typ != nil {
		return "var " + name + " " + expr
	}
	names := slices.Repeat([]string{"_"}, o.count)
	names[o.index] = name
	return "var " + strings.Join(names, ", ") + " = " + expr
}

// HasArray reports whether a type is made with one that has a length. What a
// declared type is made of is the declaration's business, but for its arguments.
func HasArray(t types.Type, seen map[types.Type]bool) bool {
	if seen == nil {
		seen = make(map[types.Type]bool)
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	has := func(t types.Type) bool { return HasArray(t, seen) }
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
