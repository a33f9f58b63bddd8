package gophernotes

import (
	"fmt"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"slices"
	"strings"
)

// imported are the packages that cells can import besides those that gomacro has:
// the path that they write, and the package that they get.
var imported = []struct{ path, from string }{
	{modulePath + "/parallel", modulePath + "/internal/kernel/gophernotes/parallel"},
	{modulePath + "/plots", modulePath + "/plots"},
	{"gonum.org/v1/plot", ""},
	{"gonum.org/v1/plot/font", ""},
	{"gonum.org/v1/plot/palette", ""},
	{"gonum.org/v1/plot/palette/brewer", ""},
	{"gonum.org/v1/plot/palette/moreland", ""},
	{"gonum.org/v1/plot/plotter", ""},
	{"gonum.org/v1/plot/plotutil", ""},
	{"gonum.org/v1/plot/text", ""},
	{"gonum.org/v1/plot/tools/bezier", ""},
	{"gonum.org/v1/plot/vg", ""},
	{"gonum.org/v1/plot/vg/draw", ""},
	{"gonum.org/v1/plot/vg/vgimg", ""},
	{"gonum.org/v1/plot/vg/vgsvg", ""},
	{"gonum.org/v1/gonum/floats", ""},
	{"gonum.org/v1/gonum/mat", ""},
	{"gonum.org/v1/gonum/stat", ""},
}

// bindings writes the tables by which gomacro knows packages: for each one its
// values, types and untyped constants, and a type for each interface, by which
// interpreted types implement it.
type bindings struct {
	names    map[string]string
	tables   strings.Builder
	proxies  strings.Builder
	replaced map[string]string // "path.Name" -> the expression bound instead
}

// newBindings reads compiled packages; exports gives the file of each by its path.
func newBindings(exports map[string]string, replaced map[string]string) (*bindings, error) {
	b := &bindings{names: map[string]string{}, replaced: replaced}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		file := exports[path]
		if file == "" {
			return nil, fmt.Errorf("no package %s was compiled", path)
		}
		return os.Open(file)
	})
	for i, p := range imported {
		from := p.from
		if from == "" {
			from = p.path
		}
		pkg, err := imp.Import(from)
		if err != nil {
			return nil, err
		}
		b.add(i, p.path, pkg)
	}
	return b, nil
}

// qualify names a package in the file, which imports it then.
func (b *bindings) qualify(p *types.Package) string {
	if b.names[p.Path()] == "" {
		b.names[p.Path()] = fmt.Sprintf("p%d", len(b.names))
	}
	return b.names[p.Path()]
}

