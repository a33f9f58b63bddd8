package effects

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unclear are reasons that tell nothing of what a function does itself: it calls
// what it is given, or what the analysis does not see.
var unclear = regexp.MustCompile(`^returns memory of|known only when it runs|uses unsafe|whose text is not known|what package internal/`)

// harmless are functions that are right in the tables.
var harmless = map[string]bool{
	"slices.Concat":               true, // seen to be so where its type arguments are known
	"(*strings.Replacer).Replace": true, // makes its tables once
}

// TestKnown analyses packages of the standard library as if they were cells. All
// of their text must be understood, and no function that the tables take for one
// that changes nothing may be seen to change something.
func TestKnown(t *testing.T) {
	for _, path := range []string{"bufio", "bytes", "container/heap", "container/list", "container/ring", "encoding/csv", "maps", "slices", "sort", "strings", "text/tabwriter", "unicode/utf8"} {
		t.Run(path, func(t *testing.T) {
			program, functions := load(t, path)
			for fn := range functions {
				what := program.Function(fn, nil)
				if strings.Contains(what, "not understood") || strings.Contains(what, "not known here") || strings.Contains(what, "too large") {
					t.Errorf("%s %s", fn.FullName(), what)
				}
				r := ruleFor(fn)
				if fn.Exported() && !harmless[fn.FullName()] && r.why == "" && !r.calls() && what != "" && !unclear.MatchString(what) {
					t.Errorf("%s %s, but the table says that it changes nothing", fn.FullName(), what)
				}
			}
		})
	}
}

// load checks the types of a package and returns it as a program.
func load(t testing.TB, path string) (Program, map[*types.Func]*ast.FuncDecl) {
	fset := token.NewFileSet()
	pkg, err := build.Import(path, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(pkg.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection), Implicits: make(map[ast.Node]types.Object), Instances: make(map[*ast.Ident]types.Instance),
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	checked, err := conf.Check(path, fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	functions := make(map[*types.Func]*ast.FuncDecl)
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				functions[info.Defs[d.Name].(*types.Func)] = d
			}
		}
	}
	return Program{
		Package: checked,
		Body:    func(fn *types.Func) (*ast.FuncDecl, *types.Info) { return functions[fn], info },
		Global:  func(v *types.Var) bool { return v.Parent() == checked.Scope() },
	}, functions
}

// TestWhatIsNotUnderstoodCounts: neither a mistake in the analysis nor one that
// would take too long gets in the way of a cell.
func TestWhatIsNotUnderstoodCounts(t *testing.T) {
	program, functions := load(t, "container/list")
	defer func(n int) { limit = n }(limit)
	limit = 1
	broken := program
	broken.Body = func(*types.Func) (*ast.FuncDecl, *types.Info) { panic("a mistake") }
	for fn := range functions {
		if fn.Name() != "PushBackList" {
			continue
		}
		if what := program.Function(fn, nil); what != "is too large to find out what it changes" {
			t.Error(what)
		}
		if what := broken.Function(fn, nil); what != "is not understood by the kernel's analysis, which ended with: a mistake" {
			t.Error(what)
		}
	}
}

// BenchmarkFunction is the cost for one function, of such as are in package
// sort with all that they call.
func BenchmarkFunction(b *testing.B) {
	program, functions := load(b, "sort")
	for b.Loop() {
		for fn := range functions {
			program.Function(fn, nil)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(functions)), "µs/function")
}
