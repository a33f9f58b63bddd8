package rewrite

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/unitobject"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// statements writes the function that runs the cell. Variables without a value
// are zero from the start. Those that are declared above the first statement are
// initialised, then the init functions run, then the rest follows as it stands in
// the text. A variable that something above its declaration refers to gets its
// value before that, as in a Go package.
func (g *generator) statements() string {
	c := g.c
	w := &runWriter{g: g, r: &renderer{g: g, src: c.Parsed.Source, info: c.Result.Info}, of: make(map[*decl.Decl]*initialiser), apart: make(map[*decl.Decl]bool)}
	w.vars, w.divisible = w.initialisers(), w.isDivisible()
	for _, d := range c.Extra {
		if d.Kind == syntax.VarDecl {
			w.carryOver(d)
		}
	}
	head := ""
	if g.engines {
		head = "if ᐧlive.Apart() { return }\n"
	}
	for _, v := range w.vars {
		if v.value == nil {
			w.variable(v)
			v.zeroed, v.done = true, false // what refers to it has to wait for its turn, as in Go
		}
	}
	stmts := make(map[int][]ast.Stmt) // by chunk
	first := len(c.Chunks)            // chunk with a statement
	for _, stmt := range c.Parsed.Run.Body.List {
		i := c.ChunkAt(stmt.Pos())
		stmts[i] = append(stmts[i], stmt)
		first = min(first, i)
	}
	rest := w.vars
	declaredBefore := func(chunk int) (list []*initialiser) {
		n := 0
		for n < len(rest) && rest[n].chunk < chunk {
			n++
		}
		list, rest = rest[:n], rest[n:]
		return list
	}
	w.initialise(declaredBefore(first))
	w.initFunctions()
	last := c.LastExpr()
	for _, i := range slices.Sorted(maps.Keys(stmts)) {
		w.initialise(declaredBefore(i))
		for _, stmt := range stmts[i] {
			c.Poll()
			w.initialise(w.declaredBelow(stmt))
			if last != nil && stmt == ast.Stmt(last) {
				w.show(last)
			} else {
				w.statement(stmt)
			}
		}
	}
	w.initialise(rest)
	return w.functions(head)
}

// A runWriter writes the body of a unit's run function.
type runWriter struct {
	g     *generator
	r     *renderer
	vars  []*initialiser
	of    map[*decl.Decl]*initialiser
	apart map[*decl.Decl]bool // functions of earlier cells that refer to none of these
	text  strings.Builder
	lines int // of text

	divisible bool     // into several functions
	parts     []string // the functions' texts, without that of the last
}

// partSize is how many statements of a cell one function has, at most: what the compiler
// does with a function can take a time that grows with the square of its length.
const partSize = 200

// isDivisible reports whether the cell's statements can be those of several functions, one
// after the other: nothing leads from one statement to another, or waits for their end, and
// they have no variables but the session's.
func (w *runWriter) isDivisible() bool {
	divisible := true
	for _, stmt := range w.g.c.Parsed.Run.Body.List {
		if _, ok := stmt.(*ast.DeclStmt); ok {
			return false
		}
		for _, id := range syntax.Defines(stmt) {
			divisible = divisible && (id.Name == "_" || w.decl(id) != nil)
		}
	}
	ast.Inspect(w.g.c.Parsed.Run.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.DeferStmt:
			divisible = false
		case *ast.BranchStmt:
			divisible = divisible && n.Tok != token.GOTO
		}
		return divisible
	})
	return divisible
}

// functions writes the function that runs the cell: the only one, or what calls the others
// that have the statements and which stacks do not show.
func (w *runWriter) functions(head string) string {
	function := func(number, head, text string) string {
		if strings.Contains(text, loopPoll) {
			text = flagVar + "\n" + text
		}
		return fmt.Sprintf("func ᐧrun%s_%s() {\n%s%s}\n", number, idMark, head, text)
	}
	if len(w.parts) == 0 {
		return function("", head, w.text.String())
	}
	var all, calls strings.Builder
	for i, text := range append(w.parts, w.text.String()) {
		number := strconv.Itoa(i + 1)
		all.WriteString(function(number, "", text))
		fmt.Fprintf(&calls, "\tᐧrun%s_%s()\n", number, idMark)
	}
	return fmt.Sprintf("%s/*line forward:%d:1*/%s", &all, unitobject.ForwardLine, function("", head, calls.String()))
}

