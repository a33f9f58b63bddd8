package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// functionVariable declares the variable through which the newest version of a
// function is called.
func (g *generator) functionVariable(d *decl) {
	p := g.printer(nil)
	sig := d.obj.(*types.Func).Signature()
	text := "func" + p.Signature(sig)
	if d.recv != nil {
		text = "func" + p.ParamsWithRecv(sig, g.recvText(d)) + p.Results(sig)
	}
	fmt.Fprintf(&g.vars, "var %s %s\n", d.funcVar(), text)
}

func (g *generator) recvText(m *decl) string {
	if m.ptrRecv() {
		return "*" + m.recv.symbol
	}
	return m.recv.symbol
}

// externs writes the declarations of other units that the text refers to.
func (g *generator) externs() {
	for len(g.queue) > 0 {
		d := g.queue[0]
		g.queue = g.queue[1:]
		switch d.kind {
		case syntax.ConstDecl:
			g.externConst(d)
		case syntax.VarDecl:
			g.variable(d)
		case syntax.FuncDecl:
			if d.generic {
				g.funcs.WriteString(g.renderer(d).node(d.node) + "\n")
			} else {
				g.functionVariable(d)
				g.needs[d.unit] = true
			}
		case syntax.TypeDecl:
			g.externType(d)
		}
	}
	for _, d := range sortedDecls(g.renamed) {
		g.externAlias(d)
	}
}

// externAlias gives a renamed type its user's name as well, since a field that
// embeds it is named after it.
func (g *generator) externAlias(d *decl) {
	params, args := "", ""
	if d.generic {
		list := d.node.(*ast.TypeSpec).TypeParams
		params = g.renderer(d).bare(list)
		var names []string
		for _, field := range list.List {
			for _, id := range field.Names {
				names = append(names, id.Name)
			}
		}
		args = "[" + strings.Join(names, ", ") + "]"
	}
	fmt.Fprintf(&g.types, "type %s%s = %s%s\n", d.name, params, d.symbol, args)
}

func (g *generator) externConst(d *decl) {
	c := d.obj.(*types.Const)
	text := typetext.Constant(c.Val(), c.Type())
	if basic, ok := c.Type().(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
		fmt.Fprintf(&g.types, "const %s = %s\n", d.symbol, text)
		return
	}
	fmt.Fprintf(&g.types, "const %s %s = %s\n", d.symbol, g.printer(nil).Text(c.Type()), text)
}

// externType declares a type of another unit again: to compiler and loader it is
// the same type. Its methods call the defining unit's.
func (g *generator) externType(d *decl) {
	if d.generic {
		g.types.WriteString("type " + g.renderer(d).node(d.node) + "\n")
		for _, m := range d.methods {
			g.funcs.WriteString(g.renderer(m).node(m.node) + "\n")
		}
		return
	}
	obj := d.obj.(*types.TypeName)
	p := g.printer(nil)
	if alias, ok := obj.Type().(*types.Alias); ok {
		fmt.Fprintf(&g.types, "type %s = %s\n", d.symbol, p.Text(alias.Rhs()))
		return
	}
	fmt.Fprintf(&g.types, "type %s %s\n", d.symbol, p.Text(obj.Type().Underlying()))
	if len(d.methods) > 0 {
		g.needs[d.unit] = true
	}
	for _, m := range d.methods {
		if m.generic {
			g.funcs.WriteString(g.renderer(m).node(m.node) + "\n")
			continue
		}
		g.functionVariable(m)
		g.forward(m)
	}
}
