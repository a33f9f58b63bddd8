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

// A goroutine that was blocked when its cell was interrupted must not go on when it
// wakes up. So the flag is looked at again after all that can wait: behind the
// statement where nothing else happens in it, otherwise around the expression,
// with functions of package poll that return what they are given.

// maxAfter is how many results of a call package poll can hand on.
const maxAfter = 4

// afterStatement is what follows a statement of a list that waits, or "".
func (r *renderer) afterStatement(stmt ast.Stmt) string {
	switch n := stmt.(type) {
	case *ast.LabeledStmt:
		return r.afterStatement(n.Stmt)
	case *ast.ExprStmt:
		if !r.waits(n.X) {
			return ""
		}
		if unlock := r.unlock(n.X); unlock != "" {
			return "; if ᐧpoll.Flag.Load() != 0 { ᐧpoll.Locked(" + unlock + ") }"
		}
	case *ast.SendStmt:
	case *ast.AssignStmt:
		if len(n.Rhs) != 1 || !r.waits(n.Rhs[0]) || !r.assignsLocals(n) && len(n.Lhs) <= maxAfter {
			return ""
		}
	case *ast.DeclStmt:
		if value := onlyValue(n.Decl); value == nil || !r.waits(value) {
			return ""
		}
	case *ast.RangeStmt:
		if !waitsInRange(r.info.Types[n.X].Type) {
			return ""
		}
	case *ast.ForStmt:
		if post, ok := n.Post.(*ast.ExprStmt); !ok || HasValue(r.info, post.X) || !r.waits(post.X) {
			return ""
		}
	default:
		return ""
	}
	return ";" + functionPoll
}

// afterWork is what follows a statement of a cell itself, or a variable's value, that
// may take long although it does not wait, or "". What runs once can afford a look where
// functions have none: behind operations on texts, append, copy, and conversions.
func (r *renderer) afterWork(n ast.Node) string {
	works := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			works = true
		case *ast.BinaryExpr:
			works = works || !isNumber(r.info.Types[n.X].Type)
		case *ast.AssignStmt:
			works = works || n.Tok == token.ADD_ASSIGN && !isNumber(r.info.Types[n.Lhs[0]].Type)
		}
		return !works
	})
	if !works {
		return ""
	}
	return ";" + functionPoll
}

// onlyValue is the value of a declaration that has only one, or nil.
func onlyValue(d ast.Decl) ast.Expr {
	if gen, ok := d.(*ast.GenDecl); ok && gen.Tok == token.VAR && len(gen.Specs) == 1 {
		if spec := gen.Specs[0].(*ast.ValueSpec); len(spec.Values) == 1 {
			return spec.Values[0]
		}
	}
	return nil
}

// assignsLocals reports whether an assignment changes nothing but variables of the
// function around it, which nobody looks at when the goroutine ends behind it.
func (r *renderer) assignsLocals(n *ast.AssignStmt) bool {
	for _, e := range n.Lhs {
		id, ok := e.(*ast.Ident)
		if !ok {
			return false
		}
		v, _ := r.info.Defs[id].(*types.Var)
		if v == nil {
			v, _ = r.info.Uses[id].(*types.Var)
		}
		if v != nil && (r.g.State.Of[v] != nil || v.Parent() == r.g.State.Pkg.Scope() || r.uses().captured[v]) {
			return false
		}
	}
	return n.Tok == token.ASSIGN || n.Tok == token.DEFINE
}

// around returns what has to stand around an expression that waits, where
// something else happens behind it in its statement. The nodes around it are the
// stack.
func (r *renderer) around(e ast.Expr, stack []ast.Node) (before, after string, commaOK bool) {
	up := func() (n ast.Node) {
		if len(stack) > 0 {
			n, stack = stack[len(stack)-1], stack[:len(stack)-1]
		}
		return n
	}
	parent := up()
	for isParen(parent) {
		parent = up()
	}
	tuple, _ := r.info.Types[e].Type.(*types.Tuple)
	_, isCall := e.(*ast.CallExpr)
	commaOK = tuple != nil && !isCall
	switch p := parent.(type) {
	case *ast.GoStmt, *ast.DeferStmt:
		return "", "", false
	case *ast.ExprStmt:
		if at := up(); at == nil || isListOrComm(at, p) {
			return "", "", false
		}
	case *ast.AssignStmt:
		at := up()
		if comm, ok := at.(*ast.CommClause); ok && comm.Comm == ast.Stmt(p) {
			return "", "", false
		}
		if isListOrComm(at, p) && len(p.Rhs) == 1 && r.assignsLocals(p) {
			return "", "", false
		}
		if commaOK && !isBool(r.info.Types[p.Lhs[1]].Type) && p.Tok == token.ASSIGN && nameOf(p.Lhs[1]) != "" {
			return "", "", false // poll.Receive returns a plain bool
		}
	case *ast.ValueSpec:
		gen := up()
		if decl, ok := up().(*ast.DeclStmt); ok && onlyValue(gen.(ast.Decl)) != nil && isListOrComm(up(), decl) {
			return "", "", false
		}
	case *ast.ReturnStmt:
		if len(p.Results) == 1 {
			return "", "", false // whoever called looks
		}
	}
	switch {
	case commaOK:
		return "ᐧpoll.Receive(", ")", true
	case tuple == nil && HasValue(r.info, e):
		return "ᐧpoll.After(", ")", false
	case tuple != nil && 2 <= tuple.Len() && tuple.Len() <= maxAfter:
		return fmt.Sprintf("ᐧpoll.After%d(", tuple.Len()), ")", false
	}
	return "", "", false
}

func isParen(n ast.Node) bool {
	_, ok := n.(*ast.ParenExpr)
	return ok
}

