package stack

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// The functions that are ours are told by their names, so what these begin with must exist: a type or package that got another
// name would be shown to users.
func TestWhatIsOursExists(t *testing.T) {
	for _, name := range ours {
		name = strings.TrimPrefix(name, "created by ")
		path, isOurs := strings.CutPrefix(name, "github.com/goparallel/goparallel/")
		if !isOurs {
			continue // of Go
		}
		path, typ, isMethod := strings.Cut(path, ".(*")
		folder := filepath.Join("..", "..", "..", strings.TrimSuffix(path, "."))
		if files, _ := filepath.Glob(filepath.Join(folder, "*")); len(files) == 0 {
			t.Errorf("there is no %s", folder)
		}
		if isMethod && !declares(t, folder, strings.TrimSuffix(typ, ").")) {
			t.Errorf("%s has no type for %s", folder, name)
		}
	}
}

// declares reports whether a package declares a type.
func declares(t *testing.T, folder, typ string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.TYPE {
				for _, spec := range d.Specs {
					if spec.(*ast.TypeSpec).Name.Name == typ {
						return true
					}
				}
			}
		}
	}
	return false
}
