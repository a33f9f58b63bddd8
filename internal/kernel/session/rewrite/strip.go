package rewrite

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A tight loop would feel the look at the flag in each iteration. One that counts
// and whose body is cheap is cut into strips instead: an outer loop looks at the
// flag, an inner one runs stripLength iterations.
//
//	for i := a; i < b; i++ { … }
//
//	for i := a; i < b; { poll; for end := i + min(b-i, 1024); i != end; i++ { … } }
//
// One that counts by another step, which is known to be positive, is cut by the number that the counter has
// at the end of a strip, unless the loop ends before that:
//
//	for i := a; i < b; { poll; end := b; if uint64(b-i)>>10 > uint64(step) { end = i + step*1024 }; for ; i < end; i += step { … } }
//
// Of another one whose head is cheap, too, the inner loop counts for itself:
//
//	for x != 1 { … }
//
//	strip: for x != 1 { poll; k := 0; for x != 1 { if k == 1024 { continue strip }; k++; … } }

// stripLength is how many iterations run between two looks at the flag. A cheap
// body takes some nanoseconds, so that a look comes every few microseconds.
const stripLength = 1024

// strip cuts a loop into strips. It returns nil where it cannot.
func (r *renderer) strip(loop ast.Stmt, body *ast.BlockStmt, parent ast.Node) []syntax.Edit {
	file := r.src.Tok
	if file.PositionFor(loop.Pos(), false).Line != file.PositionFor(body.Lbrace, false).Line || !r.isCheap(body) || r.shadows(loop) {
		return nil // the loop's head, which is written anew, must keep its lines
	}
	r.g.strips++
	n := r.g.strips
	label, head := fmt.Sprintf("ᐧstrip%d", n), ""
	l, isLabelled := parent.(*ast.LabeledStmt)
	if isLabelled {
		label = l.Label.Name
	}
	needsLabel := len(breaks(body)) > 0
	switch loop := loop.(type) {
	case *ast.ForStmt:
		if head = r.stripFor(loop, n); head == "" {
			head = r.stripSteps(loop, n)
		}
		if head == "" {
			head, needsLabel = r.stripWhile(loop, n, label), true
		}
	case *ast.RangeStmt:
		head = r.stripRange(loop, n)
	}
	if head == "" {
		return nil
	}
	if needsLabel && !isLabelled {
		head = label + ": " + head
	}
	var edits []syntax.Edit
	for _, b := range breaks(body) {
		edits = append(edits, syntax.Edit{Start: r.src.Offset(b.Pos()), End: r.src.Offset(b.End()), Text: "break " + label})
	}
	end := r.src.Offset(loop.End())
	return append(edits, syntax.Edit{Start: r.src.Offset(loop.Pos()), End: r.src.Offset(body.Lbrace + 1), Text: head}, syntax.Edit{Start: end, End: end, Text: " }"})
}

// stripFor is the new head of a for statement with three clauses, or "".
func (r *renderer) stripFor(loop *ast.ForStmt, n int) string {
	c, ok := r.counter(loop)
	if !ok || !r.isFixed(c.bound, loop.Body) || r.changes(loop.Body, c.variable) || hasLiteral(loop.Init) {
		return ""
	}
	typ := r.counterType(c.variable.Type())
	if typ == "" {
		return ""
	}
	i, bound := c.variable.Name(), r.bare(c.bound)
	left, sign := fmt.Sprintf("(%s)-%s", bound, i), "+"
	if !c.up {
		left, sign = fmt.Sprintf("%s-(%s)", i, bound), "-"
	}
	// The difference as an unsigned number is right even where it overflows.
	steps := fmt.Sprintf("min(uint64(%s), %d)", left, stripLength)
	if c.inclusive {
		// The end may overflow, too: then i gets there by overflowing as well.
		steps = fmt.Sprintf("min(uint64(%s), %d) + 1", left, stripLength-1)
	}
	return fmt.Sprintf("for %s; %s; {%s for ᐧend%d := %s %s %s(%s); %s != ᐧend%d; %s {",
		r.bare(loop.Init), r.bare(loop.Cond), loopPoll, n, i, sign, typ, steps, i, n, r.bare(loop.Post))
}

