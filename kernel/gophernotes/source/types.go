package source

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// Gomacro makes its struct types with reflect.StructOf, which allows neither
// unexported nor embedded fields: an unexported field has this prefix in its name,
// the name of an embedded unexported type the other one, and no field is embedded.
const (
	unexportedPrefix = "\U00012038"
	embeddedPrefix   = "\U00012039"
)

// fieldName is what the user calls a field.
func fieldName(f reflect.StructField) string {
	return strings.TrimPrefix(strings.TrimPrefix(f.Name, unexportedPrefix), embeddedPrefix)
}

// derive finds the types that have to be declared for a text: names in the type
// of its argument that no text has declared and that stand for a struct in the
// type of the items.
func (c *Compiler) derive(t *text, items reflect.Type) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	own := map[string]bool{}
	for _, name := range t.declares {
		own[name] = true
	}
	var walk func(e ast.Expr, r reflect.Type)
	walk = func(e ast.Expr, r reflect.Type) {
		switch e := e.(type) {
		case *ast.Ident:
			if r.Name() == "" && !own[e.Name] && !c.declared[e.Name] && types.Universe.Lookup(e.Name) == nil {
				found[e.Name] = r
			}
		case *ast.ParenExpr:
			walk(e.X, r)
		case *ast.StarExpr:
			if r.Kind() == reflect.Pointer {
				walk(e.X, r.Elem())
			}
		case *ast.ArrayType:
			if r.Kind() == reflect.Slice || r.Kind() == reflect.Array {
				walk(e.Elt, r.Elem())
			}
		case *ast.MapType:
			if r.Kind() == reflect.Map {
				walk(e.Key, r.Key())
				walk(e.Value, r.Elem())
			}
		}
	}
	if t.param != nil && items != nil {
		walk(t.param, items)
	}
	return found
}

// declaration writes a type declaration, with the imports that it needs.
func declaration(name string, t reflect.Type) (string, error) {
	w := &typeWriter{imports: map[string]bool{}}
	body := w.text(t)
	if w.err != nil {
		return "", &Error{Message: fmt.Sprintf("the type %s of the items cannot travel: %v", name, w.err)}
	}
	decl := fmt.Sprintf("type %s %s", name, body)
	for path := range w.imports {
		decl += fmt.Sprintf("\nimport %q", path)
	}
	return decl, nil
}

// typeWriter writes types as Go source.
type typeWriter struct {
	imports map[string]bool
	err     error
}

func (w *typeWriter) text(t reflect.Type) string {
	if t.PkgPath() != "" {
		w.imports[t.PkgPath()] = true
		return t.String()
	}
	if t.Name() != "" {
		return t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + w.text(t.Elem())
	case reflect.Slice:
		return "[]" + w.text(t.Elem())
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), w.text(t.Elem()))
	case reflect.Map:
		return fmt.Sprintf("map[%s]%s", w.text(t.Key()), w.text(t.Elem()))
	case reflect.Struct:
		var fields []string
		for f := range t.Fields() {
			line := fieldName(f) + " " + w.text(f.Type)
			if f.Tag != "" {
				line += " " + strconv.Quote(string(f.Tag))
			}
			fields = append(fields, line)
		}
		return "struct { " + strings.Join(fields, "; ") + " }"
	}
	if w.err == nil {
		w.err = cannotTravel(t)
	}
	return "int"
}

// cannotTravel says why values of a kind stay in their process.
func cannotTravel(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Chan:
		return fmt.Errorf("%v is a channel", t)
	case reflect.Func:
		return fmt.Errorf("%v is a function", t)
	case reflect.Interface:
		return fmt.Errorf("%v is an interface, whose values may be of any type; the interpreter also uses one for types that refer to themselves", t)
	}
	return fmt.Errorf("%v belongs to its process", t)
}

// show writes a type of the interpreter as the user would.
func show(t reflect.Type) string {
	w := &typeWriter{imports: map[string]bool{}}
	if text := w.text(t); w.err == nil {
		return text
	}
	return t.String()
}

// typeName writes a type of the session as the user would.
func typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Name() == "main" {
			return ""
		}
		return p.Name()
	})
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// ofCells reports whether a named type is one that cells declare.
func ofCells(t *types.Named) bool {
	p := t.Obj().Pkg()
	return p != nil && p.Name() == "main"
}

