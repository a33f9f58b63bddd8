package codec

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// signatures holds those made so far, by type.
var signatures sync.Map

// Signature describes a type in such detail that types of equal signatures have
// equal encodings: a type that was declared again with other fields has another
// one. It begins with the type's name.
func Signature(t reflect.Type) string {
	if s, ok := signatures.Load(t); ok {
		return s.(string)
	}
	var b strings.Builder
	b.WriteString(t.String())
	b.WriteByte('\n')
	describe(&b, t, map[reflect.Type]bool{})
	s, _ := signatures.LoadOrStore(t, b.String())
	return s.(string)
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
