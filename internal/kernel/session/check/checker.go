package check

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goparallel/goparallel/internal/goabi/typescope"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// Sizes are the compiler's, which are the same on all architectures that hosts run on.
var Sizes = types.SizesFor("gc", runtime.GOARCH)

// A Result is the outcome of a type check without errors.
type Result struct {
	Info *types.Info
	// Unused are the local variables that nothing reads; Go forbids them, a cell
	// does not, so generated code mentions them.
	Unused map[token.Pos]bool
	// Repeated are values of constants that repeat an expression in which a name
	// has come to mean something else.
	Repeated map[token.Pos]string
	// circles are the circles of initialisation.
	circles []circle
}

// A circle of initialisation is an error in Go, and none where := is part of it.
type circle struct {
	types.Error
	places []token.Pos // of the declarations in it
}

// A Checker type-checks the cells of a session. It may be used from several goroutines.
type Checker struct {
	Index   *modules.Index
	Fset    *token.FileSet
	Cells   *Cells
	Written atomic.Bool // cells import what they use themselves

	mu sync.Mutex // held while the session's package is checked, since its scope is of one check
}

// NewChecker returns the checker of a session without cells, which import packages by an index.
func NewChecker(index *modules.Index, fset *token.FileSet) *Checker {
	return &Checker{Index: index, Fset: fset, Cells: newCells()}
}

// An Env is what a cell, or a question about code, can mean: packages, and what cells have
// declared at one moment.
type Env struct {
	*Checker
	State *decl.State
}

// TypeCheck type-checks files as if they and the session's current declarations
// were one package. The names in declared are those of the files. What look reads of the
// package's scope, and of those around it, is this check's only until it returns; it can be nil.
func (e Env) TypeCheck(files []*ast.File, declared map[string]bool, allowed func(token.Pos) bool, look func(*types.Info)) (*Result, []types.Error) {
	c := &Result{
		Info: &types.Info{
			Types:      make(map[ast.Expr]types.TypeAndValue),
			Defs:       make(map[*ast.Ident]types.Object),
			Uses:       make(map[*ast.Ident]types.Object),
			Selections: make(map[*ast.SelectorExpr]*types.Selection),
			Implicits:  make(map[ast.Node]types.Object),
			Instances:  make(map[*ast.Ident]types.Instance),
			Scopes:     make(map[ast.Node]*types.Scope),
		},
		Unused:   make(map[token.Pos]bool),
		Repeated: make(map[token.Pos]string),
	}
	var errs []types.Error
	circling := false // the last error was part of a circle
	conf := types.Config{
		Importer:                 e.Index,
		Sizes:                    Sizes,
		GoVersion:                toolchain.Language,
		DisableUnusedImportCheck: true,
		Error: func(err error) {
			te := err.(types.Error)
			if strings.HasPrefix(te.Msg, "\t") { // continues the message before it
				if n := len(c.circles); circling {
					e.continueWith(&c.circles[n-1].Error, te)
					c.circles[n-1].places = append(c.circles[n-1].places, te.Pos)
				} else if n := len(errs); n > 0 {
					e.continueWith(&errs[n-1], te)
				}
				return
			}
			circling = false
			switch classOf(te) {
			case unusedVar:
				c.Unused[te.Pos] = true
			case unusedExpr:
				if !allowed(te.Pos) {
					errs = append(errs, te)
				}
			case initCycle:
				circling = true
				c.circles = append(c.circles, circle{te, []token.Pos{te.Pos}})
			default:
				errs = append(errs, te)
			}
		},
	}
	known := make(map[string]types.Object)
	for name, d := range e.State.Names {
		if declared[name] {
			name += syntax.Mark // see oldNames
		}
		known[name] = d.Obj
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	earlier := types.NewScope(types.Universe, token.NoPos, token.NoPos, "earlier cells")
	typescope.Set(earlier, types.Universe, known)
	typescope.Set(e.State.Pkg.Scope(), earlier, make(map[string]types.Object))
	// The error is the first of those that Error has received.
	_ = types.NewChecker(&conf, e.Fset, e.State.Pkg, c.Info).Files(files)
	if look != nil {
		look(c.Info)
	}
	if len(errs) > 0 {
		return c, errs
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if stmt, ok := n.(*ast.DeclStmt); ok {
				c.repeats(stmt.Decl.(*ast.GenDecl), c.Info.Scopes[f])
			}
			if stmt, ok := n.(*ast.ExprStmt); ok {
				if msg := overflow(stmt.X, c.Info.Types[stmt.X]); msg != "" {
					errs = append(errs, types.Error{Fset: e.Fset, Pos: stmt.Pos(), Msg: msg})
				}
			}
			return true
		})
	}
	return c, errs
}

// overflow is the error of a constant that stands for itself, as a cell's value, and
// does not fit into the type that it has then; or nothing.
func overflow(e ast.Expr, tv types.TypeAndValue) string {
	t, ok := tv.Type.(*types.Basic)
	if tv.Value == nil || !ok || t.Info()&types.IsUntyped == 0 {
		return ""
	}
	fits := true
	switch t.Kind() {
	case types.UntypedInt:
		_, fits = constant.Int64Val(tv.Value)
	case types.UntypedRune:
		r, exact := constant.Int64Val(tv.Value)
		fits = exact && r == int64(rune(r))
	case types.UntypedFloat, types.UntypedComplex:
		re, _ := constant.Float64Val(constant.Real(tv.Value))
		im, _ := constant.Float64Val(constant.Imag(tv.Value))
		fits = !math.IsInf(re, 0) && !math.IsInf(im, 0)
	}
	if fits {
		return ""
	}
	return fmt.Sprintf("cannot use %s (%s constant %s) as %s value (overflows)", types.ExprString(e), t, tv.Value, types.Default(t))
}

// repeats looks at constants that are local to a function and repeat the
// expression of one before them. The type checker has noted what the
// expression's names mean where it is repeated last, which need not be what they
// mean where it is written: const ( X = X + 1; Y ).
func (c *Result) repeats(group *ast.GenDecl, file *types.Scope) {
	if group.Tok != token.CONST {
		return
	}
	var written *ast.ValueSpec
	changed := false
	for _, spec := range group.Specs {
		spec := spec.(*ast.ValueSpec)
		if len(spec.Values) > 0 {
			written, changed = spec, false
			continue
		}
		for _, value := range written.Values {
			ast.Inspect(value, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && c.Info.Uses[id] != nil {
					if _, obj := file.Innermost(id.Pos()).LookupParent(id.Name, id.Pos()); obj != nil && obj != c.Info.Uses[id] {
						c.Info.Uses[id] = obj
						changed = true
					}
				}
				return true
			})
		}
		if changed {
			var values []string
			for _, id := range spec.Names {
				if k, ok := c.Info.Defs[id].(*types.Const); ok {
					values = append(values, typetext.Constant(k.Val(), k.Type()))
				}
			}
			c.Repeated[spec.Pos()] = " = " + strings.Join(values, ", ")
		}
	}
}
