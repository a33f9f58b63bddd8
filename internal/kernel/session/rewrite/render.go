package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A renderer writes declarations and statements of one source as the unit's
// generated code: the user's text with a few edits.
type renderer struct {
	g    *generator
	src  *syntax.Source
	info *types.Info
	// plain leaves function literals as they are: their text is rendered a second
	// time, so they must not be registered again.
	plain bool
}

// node returns the text of a node, edited, behind a line directive.
func (r *renderer) node(n ast.Node) string {
	return syntax.Pragmas(n) + syntax.DirectiveAt(r.g.Fset, n.Pos()) + r.bare(n)
}

// bare returns the text of a node, edited.
func (r *renderer) bare(n ast.Node) string {
	edits := r.edits(n)
	return syntax.ApplyEdits(r.src.Text, r.src.Offset(n.Pos()), r.src.Offset(n.End()), edits)
}

// edits collects what has to be changed below a node.
func (r *renderer) edits(root ast.Node) []syntax.Edit {
	var edits []syntax.Edit
	replace := func(n ast.Node, text string) {
		edits = append(edits, syntax.Edit{Start: r.src.Offset(n.Pos()), End: r.src.Offset(n.End()), Text: text})
	}
	insert := func(pos token.Pos, text string) {
		at := r.src.Offset(pos)
		edits = append(edits, syntax.Edit{Start: at, End: at, Text: text})
	}
	var over []syntax.Edit   // replacements of what has edits of its own
	var behind []syntax.Edit // insertions that come behind those of the expressions that end there
	insertAfter := func(pos token.Pos, text string) {
		if text != "" {
			at := r.src.Offset(pos)
			behind = append(behind, syntax.Edit{Start: at, End: at, Text: text})
		}
	}
	waits := func(e ast.Expr, stack []ast.Node) {
		before, after, commaOK := r.around(e, stack)
		if commaOK { // in place of the operator
			edits = append(edits, syntax.Edit{Start: r.src.Offset(e.Pos()), End: r.src.Offset(e.(*ast.UnaryExpr).X.Pos()), Text: before})
		} else if before != "" {
			insert(e.Pos(), before)
		}
		if after != "" {
			insert(e.End(), after)
		}
	}
	list := func(stmts []ast.Stmt) {
		for _, stmt := range stmts {
			text := r.afterStatement(stmt)
			if text == "" && r.uses().polls[stmt] {
				text = ";" + functionPoll
			}
			insertAfter(stmt.End(), text)
		}
	}
	var stack []ast.Node
	parent := func(i int) ast.Node {
		if len(stack) > i {
			return stack[len(stack)-1-i]
		}
		return nil
	}
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return false
		}
		descend := true
		switch n := n.(type) {
		case *ast.BlockStmt:
			list(n.List)
		case *ast.CaseClause:
			list(n.Body)
		case *ast.CommClause:
			if assign, ok := n.Comm.(*ast.AssignStmt); ok {
				if text := r.useAll(assign); text != "" {
					insert(n.Colon+1, strings.TrimPrefix(text, ";")+";")
				}
			}
			list(n.Body)
		case *ast.SelectStmt:
			if !hasDefault(n) {
				for _, c := range n.Body.List {
					head, body := r.commClause(c.(*ast.CommClause))
					over = append(over, head...)
					insert(c.(*ast.CommClause).Colon+1, body)
				}
			}
		case *ast.BinaryExpr:
			if syntax.IsBalanced(n) {
				insert(n.Y.Pos(), "(")
				insert(n.Y.End(), ")")
			}
		case *ast.UnaryExpr:
			if r.waits(n) {
				waits(n, stack)
			}
		case *ast.CallExpr:
			if before, after := r.later(n); before != "" {
				insert(n.Args[1].Pos(), before)
				insertAfter(n.Args[1].End(), after)
			}
			if r.waits(n) {
				waits(n, stack)
			}
			edits = append(edits, r.directCall(n)...)
		case *ast.SelectorExpr:
			if text, ok := r.functionValue(n, parent(0)); ok {
				replace(n, text)
				descend = false
				break
			}
			if text, ok := r.methodValue(n, parent(0)); ok {
				replace(n, text)
				descend = false
				break
			}
			if id, ok := n.X.(*ast.Ident); ok {
				if pkg, ok := r.info.Uses[id].(*types.PkgName); ok {
					replace(id, r.g.alias(pkg.Imported().Path(), pkg.Imported().Name()))
					descend = false
				}
			}
			if descend { // the selected name is never a session-level one, but a method's
				edits = append(edits, r.edits(n.X)...)
				if text := r.genericMethod(n.Sel); text != "" && r.uses().brief[n.Sel] {
					replace(n.Sel, text)
				}
				descend = false
			}
		case *ast.IndexExpr, *ast.IndexListExpr:
			if text, ok := r.functionValue(n.(ast.Expr), parent(0)); ok {
				replace(n, text)
				descend = false
			}
		case *ast.Ident:
			if text, ok := r.functionValue(n, parent(0)); ok {
				replace(n, text)
				descend = false
				break
			}
			if text := r.ident(n, isEmbedded(n, stack)); text != n.Name {
				replace(n, text)
			}
		case *ast.FuncDecl:
			if text := r.genericMethod(n.Name); text != "" {
				replace(n.Name, text)
			}
			if n.Body != nil {
				insert(n.Body.Lbrace+1, r.entryPoll(n, n.Body))
			}
		case *ast.FuncLit:
			if text, ok := r.literal(n, parent(0)); ok {
				replace(n, text)
				descend = false
			} else {
				insert(n.Body.Lbrace+1, r.entryPoll(n, n.Body))
			}
		case *ast.ForStmt:
			edits = append(edits, r.pollLoop(n, parent(0))...)
			r.useInBody(n.Init, n.Body, insert)
		case *ast.RangeStmt:
			if syntax.IsTimingLoop(n) {
				r.keepResults(n, insert)
			}
			edits = append(edits, r.pollLoop(n, parent(0))...)
			if head, body := r.rangeLater(n); body != "" {
				over = append(over, head)
				insert(n.Body.Lbrace+1, body)
			}
			if n.Tok == token.DEFINE {
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if id, ok := e.(*ast.Ident); ok && r.g.memory.unused[id.Pos()] {
						insert(n.Body.Lbrace+1, " _ = "+id.Name+";")
					}
				}
			}
		case *ast.BranchStmt:
			if n.Tok == token.GOTO {
				insert(n.Pos(), loopPoll)
			}
		case *ast.IfStmt:
			r.useInBody(n.Init, n.Body, insert)
		case *ast.TypeSwitchStmt:
			if assign, ok := n.Assign.(*ast.AssignStmt); ok && r.g.memory.unused[assign.Lhs[0].Pos()] {
				at, end := r.src.Offset(assign.Pos()), r.src.Offset(assign.Rhs[0].Pos())
				edits = append(edits, syntax.Edit{Start: at, End: end, Text: ""})
			}
		case *ast.AssignStmt:
			if comm, ok := parent(0).(*ast.CommClause); inList(parent(0)) && !(ok && comm.Comm == ast.Stmt(n)) {
				insertAfter(n.End(), r.useAll(n))
			}
		case *ast.DeclStmt:
			insertAfter(n.End(), r.useAll(n))
		case *ast.ValueSpec:
			if text, ok := r.g.memory.repeated[n.Pos()]; ok {
				insertAfter(n.End(), text)
			}
		case *ast.ImportSpec:
			descend = false
		}
		if descend {
			stack = append(stack, n)
		}
		return descend
	})
	for _, o := range over {
		edits = slices.DeleteFunc(edits, func(e syntax.Edit) bool { return o.Start <= e.Start && e.End <= o.End && e.Start < o.End })
	}
	return slices.Concat(edits, over, behind)
}

