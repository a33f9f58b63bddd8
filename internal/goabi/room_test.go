package goabi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// outside lists the other files of the module that are compiled into its programs.
func outside(t *testing.T) (files []string) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || path == filepath.Join(root, "internal/goabi")):
			return fs.SkipDir
		case strings.HasSuffix(path, ".s"), strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil || len(files) < 400 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	return files
}

var (
	directive = regexp.MustCompile(`(?m)^//go:linkname \S+ \S+`)
	// Names of what a package of Go does not export, and of symbols that compiler and linker make.
	unexported = regexp.MustCompile(`^(runtime|reflect|sync|time|internal/(abi|runtime)[a-z/]*|cmd/[a-z/]+)\.(\(\*)?[a-z][^ ]*$|^(type|go):[\w.*]\S*$|go120ld|moduledata|^\.?gopclntab$`)
	endings    = regexp.MustCompile(`gowrap|deferwrap|\bglob\\?\.|^\[\.\.\.\]$`) // of the names of functions
	formats    = []string{"debug/elf", "debug/gosym", "debug/macho", "debug/pe"}
)

// knows says what of the inside of a release a file knows, by its text.
func knows(name, text string) (what []string) {
	if strings.HasSuffix(name, ".s") {
		return []string{"assembly"}
	}
	if d := directive.FindString(text); d != "" {
		what = append(what, d)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return append(what, err.Error())
	}
	for _, spec := range file.Imports {
		if path, _ := strconv.Unquote(spec.Path.Value); slices.Contains(formats, path) {
			what = append(what, "package "+path)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && (unexported.MatchString(text) || endings.MatchString(text)) {
				what = append(what, "the name "+n.Value)
			}
		case *ast.SelectorExpr:
			switch n.Sel.Name {
			case "FieldByName", "FieldByNameFunc": // of a type that cannot be written
				what = append(what, "a field by its name")
			case "Offsetof":
				what = append(what, "the place of a field")
			}
		case *ast.CallExpr:
			if castsToLayout(n.Fun) {
				what = append(what, "the layout of a value")
			}
		}
		return true
	})
	return what
}

// castsToLayout reports whether a conversion is to a pointer to words, or to a pointer to a
// pointer: so the parts of an interface, of a function or a slice are read.
func castsToLayout(fun ast.Expr) bool {
	paren, ok := fun.(*ast.ParenExpr)
	if !ok {
		return false
	}
	to, ok := paren.X.(*ast.StarExpr)
	if !ok {
		return false
	}
	switch of := to.X.(type) {
	case *ast.StarExpr:
		return isWord(of.X)
	case *ast.ArrayType:
		return isWord(of.Elt)
	}
	return false
}

func isWord(t ast.Expr) bool {
	if star, ok := t.(*ast.StarExpr); ok {
		return isWord(star.X)
	}
	if sel, ok := t.(*ast.SelectorExpr); ok {
		return sel.Sel.Name == "Pointer"
	}
	id, ok := t.(*ast.Ident)
	return ok && id.Name == "uintptr"
}

// TestOnlyThisRoomKnowsTheRelease looks through all source, so that a new release of Go is looked
// at in these packages and in no others.
func TestOnlyThisRoomKnowsTheRelease(t *testing.T) {
	for _, path := range outside(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range knows(path, string(text)) {
			t.Errorf("%s has %s: what knows the inside of a Go release is in internal/goabi", path, what)
		}
	}
}

// TestRoomIsBelowAll reads the imports of the room: it knows nothing of what uses it.
func TestRoomIsBelowAll(t *testing.T) {
	const module = "github.com/goparallel/goparallel/"
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "testdata":
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			if name, _ := strconv.Unquote(spec.Path.Value); strings.HasPrefix(name, module) && !strings.HasPrefix(name, module+"internal/goabi/") {
				t.Errorf("%s imports %s, which stands above it", path, name)
			}
		}
		return nil
	})
	if err != nil || files < 30 {
		t.Fatalf("%d files: %v", files, err)
	}
}

// TestKnowledgeIsFound has a piece of code for each way to know the inside of a release.
func TestKnowledgeIsFound(t *testing.T) {
	for _, code := range []string{
		"//go:linkname now runtime.nanotime\nfunc now() int64",
		"import \"debug/elf\"\nvar _ elf.File",
		"const name = \"runtime.firstmoduledata\"",
		"const name = \"reflect.(*rtype).common\"",
		"const name = \"type:*main.point\"",
		"const magic = \"\\x00go120ld\"",
		"var suffix = regexp.MustCompile(`(\\.(func|gowrap)?\\d+)+$`)",
		"var _ = reflect.ValueOf(x).Elem().FieldByName(name)",
		"const at = unsafe.Offsetof(x.field)",
		"var words = *(*[2]uintptr)(unsafe.Pointer(&x))",
		"var object = (*[2]unsafe.Pointer)(unsafe.Pointer(&x))[1]",
		"var code = **(**uintptr)(unsafe.Pointer(&f))",
	} {
		if what := knows("some.go", "package some\n"+code); len(what) != 1 {
			t.Errorf("%s\nis found as %q", code, what)
		}
	}
	for _, code := range []string{
		"const hint = \"runtime.GC() frees it\"",
		"var head = *(**T)(unsafe.Pointer(&x))",
		"var p = (*int64)(unsafe.Pointer(&page[8]))",
		"const text = `//go:linkname a b` // of generated code",
	} {
		if what := knows("some.go", "package some\n"+code); what != nil {
			t.Errorf("%s\nis taken for %q", code, what)
		}
	}
}

// TestRoomSaysWhatItAssumes keeps the list in doc.go and the packages' comments whole.
func TestRoomSaysWhatItAssumes(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if !strings.Contains(string(page), "\n//\t"+e.Name()+" ") {
			t.Errorf("doc.go does not list package %s", e.Name())
		}
		files, err := filepath.Glob(filepath.Join(e.Name(), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		comment := ""
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			comment += "\n" + file.Doc.Text()
		}
		for _, part := range []string{"\nAssumed: ", "\nWhere a release has it otherwise: "} {
			if !strings.Contains(comment, part) {
				t.Errorf("the comment of package %s has no paragraph %q", e.Name(), strings.TrimSpace(part))
			}
		}
		for _, name := range testName.FindAllString(comment, -1) {
			if !tests[name] {
				t.Errorf("the comment of package %s names %s, and there is no such test", e.Name(), name)
			}
		}
	}
}

var (
	testName = regexp.MustCompile(`\bTest[A-Z]\w+`)
	testFunc = regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(`)
)

// testNames are the tests of the whole module.
func testNames(t *testing.T) map[string]bool {
	names := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil || len(names) < 300 {
		t.Fatalf("%d tests: %v", len(names), err)
	}
	return names
}