func isBool(t types.Type) bool { return t != nil && types.Identical(t, types.Typ[types.Bool]) }

// isListOrComm reports whether a statement stands in a list of statements, or is
// the operation of a select statement's case: there, something can follow it.
func isListOrComm(parent ast.Node, stmt ast.Stmt) bool {
	switch p := parent.(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		return true
	case *ast.LabeledStmt:
		return p.Stmt == stmt
	}
	return false
}

// commClause has a case of a select statement look at the flag before anything
// else, and assigns what it received after that.
func (r *renderer) commClause(n *ast.CommClause) (head []syntax.Edit, body string) {
	if assign, ok := n.Comm.(*ast.AssignStmt); ok && assign.Tok == token.ASSIGN {
		if names, later := r.assignLater(assign.Lhs); later != "" {
			return []syntax.Edit{{Start: r.src.Offset(assign.Pos()), End: r.src.Offset(assign.TokPos) + 1, Text: names + " :="}}, functionPoll + later
		}
	}
	return nil, functionPoll
}

// hasDefault reports whether a select statement does not wait.
func hasDefault(n *ast.SelectStmt) bool {
	return slices.ContainsFunc(n.Body.List, func(c ast.Stmt) bool { return c.(*ast.CommClause).Comm == nil })
}

// rangeLater has a range statement look at the flag before it assigns to variables
// that it does not declare.
func (r *renderer) rangeLater(n *ast.RangeStmt) (head syntax.Edit, body string) {
	if n.Tok != token.ASSIGN || !waitsInRange(r.info.Types[n.X].Type) {
		return head, ""
	}
	lhs := []ast.Expr{n.Key}
	if n.Value != nil {
		lhs = append(lhs, n.Value)
	}
	names, body := r.assignLater(lhs)
	return syntax.Edit{Start: r.src.Offset(n.Key.Pos()), End: r.src.Offset(n.TokPos) + 1, Text: names + " :="}, body
}

// assignLater returns variables to receive into, and the statement that assigns
// them to others. It cannot where a received truth value goes to a type of its own.
func (r *renderer) assignLater(lhs []ast.Expr) (head, body string) {
	var names, texts []string
	for i, e := range lhs {
		if i == 1 && isTruth(r.info.Types[e].Type) && !isBool(r.info.Types[e].Type) {
			return "", ""
		}
		names = append(names, fmt.Sprintf("ᐧr%d", i))
		texts = append(texts, r.bare(e))
	}
	return strings.Join(names, ", "), fmt.Sprintf(" %s = %s;", strings.Join(texts, ", "), strings.Join(names, ", "))
}

func isTruth(t types.Type) bool {
	if t == nil {
		return false // of a blank
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsBoolean != 0
}

// unlock is the method value that gives back the lock that a call waits for, or
// "". A goroutine that ends there must not keep it: the call that would give it
// back does not run.
func (r *renderer) unlock(e ast.Expr) string {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return ""
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !isPlain(sel.X) {
		return ""
	}
	fn, ok := r.info.Uses[sel.Sel].(*types.Func)
	if ok && fn.FullName() == "(*sync.Cond).Wait" {
		return r.unlockAround(call)
	}
	name := map[string]string{"Lock": "Unlock", "RLock": "RUnlock"}[sel.Sel.Name]
	if !ok || name == "" || fn.Pkg() == nil || fn.Pkg().Path() != "sync" {
		return ""
	}
	t := r.info.Types[sel.X].Type
	if t == nil {
		return ""
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, r.g.State.Pkg, name)
	if m, ok := obj.(*types.Func); !ok || m.Pkg() == nil || m.Pkg().Path() != "sync" {
		return ""
	}
	return r.bare(sel.X) + "." + name
}

// unlockAround is the method value that gives back the lock which a function holds around
// a call of sync.Cond's Wait, or "" where a deferred call does that, or where it is not the
// function's own: whoever took it may have deferred that.
func (r *renderer) unlockAround(wait *ast.CallExpr) string {
	var around ast.Node // the innermost function
	ast.Inspect(r.src.File, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			if n.Pos() <= wait.Pos() && wait.End() <= n.End() {
				around = n
			}
		}
		return n == nil || n.Pos() <= wait.Pos() || n.End() > wait.Pos()
	})
	if around == nil {
		return ""
	}
	unlock, deferred := "", false
	ast.Inspect(around, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n == around
		case *ast.DeferStmt:
			deferred = deferred || strings.Contains(r.src.Slice(n), "Unlock")
			return false
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if !ok || n.Pos() >= wait.Pos() {
				return true
			}
			if strings.HasSuffix(sel.Sel.Name, "Unlock") {
				unlock = ""
			} else if text := r.unlock(n); text != "" && n != wait {
				unlock = text
			}
		}
		return true
	})
	if deferred {
		return ""
	}
	return unlock
}

// later is what stands around the function that a call of time.AfterFunc, or of
// context.AfterFunc, is given, so that it belongs to the cell.
func (r *renderer) later(call *ast.CallExpr) (before, after string) {
	id := syntax.CalledName(call.Fun)
	if id == nil || len(call.Args) != 2 {
		return "", ""
	}
	if fn, ok := r.info.Uses[id].(*types.Func); ok && (fn.FullName() == "time.AfterFunc" || fn.FullName() == "context.AfterFunc") {
		return "ᐧpoll.Later(", ")"
	}
	return "", ""
}

// isPlain reports whether an expression can be evaluated twice.
func isPlain(e ast.Expr) bool {
	plain := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr, *ast.FuncLit, *ast.CompositeLit:
			plain = false
		case *ast.UnaryExpr:
			plain = plain && n.Op != token.ARROW
		}
		return plain
	})
	return plain
}
