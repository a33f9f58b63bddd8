package display

import (
	"fmt"
	"reflect"
	"unicode/utf8"
)

// The most that Plain shows of a value. IPython stops a list after 1000
// elements too.
const (
	maxElements = 1000
	maxText     = 64 << 10
)

// Plain returns v as text: a string as it is, structs with their field names,
// everything else as fmt prints it. Of a slice or an array with more than
// 1000 elements the first 1000 are shown, and text is cut after 64 KB; a note
// says so.
func Plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case string:
		return cut(v)
	case error: // those that have more to tell, such as a stack, tell it
		return cut(fmt.Sprintf("%+v", v))
	case fmt.Stringer, fmt.Formatter:
		return cut(fmt.Sprintf("%v", v))
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Slice, reflect.Array:
		if n := r.Len(); n > maxElements {
			if r.Kind() == reflect.Array {
				copied := reflect.New(r.Type()).Elem()
				copied.Set(r)
				r = copied
			}
			first := fmt.Sprintf("%+v", r.Slice(0, maxElements).Interface())
			return cut(first[:len(first)-1]+" …]") + fmt.Sprintf("\n(the first %d of %d elements)", maxElements, n)
		}
	}
	return cut(fmt.Sprintf("%+v", v))
}

// cut ends s after maxText bytes, at a whole character.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + fmt.Sprintf("…\n(the first %d of %d bytes; fmt.Print shows all)", end, len(s))
}
