package program

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/shown"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Functions that views send to engines need nothing in a notebook. In a program they are
// registered: those that have a name by parallel.Register, and literals that are given to a
// view by parallel.Func and its like.

// register writes the registration of a file's functions, in a program that has views.
func (w *programWriter) register(c *programCell, into *bytes.Buffer) {
	if !w.p.Uses(workspace.ParallelPath) {
		return
	}
	var names []string
	for _, d := range c.c.All {
		f, ok := c.c.Result.Info.Defs[d.Ident].(*types.Func)
		if ok && d.Kind == syntax.FuncDecl && d.Recv == "" && d.Name != "init" && d.Name != "main" && !w.superseded(c, d.Chunk) && registrable(f.Signature()) {
			names = append(names, w.names[c.c.State.Of[f]])
		}
	}
	if names == nil {
		return
	}
	slices.Sort(names)
	c.imports["parallel"] = workspace.ParallelPath
	fmt.Fprintf(into, "\nfunc init() { parallel.Register(%s) }\n", strings.Join(names, ", "))
}

// registrable reports whether parallel.Register takes functions of a signature.
func registrable(s *types.Signature) bool {
	return s.TypeParams().Len() == 0 && !s.Variadic() && constructor(s) != ""
}

// constructor returns the function of package parallel that registers a literal of a
// signature, or nothing.
func constructor(s *types.Signature) string {
	isContext := func(i int) bool { return s.Params().At(i).Type().String() == "context.Context" }
	params, results := s.Params().Len(), s.Results().Len()
	fails := results > 0 && typetext.IsError(s.Results().At(results-1).Type())
	switch {
	case params == 1 && !isContext(0) && results == 1 && !fails:
		return "Func"
	case params == 1 && !isContext(0) && results == 2 && fails:
		return "FuncErr"
	case params == 2 && isContext(0) && results == 2 && fails:
		return "FuncContext"
	case params == 0 && results == 1 && !fails:
		return "Func0"
	case params == 0 && results == 2 && fails:
		return "Func0Err"
	}
	return ""
}

// literals finds the function literals that a cell gives to views, and names those that can
// be registered where the program begins. It notes what engines of a program do not have.
func (w *programWriter) literals(c *programCell) {
	info := c.c.Result.Info
	c.literals = make(map[*ast.FuncLit]string)
	ast.Inspect(c.c.Parsed.File, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		id := syntax.IdentOf(call.Fun)
		if id == nil || info.Uses[id] == nil || info.Uses[id].Pkg() == nil || info.Uses[id].Pkg().Path() != workspace.ParallelPath || id.Name == "Timeit" || id.Name == "TimeLoop" { // which run here
			return true
		}
		for _, arg := range call.Args {
			lit, ok := arg.(*ast.FuncLit)
			if !ok {
				continue
			}
			local, read := w.captures(c, lit)
			s, _ := info.Types[lit].Type.(*types.Signature)
			switch {
			case local != "":
				w.notes = append(w.notes, fmt.Sprintf("cell[%d] gives %s a function literal that captures %s, which engines of a program do not know: make it part of the items", c.count, id.Name, local))
				continue
			case s == nil || constructor(s) == "":
				w.notes = append(w.notes, fmt.Sprintf("cell[%d] gives %s a function literal that cannot be registered for engines; register it as package parallel says", c.count, id.Name))
				continue
			case read != "":
				w.notes = append(w.notes, fmt.Sprintf("cell[%d] gives %s a function literal that reads %s, of which engines of a program have the value from their own start: make it part of the items", c.count, id.Name, read))
			}
			c.literals[lit] = w.free("mapped")
		}
		return true
	})
}

// captures returns a variable of a function that a literal captures, and one of the package
// that it reads.
func (w *programWriter) captures(c *programCell, lit *ast.FuncLit) (local, read string) {
	ast.Inspect(lit, func(n ast.Node) bool {
		if count, _, ok := shown.Call(c.c.Parsed.Source, n); ok {
			read = w.values[count]
			return false
		}
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := c.c.Result.Info.Uses[id].(*types.Var)
		switch {
		case !ok || v.IsField() || v.Pkg() != c.c.State.Pkg || lit.Pos() <= v.Pos() && v.Pos() < lit.End():
		case c.decls[id] != nil:
			read = id.Name
		default:
			local = id.Name
		}
		return true
	})
	return local, read
}

// registerLiterals writes the literals that were named.
func (w *programWriter) registerLiterals(c *programCell, into *bytes.Buffer) {
	for _, lit := range slices.SortedFunc(maps.Keys(c.literals), func(a, b *ast.FuncLit) int { return int(a.Pos() - b.Pos()) }) {
		name := c.literals[lit]
		s := c.c.Result.Info.Types[lit].Type.(*types.Signature)
		c.imports["parallel"] = workspace.ParallelPath
		fmt.Fprintf(into, "\nvar %s = parallel.%s(%q, %s)\n", name, constructor(s), name, w.node(c, lit))
	}
}
