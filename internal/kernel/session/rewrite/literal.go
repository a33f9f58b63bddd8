package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Functions that a view may be given are registered under a name, so that an
// engine, which loads the same code, finds them. A function literal that
// captures nothing becomes a function of its own. One that captures local
// variables stays where it is, but can be asked for them (registry.Lit), and a
// second copy of its text, with the captured variables as locals, rebuilds it on
// an engine.

// Runner names the registry's runner for a signature, or returns "" where views
// take no such function: they take none or one argument, and a result, an
// error, both or nothing; two arguments, and a result and perhaps an error; or a
// context before at most one argument, and an error after at most one result.
func Runner(sig *types.Signature) string {
	if sig.Variadic() || sig.TypeParams().Len() > 0 || sig.Recv() != nil {
		return ""
	}
	params, name := sig.Params().Len(), "Fn"
	if params > 0 && isContext(sig.Params().At(0).Type()) {
		params, name = params-1, "FnContext"
	}
	isError := func(i int) bool { return typetext.IsError(sig.Results().At(i).Type()) }
	results := ""
	switch sig.Results().Len() {
	case 0:
	case 1:
		results = "R"
		if isError(0) {
			results = "E"
		}
	case 2:
		if results = "RE"; !isError(1) || isError(0) {
			return ""
		}
	default:
		return ""
	}
	switch shape := fmt.Sprintf("%s%d%s", name, params, results); {
	case name == "Fn" && params < 2:
		return shape
	case slices.Contains([]string{"Fn2R", "Fn2RE", "FnContext0RE", "FnContext1E", "FnContext1RE"}, shape):
		return shape
	}
	return ""
}

func isContext(t types.Type) bool {
	named, ok := t.(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context" && named.Obj().Name() == "Context"
}

// literal renders a function literal that can travel. It reports false for one
// that is to stay as it is.
func (r *renderer) literal(lit *ast.FuncLit, parent ast.Node) (string, bool) {
	if !r.g.shares || r.plain {
		return "", false
	}
	if call, ok := parent.(*ast.CallExpr); ok && call.Fun == ast.Expr(lit) {
		return "", false // called on the spot, so no view gets it
	}
	sig, ok := r.info.Types[lit].Type.(*types.Signature)
	if !ok || Runner(sig) == "" || strings.HasPrefix(Runner(sig), "Fn2") && !r.forView(parent) {
		return "", false
	}
	printer := r.g.printer(nil)
	if printer.Text(sig); printer.Err != nil {
		return "", false // inside a generic function
	}
	captures := r.captures(lit)
	n := r.g.nextLiteral()
	name := fmt.Sprintf("ᐧlit%d_%s", n, idMark)
	info := r.g.info(fmt.Sprintf("lit%d", n), "the function literal at "+r.g.placeOf(lit), r.g.reads(lit, r.info), r.g.State.Effects().Literal(lit, r.info))

	if len(captures) == 0 {
		fmt.Fprintf(&r.g.funcs, "%sfunc %s%s %s\n", syntax.DirectiveAt(r.g.Fset, lit.Pos()), name, r.signatureText(lit), r.body(lit))
		r.g.registered = append(r.g.registered, fmt.Sprintf("ᐧreg.Func(%s, %s, ᐧreg.%s(%s))", info, name, Runner(sig), name))
		return name, true
	}

	var names, types, vars, pointers []string
	refusal := ""
	for i, v := range captures {
		names = append(names, fmt.Sprintf("%q", v.Name()))
		text := printer.Text(v.Type())
		if printer.Err != nil && refusal == "" {
			refusal = fmt.Sprintf("it captures %s, whose type cannot be named outside its function", v.Name())
		}
		// A variable may have the name of a type that the next one needs.
		types = append(types, fmt.Sprintf("type ᐧT%d = %s", i, text))
		vars = append(vars, fmt.Sprintf("var %s ᐧT%d; _ = %[1]s", v.Name(), i))
		pointers = append(pointers, "&"+v.Name())
	}
	rebuild := "nil"
	if refusal == "" {
		copied := *r
		copied.plain = true
		rebuild = fmt.Sprintf("func() ([]any, func() ᐧreg.Runner) { %s; return []ᐧany{%s}, func() ᐧreg.Runner { return ᐧreg.%s(func%s %s) } }",
			strings.Join(slices.Concat(types, vars), "; "), strings.Join(pointers, ", "), Runner(sig), copied.signatureText(lit), copied.body(lit))
	} else {
		info = r.g.refused(info, refusal)
	}
	fmt.Fprintf(&r.g.vars, "var %s ᐧreg.Literal\n", name)
	r.g.registered = append(r.g.registered, fmt.Sprintf("ᐧreg.DefineLiteral(&%s, %s, []string{%s}, %s)", name, info, strings.Join(names, ", "), rebuild))
	enter := fmt.Sprintf("{ if ᐧpoll.Flag.Load() != 0 { %s.Enter(%s) }; ", name, strings.Join(pointers, ", "))
	return fmt.Sprintf("ᐧreg.Lit(&%s, func%s %s)", name, r.signatureText(lit), enter+strings.TrimPrefix(r.body(lit), "{")), true
}

// forView reports whether a node is a call of something in package parallel. Literals with two
// arguments are registered there only: most others compare the elements of a slice, and should
// be inlined.
func (r *renderer) forView(parent ast.Node) bool {
	call, ok := parent.(*ast.CallExpr)
	if !ok {
		return false
	}
	id := syntax.IdentOf(call.Fun)
	if id == nil {
		return false
	}
	fn, ok := r.info.Uses[id].(*types.Func)
	return ok && fn.Pkg() != nil && fn.Pkg().Path() == workspace.ModulePath+"/parallel"
}

// signatureText is a literal's parameters and results, edited.
func (r *renderer) signatureText(lit *ast.FuncLit) string {
	text := r.bare(lit.Type)
	return strings.TrimPrefix(text, "func")
}

// body is a literal's body, edited, with its braces and its own positions.
func (r *renderer) body(lit *ast.FuncLit) string {
	text := r.bare(lit.Body)
	return "{" + r.entryPoll(lit, lit.Body) + syntax.DirectiveAt(r.g.Fset, lit.Body.Lbrace+1) + strings.TrimPrefix(text, "{")
}

// captures lists the local variables that a literal uses and does not declare,
// in the order of their first use.
func (r *renderer) captures(lit *ast.FuncLit) []*types.Var {
	var list []*types.Var
	seen := make(map[*types.Var]bool)
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := r.info.Uses[id].(*types.Var)
		if !ok || v.IsField() || seen[v] || r.g.State.Of[v] != nil || v.Pkg() != r.g.State.Pkg {
			return true
		}
		if lit.Pos() <= v.Pos() && v.Pos() < lit.End() || v.Parent() == r.g.State.Pkg.Scope() {
			return true
		}
		seen[v] = true
		list = append(list, v)
		return true
	})
	return list
}

