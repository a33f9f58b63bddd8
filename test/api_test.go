package test

import (
	"bytes"
	"errors"
	"flag"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateAPI = flag.Bool("update-api", false, "write what the public packages export to testdata/api")

// A change of what people's programs and cells can call is seen: what the packages that can be imported
// export is kept in testdata/api, and written there by
//
//	go test ./test -run TestAPI -update-api
//
// Another such package is seen as well: it has no file there. See docs/decisions/0018-public-packages.md.
func TestAPI(t *testing.T) {
	folder := filepath.Join("testdata", "api")
	public := importable(t)
	for _, pkg := range public {
		golden := filepath.Join(folder, goldenName(pkg))
		has := exported(t, filepath.Join("..", pkg))
		if *updateAPI {
			if err := os.WriteFile(golden, []byte(strings.Join(has, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		wanted := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		for _, line := range has {
			if !slices.Contains(wanted, line) {
				t.Errorf("%s has, and %s has not:\n%s", pkg, golden, line)
			}
		}
		for _, line := range wanted {
			if !slices.Contains(has, line) {
				t.Errorf("%s has, and %s has no more:\n%s", golden, pkg, line)
			}
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.ContainsFunc(public, func(pkg string) bool { return goldenName(pkg) == f.Name() }) {
			t.Errorf("%s is about no package that can be imported", f.Name())
		}
	}
}

// goldenName is the file of a package, by its folder.
func goldenName(pkg string) string {
	if pkg == "." {
		return "goparallel.txt"
	}
	return strings.ReplaceAll(pkg, "/", "-") + ".txt"
}

// importable lists the folders of the packages that programs of others can import, those of nested modules as well.
func importable(t *testing.T) (list []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return err
		case d.Name() == "internal" || d.Name() == "testdata" || path != ".." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		}
		pkg, err := build.ImportDir(path, 0)
		if err == nil && pkg.Name != "main" && len(pkg.GoFiles) > 0 {
			of, err := filepath.Rel("..", path)
			if err != nil {
				return err
			}
			list = append(list, filepath.ToSlash(of))
		}
		if _, none := errors.AsType[*build.NoGoError](err); none {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// exported lists the exported declarations of a package, each in one line, sorted.
func exported(t *testing.T, dir string) (lines []string) {
	t.Helper()
	pkg, err := build.ImportDir(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	add := func(prefix string, node any) {
		var b bytes.Buffer
		if err := printer.Fprint(&b, fset, node); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, prefix+strings.Join(strings.Fields(b.String()), " "))
	}
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(file)
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && !receiver(d).IsExported() {
					continue
				}
				d.Body = nil
				add("", d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok && v.Type != nil {
						v.Values = nil
					}
					add(d.Tok.String()+" ", spec)
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// receiver is the name of a method's type.
func receiver(d *ast.FuncDecl) *ast.Ident {
	for t := d.Recv.List[0].Type; ; {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return x.(*ast.Ident)
		}
	}
}
