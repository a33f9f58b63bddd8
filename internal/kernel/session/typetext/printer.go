// Package typetext writes types and constants as Go source. The same printer writes
// generated code, where names are a unit's, tells types apart, where they are symbols,
// and finds what a type is made of, where the text is thrown away: what differs is
// what it asks for names. What cannot be written where the text is to stand, such as a
// type that is local to a function, is said by the printer's Err.
package typetext

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// A Printer writes types as Go source. It asks Named for what a session's
// type is called and Alias for a package's local name, so the caller learns what
// the text refers to. A printer serves one goroutine.
type Printer struct {
	// Named returns the text for a type of the session, or "" where the type
	// cannot be written there.
	Named func(*types.TypeName) string
	// Embedded is the same for an embedded field, whose name matters.
	Embedded func(*types.TypeName) string
	// Alias returns the local name of an imported package.
	Alias func(*types.Package) string
	// Unexported returns the text for a type that its package does not export, or ""
	// where it cannot be written; nil where none can.
	Unexported func(*types.TypeName) string
	// Expand writes what aliases stand for, so that types that are identical have one
	// text.
	Expand bool
	// Pkg is the session's package.
	Pkg *types.Package
	// Params are the type parameters that may be written.
	Params map[*types.TypeParam]bool
	// Err is the first thing that cannot be written.
	Err error
}

func (p *Printer) fail(format string, args ...any) string {
	if p.Err == nil {
		p.Err = fmt.Errorf(format, args...)
	}
	return "int"
}

// Text returns t as source.
func (p *Printer) Text(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		switch {
		case t.Kind() == types.UnsafePointer:
			return p.Alias(types.Unsafe) + ".Pointer"
		case t.Info()&types.IsUntyped != 0 || t.Kind() == types.Invalid:
			return p.fail("the type %s", t)
		}
		if p.Expand {
			return types.Typ[t.Kind()].Name() // uint8 of a byte
		}
		return t.Name()
	case *types.Alias:
		if p.Expand {
			return p.Text(types.Unalias(t))
		}
		if t.Obj().Pkg() == nil { // any
			return t.Obj().Name()
		}
		if args := t.TypeArgs(); args.Len() > 0 || t.Obj().Pkg() == p.Pkg || t.Obj().Parent() != t.Obj().Pkg().Scope() || !t.Obj().Exported() {
			return p.Text(types.Unalias(t))
		}
		return p.Alias(t.Obj().Pkg()) + "." + t.Obj().Name()
	case *types.Named:
		return p.typeName(t.Obj(), false) + p.Args(t.TypeArgs())
	case *types.TypeParam:
		if !p.Params[t] {
			return p.fail("the type parameter %s", t)
		}
		return t.Obj().Name()
	case *types.Pointer:
		return "*" + p.Text(t.Elem())
	case *types.Slice:
		return "[]" + p.Text(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + p.Text(t.Elem())
	case *types.Map:
		return "map[" + p.Text(t.Key()) + "]" + p.Text(t.Elem())
	case *types.Chan:
		elem := p.Text(t.Elem())
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		}
		return "chan (" + elem + ")"
	case *types.Signature:
		return "func" + p.Signature(t)
	case *types.Struct:
		return p.structure(t)
	case *types.Interface:
		return p.iface(t)
	case *types.Union:
		var terms []string
		for term := range t.Terms() {
			s := p.Text(term.Type())
			if term.Tilde() {
				s = "~" + s
			}
			terms = append(terms, s)
		}
		return strings.Join(terms, " | ")
	}
	return p.fail("the type %s", t)
}