// initFunctions calls the cell's init functions, in order.
func (w *runWriter) initFunctions() {
	for _, d := range w.g.c.Parsed.File.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Name.Name != "init" {
			continue
		}
		w.initialise(w.refersTo(f.Body, nil))
		name := fmt.Sprintf("ᐧinit%d_%s", w.g.nextLiteral(), idMark)
		w.g.funcs.WriteString(syntax.DirectiveAt(w.g.Fset, f.Pos()) + "func " + name + "() {" + w.r.entryPoll(f, f.Body) + strings.TrimPrefix(w.r.bare(f.Body), "{") + "\n")
		w.line(name + "();" + functionPoll)
	}
}

// declaredBelow lists the initialisers of the var declarations that a statement
// refers to before they are reached. What := defines has its value from there on
// only, and a function literal that is not called refers to nothing yet.
func (w *runWriter) declaredBelow(stmt ast.Stmt) []*initialiser {
	called := make(map[*ast.FuncLit]bool)
	list := w.refersTo(stmt, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
				called[lit] = true
			}
		}
		lit, ok := n.(*ast.FuncLit)
		return ok && !called[lit]
	})
	return slices.DeleteFunc(list, func(v *initialiser) bool {
		_, promoted := w.g.c.Promoted[v.chunk]
		return promoted
	})
}

func (w *runWriter) line(text string) {
	if w.lines == partSize && w.divisible {
		w.parts = append(w.parts, w.text.String())
		w.text.Reset()
		w.lines = 0
	}
	w.text.WriteString("\t" + text + "\n")
	w.lines++
}

// statement writes one statement. A := at the top level of a cell assigns to
// session variables.
func (w *runWriter) statement(stmt ast.Stmt) {
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE {
		w.line(w.r.node(stmt) + cmp.Or(w.r.afterStatement(stmt), w.r.afterWork(stmt)))
		return
	}
	local := false // some variable stays local to the cell
	for _, id := range syntax.Defines(stmt) {
		local = local || w.decl(id) == nil
	}
	var lhs []string
	after := ""
	for i, e := range assign.Lhs {
		id, isIdent := e.(*ast.Ident)
		text := w.r.bare(e)
		if local && isIdent && w.decl(id) != nil {
			after += fmt.Sprintf("; %s = ᐧt%d", text, i)
			text = fmt.Sprintf("ᐧt%d", i)
		} else if local && isIdent && id.Name != "_" {
			after += "; _ = " + text
		}
		lhs = append(lhs, text)
	}
	var rhs []string
	for _, e := range assign.Rhs {
		rhs = append(rhs, w.r.node(e))
	}
	op := " = "
	if local {
		op = " := "
	}
	w.line(syntax.DirectiveAt(w.g.Fset, stmt.Pos()) + strings.Join(lhs, ", ") + op + strings.Join(rhs, ", ") + after + w.r.afterWork(stmt))
}

func (w *runWriter) decl(id *ast.Ident) *decl.Decl {
	obj := w.r.info.Defs[id]
	if obj == nil {
		obj = w.r.info.Uses[id]
	}
	return w.g.State.Of[obj]
}

// show writes the last expression so that its value is shown.
func (w *runWriter) show(stmt *ast.ExprStmt) {
	chunks := w.g.c.Chunks
	_, isCall := ast.Unparen(stmt.X).(*ast.CallExpr)
	switch {
	case !HasValue(w.r.info, stmt.X), IsQuiet(w.r.info, stmt.X), isCall && chunks[len(chunks)-1].Semicolon:
		w.statement(stmt)
		return
	case chunks[len(chunks)-1].Semicolon:
		w.line("_ = " + w.r.node(stmt.X))
		return
	}
	show := "ᐧlive.Show(" + w.r.bare(stmt.X) + ")"
	t := w.r.info.Types[stmt.X].Type
	results, _ := t.(*types.Tuple)
	switch {
	case results != nil && typetext.IsError(results.At(results.Len()-1).Type()):
		show = "ᐧlive.ShowResults(" + w.r.bare(stmt.X) + ")"
	case isCall && typetext.IsError(t):
		// A call that returns just an error says something only if it fails.
		show = "if ᐧerr := " + w.r.bare(stmt.X) + "; ᐧerr != nil { ᐧlive.Show(ᐧerr) }"
	}
	w.line(syntax.DirectiveAt(w.g.Fset, stmt.Pos()) + show)
}

// IsQuiet reports whether a call is made for what it prints rather than for its
// value: fmt.Println returns a length and an error that nobody wants to see.
func IsQuiet(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	id := syntax.IdentOf(call.Fun)
	if id == nil {
		return false
	}
	fn, ok := info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case workspace.LivePath, workspace.CommandPath: // but methods of what magics return are the user's to call
		return fn.Signature().Recv() == nil
	case "fmt":
		return strings.HasPrefix(fn.Name(), "Print") || strings.HasPrefix(fn.Name(), "Fprint")
	}
	return false
}
