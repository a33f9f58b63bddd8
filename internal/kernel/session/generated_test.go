package session

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// generated type-checks what is made of a cell, as a stand-in for the compiler.
func generated(t testing.TB, s *Session, code string) error {
	t.Helper()
	s.turn.Lock()
	defer s.turn.Unlock()
	c := s.compilation(t.Context(), check.KeyOf(code), code)
	u, err := s.unit(c, false)
	if err != nil {
		return err
	}
	if len(u.Opened) > 0 {
		return nil // whose aliases only the compiler gets to see
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", u.Text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	conf := types.Config{Importer: s.checker.Index, Sizes: check.Sizes, GoVersion: toolchain.Language, IgnoreFuncBodies: false}
	_, err = conf.Check(compiler.SymbolPath, fset, []*ast.File{file}, nil)
	return err
}

// TestNamesOfPackages imports every package of the standard library, also under
// names that generated code might use, beside loops, literals and session variables.
func TestNamesOfPackages(t *testing.T) {
	s, err := Open(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var paths []string
	for path, p := range s.workspace.Packages {
		if p.Module == "" && modules.IsPublic(path) && exportedFunc(s, path) != "" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	if len(paths) < 100 {
		t.Fatalf("only %d packages", len(paths))
	}
	const rest = "\nfunc Main() { for range 100 { println() } }\nfor i := 0; i < len(%[1]q); i++ { defer func() { _ = recover() }() }\nk := 2\nf := func() int { for k < 2 { k++ }; return k }\nf()"
	for _, path := range paths {
		name, member := s.checker.Index.Name(path), exportedFunc(s, path)
		if err := generated(t, s, fmt.Sprintf("import %q\nvar keep = %s.%s"+rest, path, name, member)); err != nil {
			t.Errorf("import %q: %v", path, err)
		}
	}
	// All at once.
	names := make(map[string]string)
	for _, path := range paths {
		names[s.checker.Index.Name(path)] = path
	}
	imports, uses := "", ""
	for _, name := range slices.Sorted(maps.Keys(names)) {
		imports += fmt.Sprintf("import %q\n", names[name])
		uses += fmt.Sprintf("_ = %s.%s\n", name, exportedFunc(s, names[name]))
	}
	if err := generated(t, s, imports+uses+fmt.Sprintf(rest, "")); err != nil {
		t.Error(err)
	}
	// Packages under the names that generated code uses.
	for _, name := range []string{"live", "command", "overhead", "poll", "reg", "run", "bind", "never", "lit1", "init1", "flag", "end1", "recv", "err", "main", "Main", "t0"} {
		err := generated(t, s, fmt.Sprintf("import %s \"strings\"\nvar keep2 = %[1]s.ToUpper(\"x\")\nfor i := range 100 { keep2 += string(rune(i)) }", name))
		if err != nil {
			t.Errorf("import %s: %v", name, err)
		}
		if name == "main" {
			continue
		}
		err = generated(t, s, fmt.Sprintf("func %s(i int) int { for i < 100 { i++ }; return i }\n%[1]s(3)", name))
		if err != nil {
			t.Errorf("func %s: %v", name, err)
		}
		err = generated(t, s, fmt.Sprintf("%s := 3\nfor %[1]s < 100 { %[1]s++ }\n%[1]s", name))
		if err != nil {
			t.Errorf("%s := 3: %v", name, err)
		}
	}
}

// TestPredeclaredNames declares each predeclared name in a cell, at the top level
// and in a function, beside code that uses the others.
func TestPredeclaredNames(t *testing.T) {
	s, err := Open(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range types.Universe.Names() {
		code := "import \"github.com/goparallel/goparallel/parallel\"\nvar rc *parallel.Client\ntype t1 struct{ x int }\nfunc (t t1) m(n int) int { return t.x + n }\nfunc g1[T any](x T) T { return x }\n" +
			"func use() {\n\tv, items, text := t1{1}, []int{1}, \"\"\n\tNAME := items\n\tkeep := v.m\n\tlit := func(n INT) INT { return n + INT(len0(NAME)) + v.x }\n\tfor i := range items { _ = i }\n\tfor i := 0; i < 100; i++ { _ = text }\n\t_, _ = keep, lit\n}\n" +
			"func len0(x []int) int { return 1 }\ntype INT = int\n"
		code = strings.ReplaceAll(code, "NAME", name)
		if err := generated(t, s, code); err != nil {
			t.Errorf("local %s: %v\n%s", name, err, code)
		}
		if err := generated(t, s, name+" := \"text\"\nfor i := 0; i < 100; i++ { println(i) }\nvar xs [3]struct{ n *"+"float32 }\n"+name); err != nil && name != "println" && name != "float32" {
			t.Errorf("%s at the top level: %v", name, err)
		}
	}
}

// exportedFunc returns a function, variable or constant of a package, "" if there
// is none.
func exportedFunc(s *Session, path string) string {
	pkg, err := s.checker.Index.Import(path)
	if err != nil {
		return ""
	}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		switch obj := obj.(type) {
		case *types.Func:
			if obj.Exported() && obj.Signature().TypeParams().Len() == 0 {
				return name
			}
		case *types.Var:
			if obj.Exported() {
				return name
			}
		}
	}
	return ""
}