// Args returns type arguments in brackets, "" for none.
func (p *Printer) Args(list *types.TypeList) string {
	if list.Len() == 0 {
		return ""
	}
	var texts []string
	for t := range list.Types() {
		texts = append(texts, p.Text(t))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (p *Printer) typeName(obj *types.TypeName, embedded bool) string {
	pkg := obj.Pkg()
	if pkg == nil {
		return obj.Name() // error, comparable
	}
	if pkg == p.Pkg {
		name := p.Named
		if embedded {
			name = p.Embedded
		}
		if s := name(obj); s != "" {
			return s
		}
		return p.fail("%s, a type that is local to a function", obj.Name())
	}
	if obj.Parent() == pkg.Scope() && ast.IsExported(obj.Name()) {
		return p.Alias(pkg) + "." + obj.Name()
	}
	if p.Unexported != nil {
		if text := p.Unexported(obj); text != "" {
			return text
		}
	}
	return p.fail("%s.%s, which its package does not export", pkg.Name(), obj.Name())
}

// Signature returns the parameters and results of a signature.
func (p *Printer) Signature(sig *types.Signature) string {
	text := p.ParamList(sig.Params(), sig.Variadic(), "")
	switch res := sig.Results(); res.Len() {
	case 0:
		return text
	case 1:
		return text + " " + "(" + p.Text(res.At(0).Type()) + ")"
	default:
		return text + " " + p.ParamList(res, false, "")
	}
}

// ParamList writes parameters in parentheses, named prefix0, prefix1, … unless
// prefix is empty.
func (p *Printer) ParamList(list *types.Tuple, variadic bool, prefix string) string {
	var parts []string
	for i := range list.Len() {
		name := ""
		if prefix != "" {
			name = prefix + strconv.Itoa(i) + " "
		}
		t := list.At(i).Type()
		if variadic && i == list.Len()-1 {
			if s, ok := t.(*types.Slice); ok {
				parts = append(parts, name+"..."+p.Text(s.Elem()))
				continue
			}
		}
		parts = append(parts, name+p.Text(t))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func (p *Printer) structure(t *types.Struct) string {
	var b strings.Builder
	b.WriteString("struct{")
	for i := range t.NumFields() {
		if i > 0 {
			b.WriteString("; ")
		}
		f := t.Field(i)
		if f.Pkg() != p.Pkg && !f.Exported() {
			return p.fail("a struct with the unexported field %s of package %s", f.Name(), f.Pkg().Name())
		}
		if f.Embedded() {
			b.WriteString(p.embeddedType(f.Type()))
		} else {
			b.WriteString(f.Name() + " " + p.Text(f.Type()))
		}
		if tag := t.Tag(i); tag != "" {
			b.WriteString(" " + strconv.Quote(tag))
		}
	}
	b.WriteString("}")
	return b.String()
}

func (p *Printer) embeddedType(t types.Type) string {
	switch t := t.(type) {
	case *types.Pointer:
		return "*" + p.embeddedType(t.Elem())
	case *types.Named:
		return p.typeName(t.Obj(), true) + p.Args(t.TypeArgs())
	case *types.Alias:
		if p.Expand {
			return t.Obj().Name() + "=" + p.Text(t)
		}
		if t.Obj().Pkg() == p.Pkg {
			return p.typeName(t.Obj(), true)
		}
	}
	return p.Text(t)
}

func (p *Printer) iface(t *types.Interface) string {
	var parts []string
	methods, embedded := t.ExplicitMethods(), t.EmbeddedTypes()
	if p.Expand && t.IsMethodSet() {
		methods, embedded = t.Methods(), func(func(types.Type) bool) {}
	}
	for m := range methods {
		if m.Pkg() != p.Pkg && !m.Exported() {
			return p.fail("an interface with the unexported method %s of package %s", m.Name(), m.Pkg().Name())
		}
		parts = append(parts, m.Name()+p.Signature(m.Signature()))
	}
	for e := range embedded {
		parts = append(parts, p.Text(e))
	}
	if len(parts) == 0 && t.IsComparable() {
		parts = append(parts, "comparable") // the underlying type of a type that is declared as comparable
	}
	return "interface{" + strings.Join(parts, "; ") + "}"
}

// ParamsWithRecv writes a method's parameters as those of a function that takes
// the receiver first.
func (p *Printer) ParamsWithRecv(sig *types.Signature, recv string) string {
	params := p.ParamList(sig.Params(), sig.Variadic(), "")
	if params == "()" {
		return "(" + recv + ")"
	}
	return "(" + recv + ", " + params[1:]
}

// Results returns the results of a signature as they follow its parameters, "" for none.
func (p *Printer) Results(sig *types.Signature) string {
	switch sig.Results().Len() {
	case 0:
		return ""
	case 1:
		return " (" + p.Text(sig.Results().At(0).Type()) + ")"
	}
	return " " + p.ParamList(sig.Results(), false, "")
}
