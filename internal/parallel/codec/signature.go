package codec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// signatures holds those made so far, by type.
var signatures sync.Map

// Signature describes a type in such detail that types of equal signatures have
// equal encodings: a type that was declared again with other fields has another
// one. It begins with the type's name, and ends with a line that leaves out the names of the user's own
// types.
func Signature(t reflect.Type) string {
	if s, ok := signatures.Load(t); ok {
		return s.(string)
	}
	var b strings.Builder
	b.WriteString(t.String())
	b.WriteByte('\n')
	describe(&b, t, map[reflect.Type]bool{})
	b.WriteByte('\n')
	layout(&b, t, nil)
	s, _ := signatures.LoadOrStore(t, b.String())
	return s.(string)
}

// Fits reports whether a value of one type can become one of another, by their signatures. Where one
// of them has no name, as an interpreter's own structs have none, that is as in an assignment: what
// counts is what they consist of.
func Fits(is, want string) bool {
	if is == want {
		return true
	}
	isName, isRest, _ := strings.Cut(is, "\n")
	wantName, wantRest, _ := strings.Cut(want, "\n")
	if !strings.Contains(isName, "struct {") && !strings.Contains(wantName, "struct {") {
		return false
	}
	_, isLayout, _ := strings.Cut(isRest, "\n")
	_, wantLayout, ok := strings.Cut(wantRest, "\n")
	return ok && isLayout == wantLayout
}

// Differ says how a type differs from the one that is wanted, by their signatures:
// "of type int, not float64".
func Differ(is, want string) string {
	isName, _, _ := strings.Cut(is, "\n")
	wantName, _, _ := strings.Cut(want, "\n")
	if isName == wantName {
		return fmt.Sprintf("of another type %s, which was declared again since", isName)
	}
	return fmt.Sprintf("of type %s, not %s", isName, wantName)
}

// describe writes what a type consists of; inside are the types it stands in.
func describe(b *strings.Builder, t reflect.Type, inside map[reflect.Type]bool) {
	fmt.Fprintf(b, "%s.%s", t.PkgPath(), t.String())
	if inside[t] {
		return
	}
	inside[t] = true
	switch t.Kind() {
	case reflect.Struct:
		b.WriteByte('{')
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(b, "%s ", f.Name)
			describe(b, f.Type, inside)
			b.WriteByte(';')
		}
		b.WriteByte('}')
	case reflect.Map:
		b.WriteByte('[')
		describe(b, t.Key(), inside)
		b.WriteByte(']')
		describe(b, t.Elem(), inside)
	case reflect.Slice, reflect.Pointer, reflect.Array:
		b.WriteByte('^')
		describe(b, t.Elem(), inside)
	default:
		b.WriteByte('=')
		b.WriteString(t.Kind().String())
	}
}

// layout writes what a type consists of, down to what packages have declared. Outer are the types
// of the program itself that it stands in. Gomacro, the interpreter of gophernotes, makes its structs
// by reflection and marks fields that are not exported, or embedded, by a character.
func layout(b *strings.Builder, t reflect.Type, outer []reflect.Type) {
	if t.PkgPath() != "" && t.PkgPath() != "main" {
		fmt.Fprintf(b, "%s.%s", t.PkgPath(), t.Name())
		return
	}
	if t.Name() != "" {
		if i := slices.Index(outer, t); i >= 0 {
			fmt.Fprintf(b, "↑%d", len(outer)-i)
			return
		}
		outer = append(outer, t)
	}
	switch t.Kind() {
	case reflect.Struct:
		b.WriteByte('{')
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(b, "%s ", strings.TrimLeft(f.Name, "\U00012038\U00012039"))
			layout(b, f.Type, outer)
			b.WriteByte(';')
		}
		b.WriteByte('}')
	case reflect.Map:
		b.WriteString("map[")
		layout(b, t.Key(), outer)
		b.WriteByte(']')
		layout(b, t.Elem(), outer)
	case reflect.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		layout(b, t.Elem(), outer)
	case reflect.Slice:
		b.WriteString("[]")
		layout(b, t.Elem(), outer)
	case reflect.Pointer:
		b.WriteByte('*')
		layout(b, t.Elem(), outer)
	default:
		b.WriteString(t.Kind().String())
	}
}
