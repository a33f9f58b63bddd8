package docs

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
)

// Source returns the declaration of what a package declares, as it stands in the
// package's source, or "" where that is not there. The documentation of a package
// has no bodies of functions, so the file is read again. Of a package it is all that is
// declared, with the comments.
func (d *Library) Source(ctx context.Context, obj types.Object) string {
	if p, ok := obj.(*types.PkgName); ok {
		if known := d.packageOf(ctx, p.Imported().Path()); known != nil {
			return known.everything()
		}
		return ""
	}
	if obj.Pkg() == nil {
		return "" // part of the language
	}
	at := d.fset.Position(obj.Pos())
	d.mu.Lock()
	dir := d.sourceFolder(ctx, obj.Pkg().Path())
	d.mu.Unlock()
	if dir == "" || !at.IsValid() {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(dir, filepath.Base(at.Filename)))
	if err != nil {
		return ""
	}
	fset := token.NewFileSet()
	file, _ := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return ""
	}
	around := func(n ast.Node) bool {
		return fset.Position(n.Pos()).Line <= at.Line && at.Line <= fset.Position(n.End()).Line
	}
	between := func(doc *ast.CommentGroup, n ast.Node) string {
		begin := n.Pos()
		if doc != nil {
			begin = doc.Pos()
		}
		return string(text[fset.Position(begin).Offset:fset.Position(n.End()).Offset])
	}
	for _, decl := range file.Decls {
		if !around(decl) {
			continue
		}
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			return between(decl.Doc, decl)
		case *ast.GenDecl:
			if decl.Tok == token.TYPE && decl.Lparen.IsValid() {
				for _, spec := range decl.Specs {
					if around(spec) {
						return "type " + between(nil, spec)
					}
				}
			}
			return between(decl.Doc, decl) // of constants all, since one may repeat another
		}
	}
	return ""
}
