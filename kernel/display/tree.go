package display

import (
	"fmt"
	"html"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/parallel/text"
)

// The most that is shown of a value as a tree.
const (
	mostBranches = 50  // of one value
	mostNodes    = 500 // of all
	mostLevels   = 8
)

// slowText is how long the text of a value may take that is shown as a tree as well: its
// methods are called once more for that.
const slowText = time.Second

// A tree writes a nested value as HTML of which each level can be folded: a front end needs
// no scripts for that.
type tree struct {
	b     strings.Builder
	nodes int
}

// treeOf returns a nested value as HTML, and its text. Both are empty for what is not
// nested, or short, or shows itself.
func treeOf(v any) (markup, line string) {
	r := reflect.ValueOf(v)
	if !holds(r) || !isNested(through(r)) || shows(v) {
		return "", ""
	}
	began := time.Now()
	line = plain(v)
	if utf8.RuneCountInString(line) <= mostLine || time.Since(began) > slowText {
		return "", ""
	}
	t := &tree{}
	t.b.WriteString(`<div style="font-family: var(--jp-code-font-family, var(--vscode-editor-font-family, monospace)); font-size: 90%; line-height: 1.45">`)
	t.node("", r, 0)
	t.b.WriteString("</div>")
	return t.b.String(), line
}

// isNested reports whether a value holds values that hold others.
func isNested(v reflect.Value) bool {
	found := false
	branches(v, func(_ string, b reflect.Value) bool {
		found = holds(b)
		return !found
	})
	return found
}

// holds reports whether a value is made of others, and says nothing itself.
func holds(v reflect.Value) bool {
	if v.IsValid() && hasText(v.Type()) {
		return false
	}
	v = through(v)
	if !v.IsValid() || hasText(v.Type()) {
		return false
	}
	switch v.Kind() {
	case reflect.Struct:
		return v.NumField() > 0
	case reflect.Map:
		return v.Len() > 0
	case reflect.Slice, reflect.Array:
		return v.Len() > 0 && v.Type().Elem().Kind() != reflect.Uint8
	}
	return false
}

// branches calls a function for what a value holds, with a name for each, until it returns
// false.
func branches(v reflect.Value, each func(name string, b reflect.Value) bool) {
	switch v.Kind() {
	case reflect.Struct:
		v = addressable(v)
		for i := range v.NumField() {
			if !each(v.Type().Field(i).Name, field(v, i)) {
				return
			}
		}
	case reflect.Map:
		keys, values, _ := text.First(v, mostBranches+1)
		for i, k := range keys {
			if !each(shortText(k), values[i]) {
				return
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !each(strconv.Itoa(i), v.Index(i)) {
				return
			}
		}
	}
}

// node writes a value under its name.
func (t *tree) node(name string, v reflect.Value, level int) {
	t.nodes++
	label := ""
	if name != "" {
		label = `<span style="opacity: 0.7">` + html.EscapeString(shorten(name, mostCell)) + ":</span> "
	}
	if !holds(v) || level == mostLevels || t.nodes > mostNodes {
		t.b.WriteString(`<div style="padding-left: 1.1em">` + label + html.EscapeString(shorten(oneLine(shortText(v)), mostCell)) + "</div>")
		return
	}
	inner := through(v)
	open := ""
	if level < 2 {
		open = " open"
	}
	fmt.Fprintf(&t.b, `<details%s><summary style="cursor: pointer">%s<span style="opacity: 0.7">%s</span></summary><div style="padding-left: 1.1em">`,
		open, label, html.EscapeString(kindOf(inner)))
	shown := 0
	branches(inner, func(name string, b reflect.Value) bool {
		if shown == mostBranches || t.nodes > mostNodes {
			t.b.WriteString(`<div style="padding-left: 1.1em">` + gap + "</div>")
			return false
		}
		shown++
		t.node(name, b, level+1)
		return true
	})
	t.b.WriteString("</div></details>")
}

// kindOf is a value's type, and how much it holds.
func kindOf(v reflect.Value) string {
	name := strings.ReplaceAll(v.Type().String(), "interface {}", "any")
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return fmt.Sprintf("%s (%s)", name, count(v.Len()))
	}
	return shorten(name, mostCell)
}
