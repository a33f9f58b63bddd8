package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// functionVariable declares the variable through which the newest version of a
// function is called.
func (g *generator) functionVariable(d *decl.Decl) {
	p := g.printer(nil)
	sig := d.Obj.(*types.Func).Signature()
	text := "func" + p.Signature(sig)
	if d.Recv != nil {
		text = "func" + p.ParamsWithRecv(sig, g.recvText(d)) + p.Results(sig)
	}
	fmt.Fprintf(&g.vars, "var %s %s\n", d.FuncVar(), text)
}

func (g *generator) recvText(m *decl.Decl) string {
	if m.PtrRecv() {
		return "*" + m.Recv.Symbol
	}
	return m.Recv.Symbol
}

// externs writes the declarations of other units that the text refers to.
func (g *generator) externs() {
	for len(g.queue) > 0 {
		d := g.queue[0]
		g.queue = g.queue[1:]
		switch d.Kind {
		case syntax.ConstDecl:
			g.externConst(d)
		case syntax.VarDecl:
			g.variable(d)
		case syntax.FuncDecl:
			if d.Generic {
				g.funcs.WriteString(g.renderer(d).node(d.Node) + "\n")
			} else {
				g.functionVariable(d)
				g.needs[d.Unit] = true
			}
		case syntax.TypeDecl:
			g.externType(d)
		}
	}
	for _, d := range decl.Sorted(g.renamed) {
		g.externAlias(d)
	}
}

// externAlias gives a renamed type its user's name as well, since a field that
// embeds it is named after it.
func (g *generator) externAlias(d *decl.Decl) {
	params, args := "", ""
	if d.Generic {
		list := d.Node.(*ast.TypeSpec).TypeParams
		params = g.renderer(d).bare(list)
		var names []string
		for _, field := range list.List {
			for _, id := range field.Names {
				names = append(names, id.Name)
			}
		}
		args = "[" + strings.Join(names, ", ") + "]"
	}
	fmt.Fprintf(&g.types, "type %s%s = %s%s\n", d.Name, params, d.Symbol, args)
}

func (g *generator) externConst(d *decl.Decl) {
	c := d.Obj.(*types.Const)
	text := typetext.Constant(c.Val(), c.Type())
	if basic, ok := c.Type().(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
		fmt.Fprintf(&g.types, "const %s = %s\n", d.Symbol, text)
		return
	}
	fmt.Fprintf(&g.types, "const %s %s = %s\n", d.Symbol, g.printer(nil).Text(c.Type()), text)
}

// externType declares a type of another unit again: to compiler and loader it is
// the same type. Its methods call the defining unit's.
func (g *generator) externType(d *decl.Decl) {
	if d.Generic {
		g.types.WriteString("type " + g.renderer(d).node(d.Node) + "\n")
		for _, m := range d.Methods {
			g.genericMethod(m)
		}
		return
	}
	obj := d.Obj.(*types.TypeName)
	p := g.printer(nil)
	if alias, ok := obj.Type().(*types.Alias); ok {
		fmt.Fprintf(&g.types, "type %s = %s\n", d.Symbol, p.Text(alias.Rhs()))
		return
	}
	fmt.Fprintf(&g.types, "type %s %s\n", d.Symbol, p.Text(obj.Type().Underlying()))
	if len(d.Methods) > 0 {
		g.needs[d.Unit] = true
	}
	for _, m := range d.Methods {
		if m.Generic {
			g.genericMethod(m)
			continue
		}
		g.functionVariable(m)
		g.forward(m)
	}
}

// genericMethod writes the version that the session has of a method which each unit compiles by itself, and
// the method that calls the newest.
func (g *generator) genericMethod(m *decl.Decl) {
	g.funcs.WriteString(g.renderer(m).node(m.Node) + "\n")
	g.leadOn(m, m.Symbol, m.Body)
}
