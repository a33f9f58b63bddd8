package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/unitobject"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A generic function is called as it is in code that is over before there is another version. What
// may outlive the version calls a function that calls the newest: that looks at the number of the
// newest version, and if it is another, asks package live for the instance of it. The unit that
// makes a new version has all instances that are held. So does a method of a generic type; its version
// is a method of the type, too, which the compiler can put in place of a call.

// instances notes which instances of generic declarations the cell's texts have.
func (g *generator) instances() {
	if len(g.c.Result.Info.Instances) == 0 {
		return
	}
	var roots []decl.Instance
	for _, src := range append([]*syntax.Source{g.c.Parsed.Source}, g.c.Earlier...) {
		r := &renderer{g: g, src: src, info: g.c.Result.Info}
		for _, d := range src.File.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok {
				roots = append(roots, r.instancesIn(d)...)
				continue
			}
			for _, spec := range gen.Specs {
				roots = append(roots, r.instancesIn(spec)...)
			}
		}
	}
	for _, i := range roots {
		g.State.Hold(i.Of, i.Args, i.Held)
	}
}

// instancesIn returns the instances that a declaration's text has. Those of a generic one are the
// declaration's own, and those of a method of a generic type are the type's.
func (r *renderer) instancesIn(node ast.Node) (roots []decl.Instance) {
	in, params := r.generic(node)
	ast.Inspect(node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		instance, ok := r.info.Instances[id]
		if !ok {
			return true
		}
		of, args := r.g.State.Of[r.info.Uses[id]], slices.Collect(instance.TypeArgs.Types())
		if fn, ok := r.info.Uses[id].(*types.Func); ok {
			of = r.g.State.DeclOf(fn.Origin())
			if named := typetext.Receiver(fn); named != nil {
				args = slices.Concat(slices.Collect(named.TypeArgs().Types()), args)
			}
		}
		if of == nil {
			return true
		}
		i := decl.Instance{Of: of, Args: args, Params: params, Held: !r.uses().brief[id]}
		if in != nil {
			in.Instances = append(in.Instances, i)
		} else {
			roots = append(roots, i)
		}
		return true
	})
	return roots
}

// generic returns the declaration that has the instances of a generic one's text, and the type
// parameters in that.
func (r *renderer) generic(node ast.Node) (in *decl.Decl, params []*types.TypeParam) {
	switch node := node.(type) {
	case *ast.FuncDecl:
		fn, ok := r.info.Defs[node.Name].(*types.Func)
		if !ok {
			return nil, nil
		}
		in = r.g.State.DeclOf(fn)
		if in == nil || !in.Generic {
			return nil, nil
		}
		params = decl.TypeParams(fn.Signature())
		if fn.Signature().TypeParams().Len() == 0 {
			in = in.Recv
		}
		return in, params
	case *ast.TypeSpec:
		in = r.g.State.Of[r.info.Defs[node.Name]]
		if in == nil || !in.Generic {
			return nil, nil
		}
		t := in.Obj.Type().(interface{ TypeParams() *types.TypeParamList })
		return in, slices.Collect(t.TypeParams().TypeParams())
	}
	return nil, nil
}

// newest returns what code is to call, or to hold, that may outlive the present version of a generic
// function, and notes that the unit needs it.
func (g *generator) newest(d *decl.Decl) string {
	if !g.own[d] {
		g.need(d)
	}
	name := d.Symbol + syntax.Mark + "0"
	if !g.valued[d] {
		g.valued[d] = true
		g.leadOn(d, name, d.Symbol)
	}
	return name
}

// leadOn writes the function that calls the newest version of a generic function, or the method that calls
// that of a method, and the present version where there is no other.
func (g *generator) leadOn(d *decl.Decl, name, version string) {
	sig := d.Obj.(*types.Func).Signature()
	params := decl.TypeParams(sig)
	places, p := typetext.Places(params), g.printer(nil)
	var all, constraints []string
	for i, param := range params {
		all = append(all, typetext.Place(i))
		if i >= sig.RecvTypeParams().Len() {
			constraints = append(constraints, typetext.Place(i)+" "+p.Text(typetext.Replace(param.Constraint(), places)))
		}
	}
	var args []string
	for i := range sig.Params().Len() {
		args = append(args, fmt.Sprintf("ᐧa%d", i))
	}
	own := all[sig.RecvTypeParams().Len():]
	plain := typetext.Replace(sig, places).(*types.Signature)
	typ := "func" + p.Signature(plain)
	recv, newest := "", args
	if d.Recv != nil {
		text := recvType(d, all[:sig.RecvTypeParams().Len()])
		typ = "func" + p.ParamsWithRecv(plain, text) + p.Results(plain)
		recv, version, newest = "(ᐧr "+text+") ", "ᐧr."+version, append([]string{"ᐧr"}, args...)
	}
	call := func(f string, args []string) string {
		call := f + "(" + strings.Join(args, ", ")
		if sig.Variadic() {
			call += "..."
		}
		if call += ")"; sig.Results().Len() > 0 {
			return "return " + call
		}
		return call + "; return"
	}
	fmt.Fprintf(&g.funcs, "/*line forward:%d:1*/func %s%s%s%s%s { if %s > %d { if ᐧf, _ := ᐧlive.Instance(%q, (*func(%s))(nil)).(%s); ᐧf != nil { %s } }; %s }\n",
		unitobject.ForwardLine, recv, name, inBrackets(constraints), p.ParamList(plain.Params(), plain.Variadic(), "ᐧa"), p.Results(plain),
		g.count(d), d.Number, d.Family, strings.Join(all, ", "), typ, call("ᐧf", newest), call(version+inBrackets(own), args))
	if g.shares {
		g.registered = append(g.registered, g.familyVersion(d))
	}
}

