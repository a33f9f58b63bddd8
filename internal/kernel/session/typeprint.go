package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// A typePrinter writes types as Go source. It asks name for what a session's
// type is called and alias for a package's local name, so the caller learns what
// the text refers to.
type typePrinter struct {
	// named returns the text for a type of the session, or "" where the type
	// cannot be written there.
	named func(*types.TypeName) string
	// embedded is the same for an embedded field, whose name matters.
	embedded func(*types.TypeName) string
	// alias returns the local name of an imported package.
	alias func(*types.Package) string
	// hidden returns the text for a type that its package does not export, or ""
	// where it cannot be written; nil where none can.
	hidden func(*types.TypeName) string
	// expand writes what aliases stand for, so that types that are identical have one
	// text.
	expand bool
	// pkg is the session's package.
	pkg *types.Package
	// params are the type parameters that may be written.
	params map[*types.TypeParam]bool
	// err is the first thing that cannot be written.
	err error
}

func (p *typePrinter) fail(format string, args ...any) string {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	return "int"
}

// text returns t as source.
func (p *typePrinter) text(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		switch {
		case t.Kind() == types.UnsafePointer:
			return p.alias(types.Unsafe) + ".Pointer"
		case t.Info()&types.IsUntyped != 0 || t.Kind() == types.Invalid:
			return p.fail("the type %s", t)
		}
		if p.expand {
			return types.Typ[t.Kind()].Name() // uint8 of a byte
		}
		return t.Name()
	case *types.Alias:
		if p.expand {
			return p.text(types.Unalias(t))
		}
		if t.Obj().Pkg() == nil { // any
			return t.Obj().Name()
		}
		if args := t.TypeArgs(); args.Len() > 0 || t.Obj().Pkg() == p.pkg || t.Obj().Parent() != t.Obj().Pkg().Scope() || !t.Obj().Exported() {
			return p.text(types.Unalias(t))
		}
		return p.alias(t.Obj().Pkg()) + "." + t.Obj().Name()
	case *types.Named:
		return p.typeName(t.Obj(), false) + p.args(t.TypeArgs())
	case *types.TypeParam:
		if !p.params[t] {
			return p.fail("the type parameter %s", t)
		}
		return t.Obj().Name()
	case *types.Pointer:
		return "*" + p.text(t.Elem())
	case *types.Slice:
		return "[]" + p.text(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + p.text(t.Elem())
	case *types.Map:
		return "map[" + p.text(t.Key()) + "]" + p.text(t.Elem())
	case *types.Chan:
		elem := p.text(t.Elem())
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		}
		return "chan (" + elem + ")"
	case *types.Signature:
		return "func" + p.signature(t)
	case *types.Struct:
		return p.structure(t)
	case *types.Interface:
		return p.iface(t)
	case *types.Union:
		var terms []string
		for term := range t.Terms() {
			s := p.text(term.Type())
			if term.Tilde() {
				s = "~" + s
			}
			terms = append(terms, s)
		}
		return strings.Join(terms, " | ")
	}
	return p.fail("the type %s", t)
}

func (p *typePrinter) args(list *types.TypeList) string {
	if list.Len() == 0 {
		return ""
	}
	var texts []string
	for t := range list.Types() {
		texts = append(texts, p.text(t))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (p *typePrinter) typeName(obj *types.TypeName, embedded bool) string {
	pkg := obj.Pkg()
	if pkg == nil {
		return obj.Name() // error, comparable
	}
	if pkg == p.pkg {
		name := p.named
		if embedded {
			name = p.embedded
		}
		if s := name(obj); s != "" {
			return s
		}
		return p.fail("%s, a type that is local to a function", obj.Name())
	}
	if obj.Parent() == pkg.Scope() && ast.IsExported(obj.Name()) {
		return p.alias(pkg) + "." + obj.Name()
	}
	if p.hidden != nil {
		if text := p.hidden(obj); text != "" {
			return text
		}
	}
	return p.fail("%s.%s, which its package does not export", pkg.Name(), obj.Name())
}

func (p *typePrinter) signature(sig *types.Signature) string {
	text := p.paramList(sig.Params(), sig.Variadic(), "")
	switch res := sig.Results(); res.Len() {
	case 0:
		return text
	case 1:
		return text + " " + "(" + p.text(res.At(0).Type()) + ")"
	default:
		return text + " " + p.paramList(res, false, "")
	}
}

// paramList writes parameters in parentheses, named prefix0, prefix1, … unless
// prefix is empty.
func (p *typePrinter) paramList(list *types.Tuple, variadic bool, prefix string) string {
	var parts []string
	for i := range list.Len() {
		name := ""
		if prefix != "" {
			name = prefix + strconv.Itoa(i) + " "
		}
		t := list.At(i).Type()
		if variadic && i == list.Len()-1 {
			if s, ok := t.(*types.Slice); ok {
				parts = append(parts, name+"..."+p.text(s.Elem()))
				continue
			}
		}
		parts = append(parts, name+p.text(t))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func (p *typePrinter) structure(t *types.Struct) string {
	var b strings.Builder
	b.WriteString("struct{")
	for i := range t.NumFields() {
		if i > 0 {
			b.WriteString("; ")
		}
		f := t.Field(i)
		if f.Pkg() != p.pkg && !f.Exported() {
			return p.fail("a struct with the unexported field %s of package %s", f.Name(), f.Pkg().Name())
		}
		if f.Embedded() {
			b.WriteString(p.embeddedType(f.Type()))
		} else {
			b.WriteString(f.Name() + " " + p.text(f.Type()))
		}
		if tag := t.Tag(i); tag != "" {
			b.WriteString(" " + strconv.Quote(tag))
		}
	}
	b.WriteString("}")
	return b.String()
}

func (p *typePrinter) embeddedType(t types.Type) string {
	switch t := t.(type) {
	case *types.Pointer:
		return "*" + p.embeddedType(t.Elem())
	case *types.Named:
		return p.typeName(t.Obj(), true) + p.args(t.TypeArgs())
	case *types.Alias:
		if p.expand {
			return t.Obj().Name() + "=" + p.text(t)
		}
		if t.Obj().Pkg() == p.pkg {
			return p.typeName(t.Obj(), true)
		}
	}
	return p.text(t)
}

func (p *typePrinter) iface(t *types.Interface) string {
	var parts []string
	methods, embedded := t.ExplicitMethods(), t.EmbeddedTypes()
	if p.expand && t.IsMethodSet() {
		methods, embedded = t.Methods(), func(func(types.Type) bool) {}
	}
	for m := range methods {
		if m.Pkg() != p.pkg && !m.Exported() {
			return p.fail("an interface with the unexported method %s of package %s", m.Name(), m.Pkg().Name())
		}
		parts = append(parts, m.Name()+p.signature(m.Signature()))
	}
	for e := range embedded {
		parts = append(parts, p.text(e))
	}
	if len(parts) == 0 && t.IsComparable() {
		parts = append(parts, "comparable") // the underlying type of a type that is declared as comparable
	}
	return "interface{" + strings.Join(parts, "; ") + "}"
}
