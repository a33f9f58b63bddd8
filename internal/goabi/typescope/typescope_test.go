package typescope_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/goparallel/goparallel/internal/goabi/typescope"
)

// A package whose scope was emptied is checked again with other declarations of the same names,
// and what earlier ones have declared is found in the scope around it.
func TestPackageIsCheckedAgain(t *testing.T) {
	fset := token.NewFileSet()
	pkg := types.NewPackage("session", "main")
	check := func(source string) error {
		file, err := parser.ParseFile(fset, "", "package main\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		conf := types.Config{Importer: importer.Default()}
		return types.NewChecker(&conf, fset, pkg, nil).Files([]*ast.File{file})
	}
	if err := check("type point struct{ x int }\nvar p point\n"); err != nil {
		t.Fatal(err)
	}
	first := pkg.Scope().Lookup("point")
	earlier := types.NewScope(types.Universe, token.NoPos, token.NoPos, "earlier")
	typescope.Set(earlier, types.Universe, map[string]types.Object{"p": pkg.Scope().Lookup("p"), "old": first})
	typescope.Set(pkg.Scope(), earlier, make(map[string]types.Object))
	if n := pkg.Scope().NumChildren(); n != 0 || pkg.Scope().Len() != 0 {
		t.Errorf("the scope has %d names and %d children", pkg.Scope().Len(), n)
	}
	if err := check("type point struct{ y string }\nvar q = point{\"a\"}.y\nvar x = p.x + old{1}.x\n"); err != nil {
		t.Errorf("declared again: %v", err)
	}
	if second := pkg.Scope().Lookup("point"); second == nil || second == first {
		t.Errorf("point is %v, and was %v", second, first)
	}
	typescope.Set(pkg.Scope(), types.Universe, make(map[string]types.Object))
	if err := check("var z = p\n"); err == nil {
		t.Error("a name is known that no scope has")
	}
}