// imports lists the imports of the file.
func (b *bindings) imports() string {
	var lines []string
	for path, name := range b.names {
		lines = append(lines, fmt.Sprintf("\t%s %q\n", name, path))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// add writes the tables of a package.
func (b *bindings) add(number int, path string, pkg *types.Package) {
	var binds, typs, proxies, untyped strings.Builder
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		expr := b.qualify(pkg) + "." + name
		switch obj := obj.(type) {
		case *types.Const:
			fmt.Fprintf(&binds, "\t\t\t%q: r.ValueOf(%s),\n", name, constantOf(obj, expr))
			if text := untypedText(obj); text != "" {
				fmt.Fprintf(&untyped, "\t\t\t%q: %q,\n", name, text)
			}
		case *types.Var:
			fmt.Fprintf(&binds, "\t\t\t%q: r.ValueOf(&%s).Elem(),\n", name, expr)
		case *types.Func:
			if obj.Signature().TypeParams().Len() > 0 {
				continue
			}
			if other := b.replaced[path+"."+name]; other != "" {
				expr = other
			}
			fmt.Fprintf(&binds, "\t\t\t%q: r.ValueOf(%s),\n", name, expr)
		case *types.TypeName:
			if isGeneric(obj.Type()) || isConstraint(obj.Type()) {
				continue
			}
			fmt.Fprintf(&typs, "\t\t\t%q: r.TypeFor[%s](),\n", name, expr)
			if i, ok := obj.Type().Underlying().(*types.Interface); ok && i.IsMethodSet() && i.NumMethods() > 0 && exported(i) {
				proxy := fmt.Sprintf("proxy%d%s", number, name)
				fmt.Fprintf(&proxies, "\t\t\t%q: r.TypeFor[%s](),\n", name, proxy)
				b.proxy(proxy, i)
			}
		}
	}
	fmt.Fprintf(&b.tables, "\timports.Packages[%q] = imports.Package{\n\t\tName: %q,\n", path, pkg.Name())
	for _, t := range []struct{ field, of, entries string }{
		{"Binds", "r.Value", binds.String()}, {"Types", "r.Type", typs.String()},
		{"Proxies", "r.Type", proxies.String()}, {"Untypeds", "string", untyped.String()},
	} {
		fmt.Fprintf(&b.tables, "\t\t%s: map[string]%s{\n%s\t\t},\n", t.field, t.of, t.entries)
	}
	b.tables.WriteString("\t}\n")
}

// constantOf makes a constant fit a variable: an untyped one may exceed int.
func constantOf(c *types.Const, expr string) string {
	if b, ok := c.Type().(*types.Basic); !ok || b.Kind() != types.UntypedInt {
		return expr
	}
	if _, fits := constant.Int64Val(c.Val()); fits {
		return "int64(" + expr + ")"
	}
	if _, fits := constant.Uint64Val(c.Val()); fits {
		return "uint64(" + expr + ")"
	}
	return "float64(" + expr + ")"
}

// untypedText is gomacro's notation of an untyped constant, or "".
func untypedText(c *types.Const) string {
	b, ok := c.Type().(*types.Basic)
	if !ok {
		return ""
	}
	switch v := c.Val(); b.Kind() {
	case types.UntypedBool:
		return fmt.Sprintf("bool:%v", constant.BoolVal(v))
	case types.UntypedInt:
		return "int:" + v.ExactString()
	case types.UntypedRune:
		return "rune:" + v.ExactString()
	case types.UntypedFloat:
		return "float:" + v.ExactString()
	case types.UntypedString:
		return "string:" + constant.StringVal(v)
	}
	return ""
}

func isGeneric(t types.Type) bool {
	switch t := t.(type) {
	case *types.Named:
		return t.TypeParams().Len() > 0
	case *types.Alias:
		return t.TypeParams().Len() > 0
	}
	return false
}

// isConstraint reports whether a type is one for type parameters alone.
func isConstraint(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && !i.IsMethodSet()
}

// exported reports whether another package can implement an interface and name
// all types in it.
func exported(i *types.Interface) bool {
	for m := range i.Methods() {
		if !m.Exported() || strings.Contains(m.Signature().String(), "/internal/") {
			return false
		}
	}
	return true
}

// proxy writes a type that implements an interface through functions, which gomacro
// makes of an interpreted type's methods.
func (b *bindings) proxy(name string, i *types.Interface) {
	fmt.Fprintf(&b.proxies, "\ntype %s struct {\n\tObject interface{}\n", name)
	var methods strings.Builder
	for m := range i.Methods() {
		var params, args, results []string
		for v := range m.Signature().Params().Variables() {
			arg := fmt.Sprintf("a%d", len(args))
			typ := types.TypeString(v.Type(), b.qualify)
			if m.Signature().Variadic() && len(args) == m.Signature().Params().Len()-1 {
				typ, args = "..."+strings.TrimPrefix(typ, "[]"), append(args, arg+"...")
			} else {
				args = append(args, arg)
			}
			params = append(params, arg+" "+typ)
		}
		for v := range m.Signature().Results().Variables() {
			results = append(results, types.TypeString(v.Type(), b.qualify))
		}
		out, ret := "("+strings.Join(results, ", ")+")", "return "
		if len(results) == 0 {
			out, ret = "", ""
		}
		fmt.Fprintf(&b.proxies, "\t%s_ func(%s) %s\n", m.Name(), strings.Join(append([]string{"_ interface{}"}, params...), ", "), out)
		fmt.Fprintf(&methods, "\nfunc (p *%s) %s(%s) %s { %sp.%s_(%s) }\n", name, m.Name(), strings.Join(params, ", "), out, ret,
			m.Name(), strings.Join(append([]string{"p.Object"}, args...), ", "))
	}
	b.proxies.WriteString("}\n" + methods.String())
}