// ident returns what an identifier is called in the generated code.
func (r *renderer) ident(id *ast.Ident, embedded bool) string {
	obj := r.info.Uses[id]
	if obj == nil {
		obj = r.info.Defs[id]
	}
	if obj == nil {
		return id.Name
	}
	if d := r.g.State.Of[obj]; d != nil {
		switch {
		case d.HasBody() && r.info.Defs[id] != nil:
			return d.Body
		case d.HasBody() && r.uses().callees[id]:
			return r.callee(d, id)
		case d.Family != "" && r.info.Defs[id] == nil && !r.uses().brief[id]:
			return r.g.newest(d)
		}
		return r.g.ref(d, embedded)
	}
	switch obj := obj.(type) {
	case *types.PkgName:
		return r.g.alias(obj.Imported().Path(), obj.Imported().Name())
	case *types.TypeName:
		if r.g.isLocalType(obj) && !embedded {
			return r.g.localType(obj.Name())
		}
	case *types.Var:
		if obj.IsField() {
			return id.Name
		}
	}
	if pkg := obj.Pkg(); pkg != nil && pkg != r.g.State.Pkg && obj.Parent() == pkg.Scope() && r.info.Uses[id] != nil {
		return r.g.alias(pkg.Path(), pkg.Name()) + "." + id.Name // imported by a dot
	}
	return id.Name
}