// stripSteps is the new head of a for statement that counts up by a positive step, or "". A counter that
// overflows makes a loop without an end, of which the last strip has none either.
func (r *renderer) stripSteps(loop *ast.ForStmt, n int) string {
	post, ok := loop.Post.(*ast.AssignStmt)
	if !ok || post.Tok != token.ADD_ASSIGN {
		return ""
	}
	counting := *loop
	counting.Post = &ast.IncDecStmt{X: post.Lhs[0], Tok: token.INC}
	c, ok := r.counter(&counting)
	if !ok || !r.isFixed(c.bound, loop.Body) || r.changes(loop.Body, c.variable) || hasLiteral(loop.Init) {
		return ""
	}
	step := post.Rhs[0]
	if k, ok := r.constant(step); ok && (k <= 0 || k > stripLength) {
		return ""
	} else if v := r.variableOf(step); !ok && (v == nil || !r.uses().positive[v]) {
		return ""
	}
	switch basic, ok := c.variable.Type().(*types.Basic); {
	case !ok:
		return ""
	case basic.Kind() != types.Int && basic.Kind() != types.Int64 && basic.Kind() != types.Uint && basic.Kind() != types.Uint64:
		return "" // shorter ones overflow
	}
	i, bound, typ := c.variable.Name(), r.bare(c.bound), r.counterType(c.variable.Type())
	return fmt.Sprintf("for %[1]s; %[2]s; {%[3]s ᐧend%[4]d := %[5]s(%[6]s); if uint64(ᐧend%[4]d-%[7]s)/%[8]d > uint64(%[9]s) { ᐧend%[4]d = %[7]s + (%[9]s)*%[8]d }; for ; %[7]s %[10]s ᐧend%[4]d; %[11]s {",
		r.bare(loop.Init), r.bare(loop.Cond), loopPoll, n, typ, bound, i, stripLength, r.bare(step), loop.Cond.(*ast.BinaryExpr).Op, r.bare(loop.Post))
}

// isPositive returns the variable of a for statement that counts up from a positive number, and nothing else
// changes it, or nil.
func (r *renderer) isPositive(loop *ast.ForStmt) *types.Var {
	c, ok := r.counter(loop)
	if !ok || !c.up || r.changes(loop.Body, c.variable) {
		return nil
	}
	if from, ok := r.constant(loop.Init.(*ast.AssignStmt).Rhs[0]); !ok || from <= 0 {
		return nil
	}
	return c.variable
}

// stripWhile is the new head of any other for statement, or "". Its condition is computed once more
// before each strip, and at the end.
func (r *renderer) stripWhile(loop *ast.ForStmt, n int, label string) string {
	if loop.Init != nil && (hasLiteral(loop.Init) || r.takesAddress(loop)) {
		return "" // each iteration has variables of its own
	}
	init, cond, post := "", "", ""
	if loop.Init != nil {
		init = r.bare(loop.Init)
	}
	if loop.Cond != nil {
		if !r.isCheap(loop.Cond) {
			return ""
		}
		cond = r.bare(loop.Cond)
	}
	if loop.Post != nil {
		if !r.isCheap(loop.Post) {
			return ""
		}
		post = r.bare(loop.Post)
	}
	return fmt.Sprintf("for %s; %s; {%s ᐧk%d := 0; for ; %[2]s; %[5]s { if ᐧk%[4]d == %[6]d { continue %[7]s }; ᐧk%[4]d++;", init, cond, loopPoll, n, post, stripLength, label)
}

// takesAddress reports whether a loop takes the address of anything.
func (r *renderer) takesAddress(loop ast.Node) bool {
	found := false
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND
		case *ast.SliceExpr:
			if t := r.info.Types[n.X].Type; t != nil {
				_, isArray := t.Underlying().(*types.Array)
				found = found || isArray
			}
		}
		return !found
	})
	return found
}

// stripRange is the new head of a range statement over an integer, or over the
// values of a slice, or "".
func (r *renderer) stripRange(loop *ast.RangeStmt, n int) string {
	tv := r.info.Types[loop.X]
	if tv.Type == nil || hasLiteral(loop.X) || loop.Tok == token.ASSIGN {
		return ""
	}
	key, value := nameOf(loop.Key), nameOf(loop.Value)
	if _, ok := tv.Type.Underlying().(*types.Slice); ok && key == "" && value != "" {
		return fmt.Sprintf("for ᐧrest%[1]d := %[2]s; len(ᐧrest%[1]d) > 0; {%[3]s ᐧstrip%[1]d := ᐧrest%[1]d[:min(len(ᐧrest%[1]d), %[4]d)]; ᐧrest%[1]d = ᐧrest%[1]d[len(ᐧstrip%[1]d):]; for _, %[5]s := range ᐧstrip%[1]d {",
			n, r.bare(loop.X), loopPoll, stripLength, value)
	}
	typ := r.counterType(types.Default(tv.Type))
	if typ == "" {
		return ""
	}
	declare := ""
	if key != "" {
		declare = fmt.Sprintf(" %s := ᐧi%d;", key, n)
	}
	return fmt.Sprintf("for ᐧi%[1]d, ᐧn%[1]d := %[2]s(0), %[2]s(%[3]s); ᐧi%[1]d < ᐧn%[1]d; {%[4]s for ᐧend%[1]d := ᐧi%[1]d + min(ᐧn%[1]d-ᐧi%[1]d, %[5]d); ᐧi%[1]d < ᐧend%[1]d; ᐧi%[1]d++ {%[6]s",
		n, typ, r.bare(loop.X), loopPoll, stripLength, declare)
}

// stripNames are the predeclared names that strips are written with.
var stripNames = map[string]bool{
	"min": true, "len": true, "int": true, "int64": true, "int32": true, "uint": true, "uint64": true, "uint32": true,
}

