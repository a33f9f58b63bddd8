package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Compiled cells can be stopped because they look at a flag (package poll): in a function that
// may call itself before it can do so, in each loop, and before a goto. What is
// left out ends by itself: other functions, and loops that count to a small
// constant. Loops that count, the tight ones, are cut into strips; see strip.go.
// They also look behind all that can wait, see after.go, and where a function begins
// that a package may call, see callback.go.

const (
	// functionPoll looks at the flag where a function begins.
	functionPoll = " if ᐧpoll.Flag.Load() != 0 { ᐧpoll.Point() };"
	// flagVar declares the variable through which loops look at the flag. The flag
	// itself may be far from the unit's code, which costs a load more in each
	// iteration.
	flagVar = " ᐧflag := ᐧpoll.FlagPointer; _ = ᐧflag;"
	// loopPoll looks at the flag in a loop.
	loopPoll = " if ᐧflag.Load() != 0 { ᐧpoll.Point() };"
)

// entryPoll is what the body of a function, a declared one or a literal, begins
// with.
func (r *renderer) entryPoll(fn ast.Node, body *ast.BlockStmt) string {
	text := ""
	if r.uses().polls[body] {
		text = functionPoll
	}
	if loops(body) {
		text += flagVar
	}
	if t := r.test(fn); t != "" {
		text += " defer ᐧpoll.IfEnding(" + t + ".FailNow);"
	}
	return text
}

// test is the name of the only parameter of a function that package testing calls, a
// *testing.T, or "".
func (r *renderer) test(fn ast.Node) string {
	var typ *ast.FuncType
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		typ = fn.Type
	case *ast.FuncLit:
		typ = fn.Type
	}
	if len(typ.Params.List) != 1 || len(typ.Params.List[0].Names) != 1 {
		return ""
	}
	name := typ.Params.List[0].Names[0]
	p, ok := r.info.Defs[name].(*types.Var)
	if !ok || name.Name == "_" {
		return ""
	}
	pointer, ok := types.Unalias(p.Type()).(*types.Pointer)
	if !ok {
		return ""
	}
	named, ok := types.Unalias(pointer.Elem()).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "testing" || named.Obj().Name() != "T" {
		return ""
	}
	return name.Name
}

// loops reports whether a function's own body, its literals aside, has a loop or
// a goto.
func loops(body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == token.GOTO
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}

// pollLoop lets a loop be stopped, at the least price that it finds.
func (r *renderer) pollLoop(loop ast.Stmt, parent ast.Node) []syntax.Edit {
	var body *ast.BlockStmt
	switch n := loop.(type) {
	case *ast.ForStmt:
		if r.isSmallLoop(n) {
			return nil
		}
		body = n.Body
	case *ast.RangeStmt:
		if r.isSmallRange(n) {
			return nil
		}
		body = n.Body
	}
	if edits := r.strip(loop, body, parent); edits != nil {
		return edits
	}
	at := r.src.Offset(body.Lbrace + 1)
	return []syntax.Edit{{Start: at, End: at, Text: loopPoll}}
}

// notePolls notes where a function's body looks at the flag: where it begins, if a package may call
// it, or else behind the statement before the first one that may lead back to it. Before that it
// ends by itself, as the last calls of a recursion do.
func (r *renderer) notePolls(fn ast.Node, body *ast.BlockStmt, polls map[ast.Node]bool) {
	if r.isCallback(fn) && r.changesSomething(body) {
		polls[body] = true
		return
	}
	var self *decl.Decl
	if fn, ok := fn.(*ast.FuncDecl); ok && fn.Recv == nil {
		self = r.g.State.Of[r.info.Defs[fn.Name]]
	}
	before := ast.Node(body)
	for _, stmt := range body.List {
		if r.mayRecur(stmt, self) {
			polls[before] = true
			return
		}
		before = stmt
	}
}

// mayRecur reports whether a statement can be part of a circle of calls of a function, so that
// this may not end although its loops do. A circle goes through a call whose target
// only shows at run time, or it is seen in what the session's declarations refer
// to.
func (r *renderer) mayRecur(stmt ast.Stmt, self *decl.Decl) bool {
	recurs := false
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			recurs = recurs || r.callMayRecur(n, self)
		case *ast.FuncLit:
			return false
		}
		return !recurs
	})
	return recurs
}

// callMayRecur reports whether a call may lead back to the function that makes it,
// self; nil stands for a method or a literal.
func (r *renderer) callMayRecur(call *ast.CallExpr, self *decl.Decl) bool {
	if tv := r.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return false
	}
	fn, ok := r.info.Uses[syntax.CalledName(call.Fun)].(*types.Func)
	if !ok {
		return true // a value
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return true
	}
	if fn.Pkg() == r.g.State.Pkg {
		callee := r.g.State.Of[fn]
		// A method's name stands for itself in no circle that is looked for.
		return self == nil || callee == nil || callee == self || callee.Closure(nil)[self]
	}
	for _, arg := range call.Args { // it may call back
		t := r.info.Types[arg].Type
		if t == nil {
			return true
		}
		switch t.Underlying().(type) {
		case *types.Basic, *types.Slice, *types.Array, *types.Map:
		default:
			return true
		}
	}
	params := fn.Signature().Params()
	for v := range params.Variables() {
		if types.IsInterface(v.Type()) || fn.Signature().Variadic() {
			return true
		}
	}
	return false
}

const smallBound = 16

// isSmallLoop reports whether a for statement counts to a small constant.
func (r *renderer) isSmallLoop(loop *ast.ForStmt) bool {
	c, ok := r.counter(loop)
	if !ok || r.changes(loop.Body, c.variable) {
		return false
	}
	from, ok1 := r.constant(loop.Init.(*ast.AssignStmt).Rhs[0])
	to, ok2 := r.constant(c.bound)
	return ok1 && ok2 && max(from-to, to-from) <= smallBound
}

// isSmallRange reports whether a range statement runs a small constant number of
// times.
func (r *renderer) isSmallRange(loop *ast.RangeStmt) bool {
	tv := r.info.Types[loop.X]
	if n, ok := r.constant(loop.X); ok {
		return n <= smallBound
	}
	if tv.Type == nil {
		return false
	}
	array, ok := tv.Type.Underlying().(*types.Array)
	return ok && array.Len() <= smallBound
}