// sameLayout reports whether a type of the interpreter and one of the session are
// the same but for the names of types; where says which field of a struct differs.
// Types of the session are noted in known, with what the interpreter has for them.
func sameLayout(r reflect.Type, t types.Type, known map[*types.TypeName]reflect.Type) (same bool, where string) {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok {
		if !ofCells(named) {
			return r.Name() == named.Obj().Name() && (named.Obj().Pkg() == nil || r.PkgPath() == named.Obj().Pkg().Path()), ""
		}
		if seen := known[named.Obj()]; seen != nil {
			return seen == r, ""
		}
		known[named.Obj()] = r
		t = named.Underlying()
	} else if r.PkgPath() != "" {
		return false, ""
	}
	switch t := t.(type) {
	case *types.Basic:
		return basics[t.Kind()] != nil && r.Kind() == basics[t.Kind()].Kind(), ""
	case *types.Slice:
		if r.Kind() == reflect.Slice {
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Array:
		if r.Kind() == reflect.Array && int64(r.Len()) == t.Len() {
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Pointer:
		if r.Kind() == reflect.Pointer {
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Map:
		if r.Kind() == reflect.Map {
			if same, where := sameLayout(r.Key(), t.Key(), known); !same {
				return false, where
			}
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Struct:
		if r.Kind() != reflect.Struct || r.NumField() != t.NumFields() {
			return false, ""
		}
		for i := range t.NumFields() {
			if name := fieldName(r.Field(i)); name != t.Field(i).Name() {
				return false, fmt.Sprintf("; field %d is %s there and %s here", i+1, t.Field(i).Name(), name)
			}
			if same, _ := sameLayout(r.Field(i).Type, t.Field(i).Type(), known); !same {
				return false, fmt.Sprintf("; field %s is of type %s there and %s here", t.Field(i).Name(), typeName(t.Field(i).Type()), show(r.Field(i).Type))
			}
		}
		return true, ""
	}
	return false, ""
}

var basics = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.String: reflect.TypeFor[string](),
	types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
	types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](),
	types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
	types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](), types.Uintptr: reflect.TypeFor[uintptr](),
	types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
	types.Complex64: reflect.TypeFor[complex64](), types.Complex128: reflect.TypeFor[complex128](),
}

// maker makes the types that the interpreter has for those of the session.
type maker struct {
	named   Named
	known   map[*types.TypeName]reflect.Type
	derived map[string]reflect.Type
	within  []*types.TypeName // being made
}

func (m *maker) reflected(t types.Type) (reflect.Type, error) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return m.ofNamed(t)
	case *types.Basic:
		if r := basics[t.Kind()]; r != nil {
			return r, nil
		}
	case *types.Slice:
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.SliceOf(elem), nil
	case *types.Array:
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.ArrayOf(int(t.Len()), elem), nil
	case *types.Pointer:
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.PointerTo(elem), nil
	case *types.Map:
		key, err := m.reflected(t.Key())
		if err != nil {
			return nil, err
		}
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.MapOf(key, elem), nil
	case *types.Struct:
		return m.ofStruct(t)
	}
	return nil, fmt.Errorf("values of type %s stay in their process", typeName(t))
}

func (m *maker) ofNamed(t *types.Named) (reflect.Type, error) {
	obj := t.Obj()
	if r := m.known[obj]; r != nil {
		return r, nil
	}
	if !ofCells(t) {
		if obj.Pkg() == nil {
			return reflect.TypeFor[error](), nil
		}
		if r := m.named(obj.Pkg().Path(), obj.Name()); r != nil && t.TypeArgs().Len() == 0 {
			return r, nil
		}
		return nil, fmt.Errorf("the interpreter does not know the type %s", typeName(t))
	}
	if r := m.derived[obj.Name()]; r != nil {
		return r, nil
	}
	for _, outer := range m.within {
		if outer == obj {
			return nil, errors.New("a type that refers to itself")
		}
	}
	m.within = append(m.within, obj)
	r, err := m.reflected(t.Underlying())
	m.within = m.within[:len(m.within)-1]
	m.known[obj] = r
	return r, err
}

// ofStruct makes a struct type with the names that gomacro gives to fields.
func (m *maker) ofStruct(t *types.Struct) (reflect.Type, error) {
	var fields []reflect.StructField
	for i := range t.NumFields() {
		f := t.Field(i)
		r, err := m.reflected(f.Type())
		if err != nil {
			return nil, err
		}
		name := f.Name()
		if !f.Exported() && f.Embedded() {
			name = embeddedPrefix + name
		} else if !f.Exported() {
			name = unexportedPrefix + name
		}
		fields = append(fields, reflect.StructField{Name: name, Type: r, Tag: reflect.StructTag(t.Tag(i))})
	}
	return reflect.StructOf(fields), nil
}
