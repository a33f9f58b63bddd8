package test

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// Variables of packages that change while a process runs belong to all who use the process, and to
// nobody. So there are few: testdata/state.txt lists them and says why each is none of a value
// that is made and closed. This test finds them: what is assigned, counted, sent to, has its
// address taken, or a method called that can change it, outside of init functions.
func TestStateOfProcesses(t *testing.T) {
	const module = "github.com/goparallel/goparallel/"
	loaded, err := packages.Load(&packages.Config{
		Dir: "..", Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedFiles | packages.NeedImports,
	}, "./parallel/...", "./plots/...", "./kernel/...", "./internal/...", "./cmd/...")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors)
		}
		for _, v := range changed(p) {
			// What cgo generates is nobody's state.
			if path, ours := strings.CutPrefix(v.Pkg().Path(), module); ours && !strings.HasPrefix(v.Name(), "_") {
				found[path+"."+v.Name()] = true
			}
		}
	}
	text, err := os.ReadFile("testdata/state.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		name, why, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || name == "#" {
			continue
		}
		if strings.TrimSpace(why) == "" {
			t.Errorf("testdata/state.txt does not say why %s is the process's", name)
		}
		listed[name] = true
	}
	for name := range found {
		if !listed[name] {
			t.Errorf("%s changes while the process runs; make it a field of what is started and closed, or say in testdata/state.txt why it cannot be", name)
		}
	}
	for name := range listed {
		if !found[name] {
			t.Errorf("testdata/state.txt has %s, which does not change, or is gone", name)
		}
	}
	if len(loaded) < 60 || len(found) < 20 {
		t.Errorf("%d packages have %d such variables", len(loaded), len(found))
	}
}

// changed returns the variables of packages that a package's functions change.
func changed(p *packages.Package) (vars []*types.Var) {
	mark := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.ParenExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			case *ast.SelectorExpr:
				if e = x.X; p.TypesInfo.Selections[x] == nil { // of another package
					e = x.Sel
				}
			case *ast.Ident:
				v, ok := p.TypesInfo.Uses[x].(*types.Var)
				if ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() && !slices.Contains(vars, v) {
					vars = append(vars, v)
				}
				return
			default:
				return
			}
		}
	}
	for _, file := range p.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return n.Recv != nil || n.Name.Name != "init"
			case *ast.AssignStmt:
				for _, to := range n.Lhs {
					if n.Tok != token.DEFINE {
						mark(to)
					}
				}
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					mark(n.Key)
				}
			case *ast.IncDecStmt:
				mark(n.X)
			case *ast.SendStmt:
				mark(n.Chan)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					mark(n.X)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "close"}, f.Name) {
					mark(n.Args[0])
				}
			case *ast.SelectorExpr:
				if changes(p.TypesInfo.Selections[n]) {
					mark(n.X)
				}
			}
			return true
		})
	}
	return vars
}

// changes reports whether a selection is a method that is called by the address of its receiver, or of a
// pointer to what has a lock or atomic words.
func changes(s *types.Selection) bool {
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	_, byPointer := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, pointer := s.Recv().(*types.Pointer)
	return byPointer && !pointer
}