// isLocalType reports whether a type is declared inside a function of a cell.
func (g *generator) isLocalType(obj *types.TypeName) bool {
	if obj.Name() == "_" || obj.Pkg() != g.State.Pkg || obj.Parent() == g.State.Pkg.Scope() || g.State.Of[obj] != nil {
		return false
	}
	_, isParam := obj.Type().(*types.TypeParam)
	return !isParam
}

// localType returns what the unit calls a type that is local to a function. The
// compiler numbers the local types of a package by name, and begins anew in each
// unit, so that without the unit's id two units would have different types of
// the same symbol.
func (g *generator) localType(name string) string {
	symbol := name + "ᐧ" + idMark
	g.code.rename(symbol, name)
	return symbol
}

// isEmbedded reports whether an identifier is the type of an embedded field, so
// that its name is the field's.
func isEmbedded(id *ast.Ident, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.StarExpr, *ast.IndexExpr, *ast.IndexListExpr:
			continue
		case *ast.Field:
			if len(n.Names) > 0 || i < 2 {
				return false
			}
			_, ok := stack[i-2].(*ast.StructType)
			return ok
		default:
			return false
		}
	}
	return false
}

// inList reports whether a statement's parent is a list of statements, so that
// another statement may follow it.
func inList(parent ast.Node) bool {
	switch parent.(type) {
	case nil, *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, *ast.LabeledStmt:
		return true
	}
	return false
}

// useAll mentions the unused variables that a statement declares.
func (r *renderer) useAll(stmt ast.Stmt) string {
	var b strings.Builder
	use := func(id *ast.Ident) {
		if r.g.memory.unused[id.Pos()] && r.g.State.Of[r.info.Defs[id]] == nil {
			b.WriteString("; _ = " + id.Name)
		}
	}
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		for _, id := range syntax.Defines(stmt) {
			use(id)
		}
	case *ast.DeclStmt:
		gen, ok := stmt.Decl.(*ast.GenDecl)
		if ok && gen.Tok == token.TYPE {
			for _, spec := range gen.Specs {
				// An embedded field is named after its type, so that name stays usable.
				if spec := spec.(*ast.TypeSpec); spec.TypeParams == nil && spec.Name.Name != "_" {
					fmt.Fprintf(&b, "; type %s = %s", spec.Name.Name, r.g.localType(spec.Name.Name))
				}
			}
		}
		if ok && gen.Tok == token.VAR {
			for _, spec := range gen.Specs {
				for _, id := range spec.(*ast.ValueSpec).Names {
					use(id)
				}
			}
		}
	}
	return b.String()
}

// useInBody mentions, at the start of a body, the unused variables that the
// statement before it declares.
func (r *renderer) useInBody(init ast.Stmt, body *ast.BlockStmt, insert func(token.Pos, string)) {
	if init != nil {
		if text := r.useAll(init); text != "" {
			insert(body.Lbrace+1, strings.TrimPrefix(text, ";")+";")
		}
	}
}

// keepResults keeps the values of the expressions that a timing magic repeats,
// so that the compiler cannot leave them out.
func (r *renderer) keepResults(loop *ast.RangeStmt, insert func(token.Pos, string)) {
	for _, stmt := range loop.Body.List {
		e, ok := stmt.(*ast.ExprStmt)
		if !ok || !HasValue(r.info, e.X) {
			continue
		}
		if _, ok := r.info.Types[e.X].Type.(*types.Tuple); ok {
			continue // several results: the call stays as it is
		}
		insert(e.Pos(), "ᐧlive.Keep(")
		insert(e.End(), ")")
	}
}

// HasValue reports whether an expression, used as a statement, has a value.
func HasValue(info *types.Info, e ast.Expr) bool {
	tv, ok := info.Types[e]
	return ok && !tv.IsVoid() && !tv.IsType() && !tv.IsBuiltin()
}
