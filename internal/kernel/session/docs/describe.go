package docs

import (
	"bytes"
	"context"
	"go/ast"
	"go/doc"
	"go/format"
	"go/printer"
	"go/types"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// Describe documents what a package declares. Where its source is not there, the
// type is all that is known.
func (d *Library) Describe(ctx context.Context, obj types.Object) *Page {
	path := "builtin"
	if p, ok := obj.(*types.PkgName); ok {
		path = p.Imported().Path()
	} else if obj.Pkg() != nil {
		path = obj.Pkg().Path()
	}
	p := &Page{Code: Declaration(obj, (*types.Package).Name), Where: importLine(path)}
	known := d.packageOf(ctx, path)
	if known == nil {
		return p
	}
	p.pkg = known.Package
	switch obj := obj.(type) {
	case *types.PkgName:
		p.Code, p.Comment = known.overview(), known.Doc
		p.example = known.example(known.Examples)
	case *types.Func:
		if f := known.function(obj); f != nil {
			p.Code, p.Comment, p.example = known.print(f.Decl), f.Doc, known.example(f.Examples)
			break
		}
		p.Comment = d.ofField(ctx, obj)
	case *types.TypeName:
		if t := known.typeNamed(obj.Name()); t != nil {
			p.Code, p.Comment, p.example = known.typeWithMethods(t), t.Doc, known.example(t.Examples)
		}
	case *types.Builtin, *types.Nil:
		known.predeclared(obj.Name(), p)
	default:
		if v, ok := obj.(*types.Var); ok && v.IsField() {
			p.Comment = d.ofField(ctx, obj)
			break
		}
		if obj.Pkg() == nil {
			known.predeclared(obj.Name(), p)
			break
		}
		if v := known.value(obj.Name()); v != nil {
			p.Comment = known.valueDoc(v, obj.Name())
		}
	}
	return p
}

// Declaration writes an object's declaration, and the value of a constant.
func Declaration(obj types.Object, qualifier types.Qualifier) string {
	text := types.ObjectString(obj, qualifier)
	if c, ok := obj.(*types.Const); ok {
		text += " = " + c.Val().String()
	}
	return text
}

// ofField returns the comment on a field or on a method of an interface, which is
// found by its place: a compiled package knows the file's name and the line.
func (d *Library) ofField(ctx context.Context, obj types.Object) string {
	known := d.packageOf(ctx, obj.Pkg().Path())
	at := d.fset.Position(obj.Pos())
	field := known.fields[sourceLine{filepath.Base(at.Filename), at.Line}]
	switch {
	case field == nil:
		return ""
	case field.Doc != nil:
		return field.Doc.Text()
	}
	return field.Comment.Text()
}

// function finds a function or method.
func (k *packageDocs) function(obj *types.Func) *doc.Func {
	named := func(list []*doc.Func) *doc.Func {
		for _, f := range list {
			if f.Name == obj.Name() {
				return f
			}
		}
		return nil
	}
	if recv := receiverName(obj); recv != "" {
		if t := k.typeNamed(recv); t != nil {
			return named(t.Methods)
		}
		return nil
	}
	if obj.Signature().Recv() != nil {
		return nil
	}
	if f := named(k.Funcs); f != nil {
		return f
	}
	for _, t := range k.Types {
		if f := named(t.Funcs); f != nil {
			return f
		}
	}
	return nil
}

func (k *packageDocs) typeNamed(name string) *doc.Type {
	for _, t := range k.Types {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// value finds the declaration of a constant or variable.
func (k *packageDocs) value(name string) *doc.Value {
	lists := [][]*doc.Value{k.Consts, k.Vars}
	for _, t := range k.Types {
		lists = append(lists, t.Consts, t.Vars)
	}
	for _, list := range lists {
		for _, v := range list {
			for _, n := range v.Names {
				if n == name {
					return v
				}
			}
		}
	}
	return nil
}

// valueDoc returns the comment on one name of a declaration, or on all of it.
func (k *packageDocs) valueDoc(v *doc.Value, name string) string {
	for _, spec := range v.Decl.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for _, id := range spec.Names {
			if id.Name != name {
				continue
			}
			if spec.Doc != nil {
				return spec.Doc.Text()
			}
			if spec.Comment != nil {
				return spec.Comment.Text()
			}
		}
	}
	return v.Doc
}

// predeclared describes what package builtin documents in place of the language.
func (k *packageDocs) predeclared(name string, p *Page) {
	for _, t := range k.Types {
		for _, f := range t.Funcs {
			if f.Name == name {
				p.Code, p.Comment = k.print(f.Decl), f.Doc
			}
		}
	}
	for _, f := range k.Funcs {
		if f.Name == name {
			p.Code, p.Comment = k.print(f.Decl), f.Doc
		}
	}
	if v := k.value(name); v != nil {
		p.Comment = k.valueDoc(v, name)
	}
}

// typeWithMethods is a type's declaration with what makes it and what it can do.
func (k *packageDocs) typeWithMethods(t *doc.Type) string {
	text := k.print(t.Decl)
	for _, f := range append(append([]*doc.Func(nil), t.Funcs...), t.Methods...) {
		text += "\n" + k.print(f.Decl)
	}
	return text
}

// overview lists what a package declares, a line for each.
func (k *packageDocs) overview() string {
	lines := []string{"package " + k.Name + "  // import \"" + k.ImportPath + "\"", ""}
	for _, f := range k.Funcs {
		lines = append(lines, k.print(f.Decl))
	}
	for _, t := range k.Types {
		head, _, more := strings.Cut(k.print(t.Decl), "\n")
		if more {
			head = strings.TrimSuffix(head, " {") + " { … }"
		}
		lines = append(lines, head)
		for _, f := range t.Funcs {
			lines = append(lines, "    "+k.print(f.Decl))
		}
	}
	return strings.Join(lines, "\n")
}

// everything is what a package declares, each with its comment.
func (k *packageDocs) everything() string {
	var parts []string
	add := func(comment string, decl ast.Decl) {
		for line := range strings.Lines(strings.TrimSpace(comment)) {
			parts = append(parts, strings.TrimRight("// "+strings.TrimRight(line, "\n"), " "))
		}
		parts = append(parts, k.print(decl), "")
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			add(v.Doc, v.Decl)
		}
	}
	functions := func(list []*doc.Func) {
		for _, f := range list {
			add(f.Doc, f.Decl)
		}
	}
	values(k.Consts)
	values(k.Vars)
	functions(k.Funcs)
	for _, t := range k.Types {
		add(t.Doc, t.Decl)
		values(t.Consts)
		values(t.Vars)
		functions(t.Funcs)
		functions(t.Methods)
	}
	return strings.Trim(strings.Join(parts, "\n"), "\n")
}

// print formats a declaration.
func (k *packageDocs) print(decl ast.Decl) string {
	var b bytes.Buffer
	if err := format.Node(&b, k.fset, decl); err != nil {
		return ""
	}
	return b.String()
}

var outputComment = regexp.MustCompile(`(?i)\n[ \t]*//[ \t]*(unordered )?output:(?s:.*)$`)

// example returns the first of several as it is typed into a cell.
func (k *packageDocs) example(list []*doc.Example) example {
	if len(list) == 0 {
		return example{}
	}
	first := list[0]
	var b bytes.Buffer
	conf := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
	if err := conf.Fprint(&b, k.fset, &printer.CommentedNode{Node: first.Code, Comments: first.Comments}); err != nil {
		return example{}
	}
	text := b.String()
	if _, ok := first.Code.(*ast.BlockStmt); ok {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
		text = strings.ReplaceAll(text, "\n\t", "\n")
	}
	if first.Output != "" || first.EmptyOutput {
		text = outputComment.ReplaceAllString(text, "")
	}
	return example{code: strings.Trim(text, "\n"), output: strings.TrimSpace(first.Output)}
}

// receiverName is the name of the type that a method belongs to.
func receiverName(fn *types.Func) string {
	if named := typetext.Receiver(fn); named != nil {
		return named.Obj().Name()
	}
	return ""
}
