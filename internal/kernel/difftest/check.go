package difftest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A file is a text that is type-checked, in pieces that belong to declarations.
type file struct {
	text   strings.Builder
	pieces []piece
}

type piece struct {
	start, end int
	d          *decl
}

func newFile(imports map[string]bool) *file {
	f := &file{}
	f.text.WriteString("package main\n")
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&f.text, "import %q\n", path)
	}
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&f.text, "var _ = %s\n", packages[path])
	}
	f.text.WriteString("func showᐧ(...any) {}\n")
	return f
}

func (f *file) put(d *decl, text string) {
	start := f.text.Len()
	f.text.WriteString(text)
	f.pieces = append(f.pieces, piece{start, f.text.Len(), d})
}

// at returns the declaration that an offset belongs to.
func (f *file) at(offset int) *decl {
	for _, p := range f.pieces {
		if p.start <= offset && offset < p.end {
			return p.d
		}
	}
	return nil
}

// A result is the outcome of a check.
type result struct {
	syntax error
	errs   []types.Error
	fset   *token.FileSet
	info   *types.Info
	pkg    *types.Package
	names  []reference
}

// A reference is an identifier that means a declaration at package level, or the field
// that is named after an embedded type.
type reference struct {
	offset int
	text   string
	name   string
}

func (r *result) offset(pos token.Pos) int { return r.fset.Position(pos).Offset }

func (f *file) check(importer types.Importer) *result {
	r := &result{fset: token.NewFileSet(), info: &types.Info{
		Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object), Instances: make(map[*ast.Ident]types.Instance),
	}}
	syntax, err := parser.ParseFile(r.fset, "", f.text.String(), parser.SkipObjectResolution)
	if err != nil {
		r.syntax = err
		return r
	}
	conf := types.Config{Importer: importer, GoVersion: "go1.27", Error: func(err error) { r.errs = append(r.errs, err.(types.Error)) }}
	r.pkg, _ = conf.Check("main", r.fset, []*ast.File{syntax}, r.info) // the errors are in errs
	for _, ids := range []map[*ast.Ident]types.Object{r.info.Defs, r.info.Uses} {
		for id, obj := range ids {
			if name := r.packageLevel(obj); name != "" {
				r.names = append(r.names, reference{r.offset(id.Pos()), id.Name, name})
			}
		}
	}
	slices.SortFunc(r.names, func(a, b reference) int { return cmp.Compare(a.offset, b.offset) })
	r.names = slices.CompactFunc(r.names, func(a, b reference) bool { return a.offset == b.offset })
	return r
}

func (r *result) packageLevel(obj types.Object) string {
	if obj == nil || obj.Pkg() != r.pkg {
		return ""
	}
	if v, ok := obj.(*types.Var); ok && v.Embedded() {
		t := v.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := t.(*types.Named); ok && named.Obj().Pkg() == r.pkg {
			return named.Obj().Name()
		}
		return ""
	}
	if obj.Parent() == r.pkg.Scope() {
		return obj.Name()
	}
	return ""
}

// renamed is the text of a declaration, from an offset in it on, with the program's names.
func (f *file) renamed(r *result, d *decl, symbol func(string) string, from int) string {
	text := f.text.String()
	var b strings.Builder
	first := true
	for _, p := range f.pieces {
		if p.d != d {
			continue
		}
		at := p.start
		if first {
			at += from
			first = false
		}
		for _, id := range r.names {
			if id.offset < at || id.offset >= p.end {
				continue
			}
			b.WriteString(text[at:id.offset] + symbol(id.name))
			at = id.offset + len(id.text)
		}
		b.WriteString(text[at:p.end])
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// typeText writes a type as a cell would.
func typeText(t types.Type) string {
	generic := ""
	if sig, ok := t.(*types.Signature); ok {
		t = types.NewSignatureType(nil, nil, nil, unnamed(sig.Params()), unnamed(sig.Results()), sig.Variadic())
		for param := range sig.TypeParams().TypeParams() {
			generic += param.Obj().Name() + " " + typeText(param.Constraint()) + ", "
		}
	}
	return generic + types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
}

// unnamed leaves out the names of parameters, which make no difference to a signature.
func unnamed(list *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range list.Variables() {
		vars = append(vars, types.NewParam(token.NoPos, nil, "", v.Type()))
	}
	return types.NewTuple(vars...)
}

// A layout compares the memory of two versions of a type, as docs/notebook.md has it: the
// same fields in the same order, inside pointers, slices, maps, channels and functions
// too. An interface of another version is another one.
type layout struct {
	other func(string) bool // reports whether a name has another version by now
	seen  map[[2]types.Type]bool
}

var word = regexp.MustCompile(`(\.?)([\pL_][\pL_\d]*)`)

func (l layout) mentions(t types.Type) bool { return l.mentionedIn(typeText(t)) }

func (l layout) mentionedIn(text string) bool {
	for _, w := range word.FindAllStringSubmatch(text, -1) {
		if w[1] == "" && l.other(w[2]) {
			return true
		}
	}
	return false
}

func (l layout) same(a, b types.Type) bool {
	if typeText(a) == typeText(b) && !l.mentions(a) || l.seen[[2]types.Type{a, b}] {
		return true
	}
	l.seen[[2]types.Type{a, b}] = true
	switch x := a.Underlying().(type) {
	case *types.Basic:
		y, ok := b.Underlying().(*types.Basic)
		return ok && x.Kind() == y.Kind()
	case *types.Struct:
		y, ok := b.Underlying().(*types.Struct)
		if !ok || x.NumFields() != y.NumFields() {
			return false
		}
		for i := range x.NumFields() {
			if x.Field(i).Name() != y.Field(i).Name() || !l.same(x.Field(i).Type(), y.Field(i).Type()) {
				return false
			}
		}
		return true
	case *types.Pointer:
		y, ok := b.Underlying().(*types.Pointer)
		return ok && l.same(x.Elem(), y.Elem())
	case *types.Slice:
		y, ok := b.Underlying().(*types.Slice)
		return ok && l.same(x.Elem(), y.Elem())
	case *types.Array:
		y, ok := b.Underlying().(*types.Array)
		return ok && x.Len() == y.Len() && l.same(x.Elem(), y.Elem())
	case *types.Map:
		y, ok := b.Underlying().(*types.Map)
		return ok && l.same(x.Key(), y.Key()) && l.same(x.Elem(), y.Elem())
	case *types.Chan:
		y, ok := b.Underlying().(*types.Chan)
		return ok && x.Dir() == y.Dir() && l.same(x.Elem(), y.Elem())
	case *types.Signature:
		y, ok := b.Underlying().(*types.Signature)
		return ok && x.Variadic() == y.Variadic() && l.sameTuple(x.Params(), y.Params()) && l.sameTuple(x.Results(), y.Results())
	}
	return false
}

func (l layout) sameTuple(a, b *types.Tuple) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !l.same(a.At(i).Type(), b.At(i).Type()) {
			return false
		}
	}
	return true
}
