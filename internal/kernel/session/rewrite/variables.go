package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// An initialiser gives one variable of a cell its value, or all those of
// var a, b = f().
type initialiser struct {
	names  []*ast.Ident
	spec   *ast.ValueSpec
	value  ast.Expr // nil for the zero value
	chunk  int
	zeroed bool           // it has its zero value, and only its turn is to come
	needs  []*initialiser // those whose values this one refers to, directly or through functions
	done   bool
}

// initialisers lists those of the cell in the order of the text.
func (w *runWriter) initialisers() (list []*initialiser) {
	c := w.g.c
	for _, d := range c.Parsed.File.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		chunk := c.ChunkAt(gen.Specs[0].Pos())
		for _, spec := range gen.Specs {
			spec := spec.(*ast.ValueSpec)
			switch len(spec.Values) {
			case len(spec.Names):
				for i, name := range spec.Names {
					list = append(list, &initialiser{names: []*ast.Ident{name}, spec: spec, value: spec.Values[i], chunk: chunk})
				}
			case 1:
				list = append(list, &initialiser{names: spec.Names, spec: spec, value: spec.Values[0], chunk: chunk})
			default:
				list = append(list, &initialiser{names: spec.Names, spec: spec, chunk: chunk})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *initialiser) int { return a.chunk - b.chunk })
	for _, v := range list {
		for _, name := range v.names {
			if d := w.g.State.Of[w.r.info.Defs[name]]; d != nil {
				w.of[d] = v
			}
		}
	}
	for _, v := range list {
		if v.value != nil {
			v.needs = w.refersTo(v.value, nil)
		}
	}
	return list
}

// refersTo lists the initialisers of the variables that a text refers to, as Go
// has it: directly, through the functions that it names, and through methods that
// are not called through an interface. What is below skip does not count.
func (w *runWriter) refersTo(n ast.Node, skip func(ast.Node) bool) (list []*initialiser) {
	if len(w.of) == 0 {
		return nil
	}
	seen := make(map[*decl.Decl]bool)
	var walk func(ast.Node, *types.Info)
	walk = func(n ast.Node, info *types.Info) {
		ast.Inspect(n, func(n ast.Node) bool {
			if skip != nil && n != nil && skip(n) {
				return false
			}
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			d := w.g.State.Of[info.Uses[id]]
			if fn, ok := info.Uses[id].(*types.Func); ok {
				d = w.g.State.DeclOf(fn.Origin())
			}
			if d == nil || seen[d] {
				return true
			}
			seen[d] = true
			if d.Kind == syntax.FuncDecl {
				if !w.g.own[d] && !w.reaches(d) {
					return true
				}
				outer := skip
				skip = nil
				walk(d.Node, d.Info)
				skip = outer
			} else if v := w.of[d]; v != nil && !w.stays(v) && !slices.Contains(list, v) {
				list = append(list, v)
			}
			return true
		})
	}
	walk(n, w.r.info)
	return list
}

// reaches reports whether a function of an earlier cell may refer to what this one
// initialises. In a long session most do not, and have many others behind them.
func (w *runWriter) reaches(d *decl.Decl) bool {
	if w.apart[d] {
		return false
	}
	closure := d.Closure(nil)
	for v := range w.of {
		if closure[v] {
			return true
		}
	}
	maps.Copy(w.apart, closure)
	return false
}

// stays reports whether an initialiser is a := of variables that have values
// already: what stands above it refers to those.
func (w *runWriter) stays(v *initialiser) bool {
	if _, promoted := w.g.c.Promoted[v.chunk]; !promoted {
		return false
	}
	return !slices.ContainsFunc(v.names, func(id *ast.Ident) bool {
		return id.Name != "_" && w.g.State.Names[id.Name] != w.g.State.Of[w.r.info.Defs[id]]
	})
}

// initialise gives variables their values, and before them those that they need,
// in Go's order: again and again the first one in the text whose value needs none
// that is still to come.
func (w *runWriter) initialise(wanted []*initialiser) {
	waiting := make(map[*initialiser]bool)
	var visit func(*initialiser)
	visit = func(v *initialiser) {
		if v.done || waiting[v] {
			return
		}
		waiting[v] = true
		for _, n := range v.needs {
			visit(n)
		}
	}
	for _, v := range wanted {
		visit(v)
	}
	if len(waiting) == 0 {
		return
	}
	list := make([]*initialiser, 0, len(waiting))
	for _, v := range w.vars {
		if waiting[v] {
			list = append(list, v)
		}
	}
	for len(list) > 0 {
		next := slices.IndexFunc(list, func(v *initialiser) bool {
			return !slices.ContainsFunc(v.needs, func(n *initialiser) bool { return n != v && !n.done })
		})
		next = max(next, 0) // in a circle, which := allows, the first one begins
		w.variable(list[next])
		list = slices.Delete(list, next, next+1)
	}
}

// variable gives the variables of an initialiser their value.
func (w *runWriter) variable(v *initialiser) {
	v.done = true
	if v.zeroed {
		return
	}
	w.g.c.Poll()
	blank := true
	var names []string
	for _, id := range v.names {
		names = append(names, w.r.ident(id, false))
		blank = blank && id.Name == "_"
	}
	switch {
	case w.g.embeddings[v.spec] != nil:
		w.line(names[0] + " = " + w.embedded(w.g.embeddings[v.spec], w.r.info.Defs[v.names[0]].Type()))
	case v.value == nil:
		for i, id := range v.names {
			if id.Name != "_" {
				w.line(names[i] + " = " + w.g.zero(w.r.info.Defs[id].Type()))
			}
		}
	case blank && v.spec.Type != nil:
		w.line("var " + strings.Join(names, ", ") + " " + w.r.bare(v.spec.Type) + " = " + w.r.node(v.value))
	default:
		w.line(strings.Join(names, ", ") + " = " + w.r.node(v.value) + w.r.afterWork(v.value))
	}
}

// zero is the zero value of a type, as an expression.
func (g *generator) zero(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return g.printer(nil).Text(t) + "{}"
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
