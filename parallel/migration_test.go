package parallel

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sources are the parsed files of this package, without tests.
func sources(t *testing.T) (list []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, file)
	}
	return list
}

// TestTheGuideNamesWhatThereIs looks for the names in the right columns of the guide for those who
// come from ipyparallel.
func TestTheGuideNamesWhatThereIs(t *testing.T) {
	known := map[string]bool{}
	for _, file := range sources(t) {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				known[receiver(d)+d.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						known[spec.Name.Name] = true
						if fields, ok := spec.Type.(*ast.StructType); ok {
							for _, f := range fields.Fields.List {
								for _, n := range f.Names {
									known[spec.Name.Name+"."+n.Name] = true
								}
							}
						}
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							known[n.Name] = true
						}
					}
				}
			}
		}
	}
	text, err := os.ReadFile("../docs/coming-from-ipyparallel.md")
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range regexp.MustCompile("`([A-Z]\\w*(?:\\.[A-Z]\\w*)?)`").FindAllStringSubmatch(cells[2], -1) {
			if names++; !known[strings.Replace(m[1], "AsyncResult.", "running.", 1)] && !known[m[1]] {
				t.Errorf("the guide names %s, which is not in the package", m[1])
			}
		}
	}
	if names < 80 {
		t.Error("the guide names only", names)
	}
}

// receiver is the name of a method's type, and a dot.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	return t.(*ast.Ident).Name + "."
}