// functionValue looks at an expression that may be a function which a view is
// given by name: one of an imported package, which is registered, or an instance
// of a generic function, which gets a function of its own. It returns the text
// to use instead, and whether there is one.
func (r *renderer) functionValue(e ast.Expr, parent ast.Node) (string, bool) {
	if !r.g.shares || r.plain {
		return "", false
	}
	switch parent := parent.(type) {
	case *ast.CallExpr:
		if parent.Fun == e {
			return "", false
		}
	case *ast.IndexExpr:
		if parent.X == e {
			return "", false
		}
	case *ast.IndexListExpr:
		if parent.X == e {
			return "", false
		}
	case *ast.FuncDecl, *ast.SelectorExpr:
		return "", false
	}
	id := syntax.CalledName(e)
	if id == nil {
		return "", false
	}
	fn, ok := r.info.Uses[id].(*types.Func)
	if !ok || fn.Signature().Recv() != nil || fn.Pkg() == nil {
		return "", false
	}
	sig, ok := r.info.Types[e].Type.(*types.Signature)
	if !ok || Runner(sig) == "" {
		return "", false
	}
	printer := r.g.printer(nil)
	if printer.Text(sig); printer.Err != nil {
		return "", false
	}
	if inst, ok := r.info.Instances[id]; ok {
		return r.instance(fn, inst, sig)
	}
	if fn.Pkg() != r.g.State.Pkg && fn.Exported() {
		name := r.g.alias(fn.Pkg().Path(), fn.Pkg().Name()) + "." + fn.Name()
		r.g.importedFunc(fn, name, fn.Pkg().Path()+"."+fn.Name(), Runner(sig))
	}
	return "", false
}

// arguments passes on the parameters that [typetext.Printer.ParamList] names.
func arguments(sig *types.Signature) string {
	return [...]string{"()", "(ᐧa0)", "(ᐧa0, ᐧa1)"}[sig.Params().Len()]
}

// instance makes a function out of an instance of a generic one, whose value
// alone would not tell an engine which it is.
func (r *renderer) instance(fn *types.Func, inst types.Instance, sig *types.Signature) (string, bool) {
	printer := r.g.printer(nil)
	callee := fn.Name()
	if d := r.g.State.Of[fn]; d != nil {
		callee = r.g.newest(d)
	} else if fn.Pkg() != r.g.State.Pkg {
		callee = r.g.alias(fn.Pkg().Path(), fn.Pkg().Name()) + "." + fn.Name()
	}
	callee += printer.Args(inst.TypeArgs)
	params, results := printer.ParamList(sig.Params(), false, "ᐧa"), ""
	switch sig.Results().Len() {
	case 1:
		results = " " + printer.Text(sig.Results().At(0).Type())
	case 2:
		results = " " + printer.ParamList(sig.Results(), false, "")
	}
	if printer.Err != nil {
		return "", false
	}
	n := r.g.nextLiteral()
	name := fmt.Sprintf("ᐧlit%d_%s", n, idMark)
	call := callee + arguments(sig)
	if results != "" {
		call = "return " + call
	}
	fmt.Fprintf(&r.g.funcs, "func %s%s%s { %s }\n", name, params, results, call)
	var uses map[*decl.Decl]bool
	if d := r.g.State.Of[fn]; d != nil {
		uses = map[*decl.Decl]bool{d: true}
	}
	info := r.g.info(fmt.Sprintf("lit%d", n), fn.Name()+printer.Args(inst.TypeArgs), decl.Reads(uses), r.g.State.Effects().Function(fn, inst.TypeArgs))
	r.g.registered = append(r.g.registered, fmt.Sprintf("ᐧreg.Func(%s, %s, ᐧreg.%s(%s))", info, name, Runner(sig), name))
	return name, true
}
