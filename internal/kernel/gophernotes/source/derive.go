package source

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"
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
	for _, path := range slices.Sorted(maps.Keys(w.imports)) {
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
	if why := cannotTravel(t); why != nil {
		w.err = cmp.Or(w.err, why)
		return "int"
	}
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
	return t.String()
}

// cannotTravel says why values of a kind stay in their process, nil if they do not.
func cannotTravel(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Chan:
		return fmt.Errorf("%v is a channel", t)
	case reflect.Func:
		return fmt.Errorf("%v is a function", t)
	case reflect.UnsafePointer:
		return fmt.Errorf("%v is an address", t)
	case reflect.Interface:
		if t.Name() == "Forward" {
			return errors.New("it refers to itself, and the interpreter uses an interface there")
		}
		if t != reflect.TypeFor[error]() {
			return fmt.Errorf("%v is an interface, whose values may be of any type", t)
		}
	}
	return nil
}

// travels reports whether values of a type can travel, as far as their own kind tells.
func travels(t reflect.Type) bool { return cannotTravel(t) == nil }

// show writes a type of the interpreter as the user would.
func show(t reflect.Type) string {
	w := &typeWriter{imports: map[string]bool{}}
	if text := w.text(t); w.err == nil {
		return text
	}
	return t.String()
}
