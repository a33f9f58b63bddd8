// Package docs is the documentation of packages, read from their source and set as pages
// that front ends show.
//
// A [Library] finds where the source of a package lies, in the version that the session has
// compiled, parses it once and keeps that. Compiled packages do not hold comments, but they
// have the place of each declaration, so a field or a method is found in the source by its
// line. [Library.Describe] makes a [Page] of an object: declaration, comment, example;
// [Library.Source] is its text, for those who ask twice; [Page.Bundle] sets a page as plain
// text and as Markdown. Where a package's source is not to be had, its types are all that
// is said.
package docs

import (
	"bytes"
	"context"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/session/modules"
)

// A Library knows the documentation of packages, read from their source and kept.
// Parsing a package takes a few milliseconds to some ten, an eighth of what
// starting go doc does. Its methods may be called from several goroutines.
type Library struct {
	index *modules.Index
	root  string         // GOROOT
	fset  *token.FileSet // of compiled packages

	mu       sync.Mutex // guards what follows, by key
	folders  map[string]string
	packages map[string]*packageDocs
	old      map[string]map[string]bool
}

// packageDocs is the documentation of one package.
type packageDocs struct {
	*doc.Package
	fset *token.FileSet
	// fields are the fields of structs and methods of interfaces by where their
	// names are, which compiled packages know, too.
	fields map[sourceLine]*ast.Field
}

// A sourceLine is a line of a file, whose name has no folder.
type sourceLine struct {
	file string
	line int
}

// New returns a library of the packages of an index. Root is GOROOT, fset has the positions
// of what the index imports.
func New(x *modules.Index, root string, fset *token.FileSet) *Library {
	return &Library{index: x, root: root, fset: fset, folders: make(map[string]string),
		packages: make(map[string]*packageDocs), old: make(map[string]map[string]bool)}
}

// key tells the versions of a package apart, once it is compiled.
func (d *Library) key(path string) string {
	if p := d.index.Package(path); p.Export != "" {
		return p.Export
	}
	return path
}

// packageOf returns the documentation of a package, or nil where its source is not
// there.
func (d *Library) packageOf(ctx context.Context, path string) *packageDocs {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := d.key(path)
	if p, ok := d.packages[key]; ok {
		return p
	}
	p := read(path, d.sourceFolder(ctx, path))
	if ctx.Err() == nil {
		d.packages[key] = p
	}
	return p
}

// sourceFolder returns where a package's source is, or "". The caller holds mu.
func (d *Library) sourceFolder(ctx context.Context, path string) string {
	key := d.key(path)
	dir, ok := d.folders[key]
	if ok {
		return dir
	}
	dir = filepath.Join(d.root, "src", filepath.FromSlash(path))
	if _, err := os.Stat(dir); err != nil { // not of the standard library
		if dir = d.index.SourceFolder(ctx, path); dir == "" {
			return ""
		}
	}
	d.folders[key] = dir
	return dir
}

// read reads the documentation of the package in a folder.
func read(path, dir string) *packageDocs {
	if dir == "" {
		return nil
	}
	found, err := build.ImportDir(dir, 0)
	if found == nil || err != nil && found.Name == "" {
		return nil
	}
	p := &packageDocs{fset: token.NewFileSet(), fields: make(map[sourceLine]*ast.Field)}
	var files []*ast.File
	parse := func(name string, needs string) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Contains(text, []byte(needs)) {
			return
		}
		if f, _ := parser.ParseFile(p.fset, name, text, parser.ParseComments|parser.SkipObjectResolution); f != nil {
			files = append(files, f)
		}
	}
	for _, name := range slices.Concat(found.GoFiles, found.CgoFiles) {
		parse(name, "")
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok {
				for _, id := range field.Names {
					at := p.fset.Position(id.Pos())
					p.fields[sourceLine{at.Filename, at.Line}] = field
				}
			}
			_, isFunc := n.(*ast.FuncDecl)
			return !isFunc
		})
	}
	for _, name := range slices.Concat(found.TestGoFiles, found.XTestGoFiles) {
		parse(name, "\nfunc Example")
	}
	var mode doc.Mode
	if path == "builtin" {
		mode = doc.AllDecls // the language's names are in lower case
	}
	if p.Package, err = doc.NewFromFiles(p.fset, files, path, mode); err != nil {
		return nil
	}
	return p
}

// Deprecated returns the names of a package that its documentation says not to
// use in new code. It looks only at files that use the word, and only where the
// source can be found at once.
func (d *Library) Deprecated(path string) map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := d.key(path)
	if names, ok := d.old[key]; ok {
		return names
	}
	dir, ok := d.folders[key]
	if !ok {
		if modules.IsModule(path) {
			return nil
		}
		dir = d.sourceFolder(context.Background(), path)
	}
	names := make(map[string]bool)
	d.old[key] = names
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil || !bytes.Contains(text, []byte("// Deprecated:")) {
			continue
		}
		if f, _ := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments|parser.SkipObjectResolution); f != nil {
			deprecatedIn(f, names)
		}
	}
	return names
}

// deprecatedIn adds the package-level names of a file that are deprecated.
func deprecatedIn(f *ast.File, names map[string]bool) {
	old := func(group *ast.CommentGroup) bool {
		return group != nil && strings.Contains("\n"+group.Text(), "\nDeprecated:")
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && old(d.Doc) {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if old(spec.Doc) || old(d.Doc) {
						names[spec.Name.Name] = true
					}
				case *ast.ValueSpec:
					if old(spec.Doc) || old(d.Doc) {
						for _, id := range spec.Names {
							names[id.Name] = true
						}
					}
				}
			}
		}
	}
}
