package test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateAPI = flag.Bool("update-api", false, "write what the public packages export to testdata/api")

// A change of what people's programs and cells can call is seen: what the public packages
// export is kept in testdata/api, and written there by
//
//	go test ./test -run TestAPI -update-api
func TestAPI(t *testing.T) {
	for _, pkg := range []string{"parallel", "plots", "kernel/comms", "kernel/display", "kernel/widgets"} {
		golden := filepath.Join("testdata", "api", strings.ReplaceAll(pkg, "/", "-")+".txt")
		has := exported(t, filepath.Join("..", pkg))
		if *updateAPI {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
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
