package display

import (
	"fmt"
	"html"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/text"
)

// failing is what has an error besides its value, such as parallel.AsyncResult,
// whose Failure returns that of a call that has ended.
type failing interface{ Failure() error }

// The look of an error among values: translucent, so that it suits light and dark
// pages.
const (
	errorBox  = `<div style="border-left: 4px solid #d32f2f; background: rgba(211, 47, 47, 0.12); padding: 0.4em 0.8em; margin: 0.2em 0">`
	errorName = `<div style="color: #d32f2f; font-weight: bold; font-family: var(--jp-code-font-family, monospace)">%s</div>`
	plainText = `<pre style="margin: 0; background: none; color: inherit; white-space: pre-wrap">%s</pre>`
)

// Result returns how the value of a cell is shown: as Render says, but of an error
// it is told at a glance that it is one, by colour and type, with the other values
// below. The metadata says so too, under cell.ErrorValue. What counts is a value
// that is an error, not one that holds some.
func Result(values ...any) (data cell.Bundle, metadata map[string]any) {
	var texts, boxes, names []string
	var others []any
	for _, v := range values {
		err, whole := errorOf(v)
		if err == nil {
			others = append(others, v)
			continue
		}
		name, full := fmt.Sprintf("%T", err), plain(err)
		names = append(names, name+": "+text.Message(live.Context(), err))
		texts = append(texts, "error: "+name+": "+full)
		boxes = append(boxes, errorBox+fmt.Sprintf(errorName, html.EscapeString(name))+fmt.Sprintf(plainText, html.EscapeString(full))+"</div>")
		if !whole {
			others = append(others, v)
		}
	}
	if names == nil {
		return Render(values...)
	}
	below, _ := Render(others...)
	if rest, ok := below["text/plain"].(string); ok {
		texts = append(texts, rest)
		markup, ok := below["text/html"].(string)
		if !ok {
			markup = fmt.Sprintf(plainText, html.EscapeString(rest))
		}
		boxes = append(boxes, markup)
	}
	return cell.Bundle{"text/plain": strings.Join(texts, "\n"), "text/html": strings.Join(boxes, "\n")},
		map[string]any{cell.ErrorValue: strings.Join(names, "\n")}
}

// errorOf returns the error that a value is, or has; whole says that it is nothing
// else. A nil pointer is none, whatever methods it has.
func errorOf(v any) (err error, whole bool) {
	if isNilPointer(v) {
		return nil, false
	}
	switch v := v.(type) {
	case error:
		return v, true
	case failing:
		return v.Failure(), false
	}
	return nil, false
}
