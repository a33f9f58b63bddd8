package display

import (
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"reflect"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// mostPictures bounds how many pictures of a list are shown.
const mostPictures = 24

// markupOf returns the HTML of a value inside another one that is a picture, or shows
// itself in another way; ok is false where its text is all there is.
func markupOf(v any) (source string, ok bool) {
	r, isValue := v.(reflect.Value)
	if isValue {
		if !r.IsValid() || !r.CanInterface() || !mayDraw(r.Type()) {
			return "", false
		}
		v = r.Interface()
	}
	if v == nil || isNilPointer(v) || !draws(v) {
		return "", false
	}
	d := &drawing{data: cell.Bundle{}, value: v}
	d.offered()
	d.encode()
	return markup(d.data)
}

// markup makes HTML of representations.
func markup(data cell.Bundle) (source string, ok bool) {
	if s, ok := data["text/html"].(string); ok {
		return s, true
	}
	if s, ok := data["image/svg+xml"].(string); ok {
		return pictureTag("image/svg+xml", base64.StdEncoding.EncodeToString([]byte(s))), true
	}
	for _, mime := range []string{"image/png", "image/jpeg"} {
		if s, ok := data[mime].(string); ok {
			return pictureTag(mime, s), true
		}
	}
	return "", false
}

func pictureTag(mime, base64 string) string {
	return fmt.Sprintf(`<img src="data:%s;base64,%s" style="max-width: 100%%">`, mime, base64)
}

// mayDraw reports whether values of a type may show themselves in another way than by
// their text: not those without methods.
func mayDraw(t reflect.Type) bool { return t.Kind() == reflect.Interface || t.NumMethod() > 0 }

// draws reports whether a value has a picture or HTML.
func draws(v any) bool {
	switch v.(type) {
	case renderer, simpleRenderer, fullRenderer, htmler, svger, pnger, jpeger, mimer, image.Image, Data:
		return true
	}
	return isPlot(v)
}

// galleryOf shows a list of pictures, or of what else shows itself, side by side. It is
// empty for other values.
func galleryOf(v any) string {
	r := reflect.ValueOf(v)
	if k := r.Kind(); k != reflect.Slice && k != reflect.Array || r.Len() == 0 || !mayDraw(r.Type().Elem()) {
		return ""
	}
	var b strings.Builder
	for i := range min(r.Len(), mostPictures) {
		one, ok := markupOf(r.Index(i))
		if !ok {
			if i == 0 {
				return "" // what the list begins with decides
			}
			one = "<pre>" + html.EscapeString(shorten(shortText(r.Index(i)), mostCell)) + "</pre>"
		}
		b.WriteString("<div>" + one + "</div>")
	}
	if more := r.Len() - mostPictures; more > 0 {
		fmt.Fprintf(&b, "<div>and %s more</div>", count(more))
	}
	return `<div style="display: flex; flex-wrap: wrap; gap: 0.8em; align-items: center">` + b.String() + "</div>"
}

// several are the values of one expression list.
type several []any

// shows reports whether a value may have more than a text, by its type.
func shows(v any) bool {
	if v == nil || isNilPointer(v) {
		return false
	}
	if draws(v) || knownByMethods(v) {
		return true
	}
	switch t := elementOf(reflect.TypeOf(v)); t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return isRow(t.Elem()) || t.Elem().NumMethod() > 0
	}
	return false
}

// html shows the values below each other.
func (s several) html() string {
	var b strings.Builder
	for _, v := range s {
		one, ok := markupOf(v)
		if !ok {
			one = galleryOf(v)
		}
		if one == "" {
			if g := gridOf(v); g != nil {
				one = g.html()
			} else {
				one = fmt.Sprintf(plainText, html.EscapeString(plain(v)))
			}
		}
		b.WriteString(`<div style="margin: 0.3em 0">` + one + "</div>")
	}
	return b.String()
}
