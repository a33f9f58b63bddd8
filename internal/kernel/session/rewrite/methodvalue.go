package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// methodValue renders v.Method, used as a value, so that it can travel: as a
// function literal that captures the receiver, which Go evaluates at this point.
// It reports false for one that is to stay as it is.
func (r *renderer) methodValue(sel *ast.SelectorExpr, parent ast.Node) (string, bool) {
	if !r.g.shares || r.plain {
		return "", false
	}
	if call, ok := parent.(*ast.CallExpr); ok && call.Fun == ast.Expr(sel) {
		return "", false
	}
	selection := r.info.Selections[sel]
	if selection == nil || selection.Kind() != types.MethodVal {
		return "", false
	}
	sig, ok := selection.Type().(*types.Signature)
	if !ok {
		return "", false
	}
	// The method's own signature has the receiver, which a value has not.
	sig = types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	recv := selection.Recv()
	if Runner(sig) == "" || types.IsInterface(recv) {
		return "", false
	}
	bound := r.bare(sel.X)
	method := selection.Obj().(*types.Func)
	if _, isPointer := recv.Underlying().(*types.Pointer); typetext.PointerReceiver(method) && !isPointer {
		recv, bound = types.NewPointer(recv), "&"+bound
	}
	printer := r.g.printer(nil)
	recvText, params, results := printer.Text(recv), printer.ParamList(sig.Params(), false, "ᐧa"), printer.Results(sig)
	if printer.Err != nil {
		return "", false
	}
	uses := make(map[*decl.Decl]bool)
	r.g.State.TypeUses(recv, uses)

	n := r.g.nextLiteral()
	name := fmt.Sprintf("ᐧlit%d_%s", n, idMark)
	label := types.ExprString(sel)
	call := "ᐧrecv." + sel.Sel.Name + arguments(sig)
	if sig.Results().Len() > 0 {
		call = "return " + call
	}
	fmt.Fprintf(&r.g.vars, "var %s ᐧreg.Literal\n", name)
	r.g.registered = append(r.g.registered, fmt.Sprintf(
		"ᐧreg.DefineLiteral(&%s, %s, []string{%q}, func() ([]any, func() ᐧreg.Runner) { var ᐧrecv %s; return []any{&ᐧrecv}, func() ᐧreg.Runner { return ᐧreg.%s(func%s%s { %s }) } })",
		name, r.g.info(fmt.Sprintf("lit%d", n), label, decl.Reads(uses), r.g.State.Effects().Method(method, selection.Recv())), types.ExprString(sel.X), recvText, Runner(sig), params, results, call))
	// A function of the unit, because the names of types may mean something else
	// around the method value.
	bind := fmt.Sprintf("ᐧlit%d_%s", r.g.nextLiteral(), idMark)
	fmt.Fprintf(&r.g.funcs, "%sfunc %s(ᐧrecv %s) func%s%s { return ᐧreg.Lit(&%s, func%s%s { if ᐧpoll.Flag.Load() != 0 { %s.Enter(&ᐧrecv) }; %s }) }\n",
		syntax.DirectiveAt(r.g.Fset, sel.Pos()), bind, recvText, params, results, name, params, results, name, call)
	return fmt.Sprintf("%s(%s)", bind, bound), true
}