// shadows reports whether one of these means something else around a loop. (At
// the top level nothing has their names, see symbolFor.)
func (r *renderer) shadows(loop ast.Stmt) bool {
	list, ok := r.g.shadows[r.info]
	if !ok {
		for _, obj := range r.info.Defs {
			if obj != nil && obj.Parent() != nil && stripNames[obj.Name()] {
				list = append(list, obj.Parent())
			}
		}
		for _, obj := range r.info.Implicits {
			if stripNames[obj.Name()] && obj.Parent() != nil {
				list = append(list, obj.Parent())
			}
		}
		r.g.shadows[r.info] = list
	}
	return slices.ContainsFunc(list, func(scope *types.Scope) bool { return scope.Contains(loop.Pos()) })
}

// nameOf is the name of a range statement's variable, or "".
func nameOf(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
		return id.Name
	}
	return ""
}

// counterType writes a type that strips can count in, or returns "".
func (r *renderer) counterType(t types.Type) string {
	basic, ok := t.Underlying().(*types.Basic)
	if !ok {
		return ""
	}
	switch basic.Kind() {
	case types.Int, types.Int64, types.Int32, types.Uint, types.Uint64, types.Uint32:
	default:
		return "" // shorter ones overflow within a strip
	}
	p := r.g.printer(nil)
	text := p.Text(t)
	switch {
	case p.Err != nil:
		return "" // local to a function, or a type parameter
	case t == types.Type(basic):
		return text
	}
	name := fmt.Sprintf("ᐧcount%d_%s", r.g.strips, idMark) // the type's own may mean something else here
	fmt.Fprintf(&r.g.types, "type %s = %s\n", name, text)
	return name
}

// A counter is a for statement that counts by one.
type counter struct {
	variable  *types.Var
	bound     ast.Expr
	up        bool
	inclusive bool
}

// counter reads a for statement of the form i := a; i < b; i++, or its like with
// <=, and with > or >= and i--.
func (r *renderer) counter(loop *ast.ForStmt) (c counter, ok bool) {
	init, ok1 := loop.Init.(*ast.AssignStmt)
	cond, ok2 := loop.Cond.(*ast.BinaryExpr)
	post, ok3 := loop.Post.(*ast.IncDecStmt)
	if !ok1 || !ok2 || !ok3 || init.Tok != token.DEFINE || len(init.Lhs) != 1 {
		return c, false
	}
	c.variable = r.variableOf(init.Lhs[0])
	if c.variable == nil || r.variableOf(cond.X) != c.variable || r.variableOf(post.X) != c.variable {
		return c, false
	}
	c.bound, c.up = cond.Y, post.Tok == token.INC
	switch cond.Op {
	case token.LSS, token.LEQ:
		ok = c.up
	case token.GTR, token.GEQ:
		ok = !c.up
	}
	c.inclusive = cond.Op == token.LEQ || cond.Op == token.GEQ
	return c, ok
}

// variableOf returns the variable that an identifier stands for, or nil.
func (r *renderer) variableOf(e ast.Expr) *types.Var {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	obj := r.info.Defs[id]
	if obj == nil {
		obj = r.info.Uses[id]
	}
	v, _ := obj.(*types.Var)
	return v
}

// isFixed reports whether a loop's bound stays what it is while a cheap body runs:
// a constant, a variable that the body leaves alone, or the length of one.
func (r *renderer) isFixed(e ast.Expr, body *ast.BlockStmt) bool {
	if _, ok := r.constant(e); ok {
		return true
	}
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 && r.isBuiltin(call, "len") {
		e = call.Args[0]
		if t := r.info.Types[e].Type; t == nil {
			return false
		} else if _, ok := t.Underlying().(*types.Slice); !ok {
			return false
		}
	}
	v := r.variableOf(e)
	return v != nil && !r.changes(body, v) && !writesThroughPointer(body)
}

// writesThroughPointer reports whether a body has an assignment to *p, which may
// be any variable.
func writesThroughPointer(body ast.Node) bool {
	found := false
	isStar := func(e ast.Expr) bool { _, ok := ast.Unparen(e).(*ast.StarExpr); return ok }
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				found = found || isStar(e)
			}
		case *ast.IncDecStmt:
			found = found || isStar(n.X)
		}
		return !found
	})
	return found
}

// constant returns the value of an integer constant.
func (r *renderer) constant(e ast.Expr) (int64, bool) {
	v := r.info.Types[e].Value
	if v == nil {
		return 0, false
	}
	return constant.Int64Val(constant.ToInt(v))
}

// changes reports whether a body assigns to a variable or takes its address.
func (r *renderer) changes(body ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				found = found || r.variableOf(ast.Unparen(e)) == v
			}
		case *ast.IncDecStmt:
			found = found || r.variableOf(ast.Unparen(n.X)) == v
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && r.variableOf(ast.Unparen(n.X)) == v
		case *ast.RangeStmt:
			found = found || n.Tok == token.ASSIGN && (r.variableOf(n.Key) == v || r.variableOf(n.Value) == v)
		}
		return !found
	})
	return found
}