// genericMethod returns what the version of a generic method is called that an identifier means, "" where it
// means something else.
func (r *renderer) genericMethod(id *ast.Ident) string {
	obj := r.info.Uses[id]
	if obj == nil {
		obj = r.info.Defs[id]
	}
	fn, ok := obj.(*types.Func)
	if !ok {
		return ""
	}
	d := r.g.State.DeclOf(fn.Origin())
	if d == nil || d.Recv == nil || !d.Generic {
		return ""
	}
	return d.Body
}

// recvType is the text of a method's receiver, of a type with type arguments.
func recvType(m *decl.Decl, args []string) string {
	text := m.Recv.Symbol + inBrackets(args)
	if m.PtrRecv() {
		return "*" + text
	}
	return text
}

// inBrackets lists type parameters or arguments, "" for none.
func inBrackets(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// count declares the variable with the number of the newest version of a generic function.
func (g *generator) count(d *decl.Decl) string {
	name := "ᐧnewestᐧ" + d.Family
	if !g.counted[d.Family] {
		g.counted[d.Family] = true
		fmt.Fprintf(&g.vars, "var %s int\n", name)
	}
	return name
}

// familyVersion registers the version of a generic function that the unit has.
func (g *generator) familyVersion(d *decl.Decl) string {
	info := g.info("", "", decl.Reads(map[*decl.Decl]bool{d: true}), "")
	_, info, _ = strings.Cut(info, "Reads: ")
	return fmt.Sprintf("ᐧreg.Version(%q, %d, ᐧreg.Info{Module: \"%s\", Reads: %s)", d.Family, d.Number, idMark, info)
}

// renew writes the instances of a new version of a generic function, or of a method, that something
// holds.
func (g *generator) renew(d *decl.Decl) {
	if d.Number < 2 {
		return
	}
	line, sig := d.Family, d.Obj.(*types.Func).Signature()
	if sig.TypeParams().Len() == 0 {
		line = d.Recv.Symbol
	}
	var b strings.Builder
	for _, args := range g.heldInstances(line) {
		n := sig.RecvTypeParams().Len()
		if !g.accepts(d, args[:n], args[n:]) {
			continue // the new version is not for such types
		}
		p := g.printer(nil)
		var texts []string
		for _, arg := range args {
			texts = append(texts, p.Text(arg))
		}
		version := d.Symbol
		if d.Recv != nil {
			version = "(" + recvType(d, texts[:n]) + ")." + d.Body
		}
		if p.Err == nil {
			fmt.Fprintf(&b, "ᐧlive.SetInstance(%q, (*func(%s))(nil), %s%s); ", d.Family, strings.Join(texts, ", "), version, inBrackets(texts[n:]))
		}
	}
	number := g.count(d)
	g.bind = append(g.bind, fmt.Sprintf("if %s < %d { %s%[1]s = %[2]d }", number, d.Number, b.String()))
	if g.shares && d.Recv == nil {
		g.registered = append(g.registered, g.familyVersion(d))
	}
}

// heldInstances lists the type arguments of the instances of a generic function or type that something
// holds, as far as the unit has these types.
func (g *generator) heldInstances(line string) (list [][]types.Type) {
	held := g.State.Held[line]
	for _, key := range slices.Sorted(maps.Keys(held)) {
		var args []types.Type
		for _, arg := range held[key].Args {
			if arg = g.currentType(arg); arg != nil {
				args = append(args, arg)
			}
		}
		if len(args) == len(held[key].Args) {
			list = append(list, args)
		}
	}
	return list
}

// accepts reports whether a generic function, or a method, has an instance for type arguments: of its
// type, and its own.
func (g *generator) accepts(d *decl.Decl, recv, own []types.Type) bool {
	typ := d.Obj.Type()
	if len(recv) > 0 {
		t, err := types.Instantiate(nil, d.Recv.Obj.Type(), recv, true)
		if err != nil {
			return false
		}
		method, _, _ := types.LookupFieldOrMethod(t, true, g.State.Pkg, d.Name)
		typ = method.Type()
	}
	if len(own) == 0 {
		return true
	}
	_, err := types.Instantiate(nil, typ, own, true)
	return err == nil
}

// instancesOfTypes has the unit have the descriptions of a generic type's instances that something holds,
// with the methods that it has now.
func (g *generator) instancesOfTypes(d *decl.Decl) {
	for _, args := range g.heldInstances(d.Symbol) {
		p := g.printer(nil)
		var texts []string
		for _, arg := range args {
			texts = append(texts, p.Text(arg))
		}
		if _, err := types.Instantiate(nil, d.Obj.Type(), args, true); err == nil && p.Err == nil {
			g.described = append(g.described, fmt.Sprintf("(*%s%s)(nil)", d.Symbol, inBrackets(texts)))
		}
	}
}

// currentType returns what the unit knows a type as that an earlier one had, or nil if none of its
// types is that.
func (g *generator) currentType(t types.Type) types.Type {
	return typetext.Replace(t, func(t types.Type) types.Type {
		named, ok := t.(*types.Named)
		if !ok {
			return nil
		}
		d := g.State.Of[named.Obj()]
		if d == nil {
			if named.Obj().Pkg() == g.State.Pkg {
				return nil // local to a function
			}
			return named
		}
		now := g.newestDecl(d.Name)
		if now == nil || now.Symbol != d.Symbol {
			return nil
		}
		return now.Obj.Type()
	})
}

// newestDecl returns the declaration that a name means when the unit is part of the session.
func (g *generator) newestDecl(name string) *decl.Decl {
	if d := g.code.Names[name]; d != nil {
		return d
	}
	return g.State.Names[name]
}
