package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// statements writes the function that runs the cell: its statements and the
// initial values of its variables, in the order of the text. A variable whose
// value depends on one that is declared further down waits for it, as in a Go
// package.
func (g *generator) statements() string {
	c := g.c
	w := &runWriter{g: g, r: &renderer{g: g, src: c.cell.source, info: c.result.info},
		specs: make(map[int][]*ast.ValueSpec), stmts: make(map[int][]ast.Stmt), done: make(map[*ast.ValueSpec]bool), of: make(map[*decl]*ast.ValueSpec)}
	for _, d := range c.cell.file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			i := c.chunkAt(d.Specs[0].Pos())
			for _, spec := range d.Specs {
				spec := spec.(*ast.ValueSpec)
				w.specs[i] = append(w.specs[i], spec)
				for _, id := range spec.Names {
					if v := g.s.byObj[w.r.info.Defs[id]]; v != nil {
						w.of[v] = spec
					}
				}
			}
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				name := fmt.Sprintf("ᐧinit%d_%s", g.nextLiteral(), idMark)
				g.funcs.WriteString(g.s.directiveAt(d.Pos()) + "func " + name + "() {" + w.r.entryPoll(d, d.Body) + strings.TrimPrefix(w.r.bare(d.Body), "{") + "\n")
				w.text.WriteString("\t" + name + "()\n")
			}
		}
	}
	for _, stmt := range c.cell.run.Body.List {
		i := c.chunkAt(stmt.Pos())
		w.stmts[i] = append(w.stmts[i], stmt)
	}
	for _, d := range c.extra {
		if d.kind == varDecl {
			w.carryOver(d)
		}
	}
	last := c.lastExpr()
	var specs []*ast.ValueSpec // of declarations that no statement stands between
	for i := range c.chunks {
		specs = append(specs, w.specs[i]...)
		if len(w.stmts[i]) > 0 || i == len(c.chunks)-1 {
			w.variables(specs)
			specs = nil
		}
		for _, stmt := range w.stmts[i] {
			if last != nil && stmt == ast.Stmt(last) {
				w.show(last)
			} else {
				w.statement(stmt)
			}
		}
	}
	text := w.text.String()
	if strings.Contains(text, loopPoll) {
		text = flagVar + "\n" + text
	}
	return fmt.Sprintf("func ᐧrun_%s() {\n%s}\n", idMark, text)
}

// A runWriter writes the body of a unit's run function.
type runWriter struct {
	g     *generator
	r     *renderer
	specs map[int][]*ast.ValueSpec // by chunk
	stmts map[int][]ast.Stmt       // by chunk
	of    map[*decl]*ast.ValueSpec
	done  map[*ast.ValueSpec]bool
	text  strings.Builder
}

func (w *runWriter) line(text string) { w.text.WriteString("\t" + text + "\n") }

// statement writes one statement. A := at the top level of a cell assigns to
// session variables.
func (w *runWriter) statement(stmt ast.Stmt) {
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE {
		w.line(w.r.node(stmt))
		return
	}
	local := false // some variable stays local to the cell
	for _, id := range defines(stmt) {
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
	w.line(w.g.s.directiveAt(stmt.Pos()) + strings.Join(lhs, ", ") + op + strings.Join(rhs, ", ") + after)
}

func (w *runWriter) decl(id *ast.Ident) *decl {
	obj := w.r.info.Defs[id]
	if obj == nil {
		obj = w.r.info.Uses[id]
	}
	return w.g.s.byObj[obj]
}

// show writes the last expression so that its value is shown.
func (w *runWriter) show(stmt *ast.ExprStmt) {
	chunks := w.g.c.chunks
	_, isCall := ast.Unparen(stmt.X).(*ast.CallExpr)
	switch {
	case !w.r.hasValue(stmt.X), w.isQuiet(stmt.X), isCall && chunks[len(chunks)-1].semicolon:
		w.statement(stmt)
		return
	case chunks[len(chunks)-1].semicolon:
		w.line("_ = " + w.r.node(stmt.X))
		return
	}
	show := "ᐧlive.Show(" + w.r.bare(stmt.X) + ")"
	if isCall && isErrorType(w.r.info.Types[stmt.X].Type) {
		// A call that returns just an error says something only if it fails.
		show = "if ᐧerr := " + w.r.bare(stmt.X) + "; ᐧerr != nil { ᐧlive.Show(ᐧerr) }"
	}
	w.line(w.g.s.directiveAt(stmt.Pos()) + show)
}

// isQuiet reports whether a call is made for what it prints rather than for its
// value: fmt.Println returns a length and an error that nobody wants to see.
func (w *runWriter) isQuiet(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	id := identOf(call.Fun)
	if id == nil {
		return false
	}
	fn, ok := w.r.info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case livePath, commandPath:
		return true
	case "fmt":
		return strings.HasPrefix(fn.Name(), "Print") || strings.HasPrefix(fn.Name(), "Fprint")
	}
	return false
}
