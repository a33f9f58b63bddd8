package session

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// variables gives the variables of consecutive declarations their values, in
// Go's order: again and again the first of those whose value needs none that is
// still to come.
func (w *runWriter) variables(specs []*ast.ValueSpec) {
	for {
		var first, ready *ast.ValueSpec
		for _, spec := range specs {
			if w.done[spec] {
				continue
			}
			if first == nil {
				first = spec
			}
			waits := slices.ContainsFunc(w.needs(spec), func(n *ast.ValueSpec) bool { return !w.done[n] && slices.Contains(specs, n) })
			if !waits {
				ready = spec
				break
			}
		}
		switch {
		case ready != nil:
			w.variable(ready)
		case first != nil: // a cycle, which Go allows in a function's statements
			w.variable(first)
		default:
			return
		}
	}
}

// needs lists the other declarations of the cell's variables that the value of
// one refers to, directly or through functions.
func (w *runWriter) needs(spec *ast.ValueSpec) []*ast.ValueSpec {
	uses := make(map[*decl]bool)
	for _, v := range spec.Values {
		w.g.s.textUses(v, w.r.info, uses)
	}
	seen := make(map[*decl]bool)
	for d := range uses {
		d.closure(seen)
	}
	var list []*ast.ValueSpec
	for _, chunk := range sortedKeys(w.specs) {
		for _, other := range w.specs[chunk] {
			for d := range seen {
				if w.of[d] == other && other != spec && !slices.Contains(list, other) {
					list = append(list, other)
				}
			}
		}
	}
	return list
}

// variable gives the variables of a declaration their values, after those that
// they need.
func (w *runWriter) variable(spec *ast.ValueSpec) {
	if w.done[spec] {
		return
	}
	w.done[spec] = true
	for _, other := range w.needs(spec) {
		w.variable(other)
	}
	var names []string
	blank := true
	for _, id := range spec.Names {
		names = append(names, w.r.ident(id, false))
		blank = blank && id.Name == "_"
	}
	switch {
	case blank:
		w.line("var " + w.r.node(spec))
	case len(spec.Values) == 0:
		for i, id := range spec.Names {
			if id.Name != "_" {
				w.line(names[i] + " = " + w.g.zero(w.r.info.Defs[id].Type()))
			}
		}
	default:
		var values []string
		for _, v := range spec.Values {
			values = append(values, w.r.node(v))
		}
		w.line(strings.Join(names, ", ") + " = " + strings.Join(values, ", "))
	}
}

// zero is the zero value of a type, as an expression.
func (g *generator) zero(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return g.printer(nil).text(t) + "{}"
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsNumeric != 0:
			return "0"
		}
	}
	return "nil"
}
