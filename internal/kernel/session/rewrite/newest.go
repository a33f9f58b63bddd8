package rewrite

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Functions and methods are called through a variable with the newest version,
// unless the call is in code that is over before there is another: then the version
// of the same unit is called as it is, and the compiler can put it in place of the
// call. The compiler knows of such a version what it does with its arguments, and
// those that stay with it may lie on the stack; so nothing may lead such calls to
// another version.

// callee is the text for a function where it is called.
func (r *renderer) callee(d *decl.Decl, id *ast.Ident) string {
	switch {
	case r.g.own[d] && r.uses().brief[id]:
		return d.Body
	case d.Escaping():
		return r.g.ref(d, false)
	case !r.g.own[d]:
		r.g.need(d)
	}
	return d.FuncVar()
}

// directCall returns the edits that make of x.m(…) a call of the unit's version of the
// method, where that can be: of the function that it is, with the receiver as the first
// argument.
func (r *renderer) directCall(call *ast.CallExpr) []syntax.Edit {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !r.uses().brief[sel.Sel] {
		return nil
	}
	selection := r.info.Selections[sel]
	if selection == nil || selection.Kind() != types.MethodVal {
		return nil
	}
	d := r.g.State.DeclOf(selection.Obj().(*types.Func).Origin())
	start, end := r.src.Offset(sel.X.End()), r.src.Offset(call.Lparen)+1
	if !r.g.own[d] || d.Generic || bytes.ContainsAny(r.src.Text[start:end], "\n/") {
		return nil
	}
	if len(call.Args) == 1 {
		if _, several := r.info.Types[call.Args[0]].Type.(*types.Tuple); several {
			return nil
		}
	}
	path, t := "", selection.Recv()
	for _, i := range selection.Index()[:len(selection.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		field := t.Underlying().(*types.Struct).Field(i)
		if field.Pkg() != r.g.State.Pkg && !field.Exported() {
			return nil
		}
		path, t = path+"."+field.Name(), field.Type()
	}
	operator := ""
	switch _, isPointer := t.Underlying().(*types.Pointer); {
	case d.PtrRecv() && !isPointer:
		operator = "&"
	case !d.PtrRecv() && isPointer:
		operator = "*"
	}
	if len(call.Args) > 0 {
		path += ", "
	}
	at := r.src.Offset(sel.X.Pos())
	return []syntax.Edit{{Start: at, End: at, Text: d.Body + "(" + operator}, {Start: start, End: end, Text: path}}
}

// isBrief reports whether code is over before what it calls can have another version:
// statements of the cell, and functions that neither wait nor have an open end. A
// literal may be kept. Code of a generic function is not always that of the version which is the
// newest when it is compiled, so there only what is generic itself is called as it is: the
// code of a function that calls another version is another.
func (r *renderer) isBrief(stack []ast.Node, generic bool) bool {
	for _, n := range stack {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.FuncDecl:
			if n.Name.Name == syntax.RunFunc {
				continue
			}
			fn, ok := r.info.Defs[n.Name].(*types.Func)
			inGeneric := ok && (fn.Signature().TypeParams() != nil || fn.Signature().RecvTypeParams() != nil)
			if !ok || inGeneric && !generic || r.g.lasts(piece{n.Body, r.info}) {
				return false
			}
		}
	}
	return true
}

// lasts reports whether code may run for as long as somebody wants.
func (g *generator) lasts(root piece) bool {
	return g.finds(root, g.memory.lasting, func(n ast.Node, info *types.Info) bool {
		switch n := n.(type) {
		case *ast.BranchStmt:
			return n.Tok == token.GOTO
		case *ast.ForStmt:
			return n.Cond == nil || n.Post == nil && asks(n.Cond, info)
		}
		return false
	})
}

// asks reports whether a condition calls something, which may have its answer from
// another goroutine.
func asks(cond ast.Expr, info *types.Info) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			tv := info.Types[call.Fun]
			found = found || !tv.IsType() && !tv.IsBuiltin()
		}
		return !found
	})
	return found
}

// definition writes one version of a function or a method.
func (r *renderer) definition(d *decl.Decl) string {
	n := d.Node.(*ast.FuncDecl)
	if n.Recv == nil {
		return r.node(n)
	}
	// A method becomes a function whose first parameter is the receiver. Parameters
	// have names either all or none.
	receiver := n.Recv.List[0]
	name := "_"
	if len(receiver.Names) > 0 {
		name = receiver.Names[0].Name
	}
	params := []string{name + " " + r.bare(receiver.Type)}
	for _, field := range n.Type.Params.List {
		if len(field.Names) == 0 {
			params = append(params, "_ "+r.bare(field.Type))
		} else {
			params = append(params, r.bare(field))
		}
	}
	results := ""
	if n.Type.Results != nil {
		results = r.bare(n.Type.Results)
	}
	return syntax.Pragmas(n) + syntax.DirectiveAt(r.g.Fset, n.Pos()) + "func " + d.Body + "(" + strings.Join(params, ", ") + ") " + results + " {" +
		r.entryPoll(n, n.Body) + syntax.DirectiveAt(r.g.Fset, n.Body.Lbrace+1) + strings.TrimPrefix(r.bare(n.Body), "{")
}
