package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/text"
)

// Data is one value in several representations, by MIME type. Shown or
// returned as a cell's value, it is taken as it is.
type Data map[string]any

// The methods by which a type says how it wants to be shown; any of them is
// enough, several are combined, and a package needs not import display to
// have them. They are those that gophernotes knows, so that types made for it
// are shown in the same way.
type (
	renderer       interface{ Render() map[string]any }
	simpleRenderer interface{ SimpleRender() map[string]any }
	fullRenderer   interface{ Render() fullData }
	htmler         interface{ HTML() string }
	svger          interface{ SVG() string }
	markdowner     interface{ Markdown() string }
	latexer        interface{ Latex() string }
	javascripter   interface{ JavaScript() string }
	pnger          interface{ PNG() []byte }
	jpeger         interface{ JPEG() []byte }
	pdfer          interface{ PDF() []byte }
	jsoner         interface{ JSON() map[string]any }
	jsonValuer     interface{ JSON() any }
	jsonTexter     interface{ JSON() string }
	jsonByter      interface{ JSON() []byte }
	jsonRawer      interface{ JSON() json.RawMessage }
	mimer          interface{ MIME() map[string]any }
)

// fullData is gophernotes' Data, by its structure.
type fullData = struct{ Data, Metadata, Transient map[string]any }

// The size at which a plot is drawn, in points: a notebook cell's width less
// the prompt, and the height that suits it.
const (
	plotWidth  = 480
	plotHeight = 300
)

// Render returns how values are shown: the representations their types offer
// and, always, text/plain. Several values make one line of text. It returns
// nil where there is nothing to show: no values, or a Handle, which is on the
// screen already. A type says how it is shown with one of the methods
// Render() map[string]any or MIME() map[string]any (by MIME type), HTML, SVG, Markdown, Latex,
// JavaScript (string), PNG, JPEG, PDF ([]byte) and JSON (any, or its text). An
// image.Image is shown as PNG, a gonum plot as SVG, what Table knows as a table, and a
// list of what is a picture, or shows itself, side by side. Where such a method panics,
// Render panics with a *guard.Panic; one that does not return within a minute, takes a
// gigabyte of memory, or calls itself without end is left out, and the text says so.
func Render(values ...any) (data cell.Bundle, metadata map[string]any) {
	if len(values) == 1 {
		return renderOne(values[0])
	}
	if len(values) == 0 {
		return nil, nil
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = plain(v)
	}
	if !slices.ContainsFunc(values, shows) {
		return cell.Bundle{"text/plain": strings.Join(texts, " ")}, nil
	}
	d := &drawing{data: cell.Bundle{"text/plain": strings.Join(texts, " ")}, value: several(values)}
	data, metadata, problem := d.draw()
	if problem != "" {
		data["text/plain"] = strings.Join(texts, " ") + "\n(" + problem + ")"
	}
	return data, metadata
}

func renderOne(v any) (data cell.Bundle, metadata map[string]any) {
	d := &drawing{data: cell.Bundle{}}
	switch v := v.(type) {
	case *Handle:
		return nil, nil
	case Data:
		d.data = copyOf(v)
	case cell.Bundle:
		d.data = copyOf(v)
	case fullData:
		d.data, d.metadata = copyOf(v.Data), v.Metadata
	default:
		if !isNilPointer(v) {
			d.value = v
		}
	}
	data, metadata, problem := d.draw()
	if _, ok := data["text/plain"]; !ok {
		data["text/plain"] = plainBeside(v, data)
	}
	if problem != "" {
		data["text/plain"] = strings.TrimPrefix(data["text/plain"].(string)+"\n("+problem+")", "\n")
	}
	return data, metadata
}

// drawPlot draws a gonum *plot.Plot, known by its method
// WriterTo(width, height vg.Length, format string) (io.WriterTo, error). It
// is found by reflection so that cells that draw nothing need not link gonum.
func drawPlot(v any) (svg string, ok bool, err error) {
	if !isPlot(v) {
		return "", false, nil
	}
	m := reflect.ValueOf(v).MethodByName("WriterTo")
	t := m.Type()
	out := m.Call([]reflect.Value{
		reflect.ValueOf(float64(plotWidth)).Convert(t.In(0)),
		reflect.ValueOf(float64(plotHeight)).Convert(t.In(1)),
		reflect.ValueOf("svg").Convert(t.In(2)),
	})
	if err, _ := out[1].Interface().(error); err != nil {
		return "", false, err
	}
	var buf bytes.Buffer
	if _, err := out[0].Interface().(io.WriterTo).WriteTo(&buf); err != nil {
		return "", false, err
	}
	// gonum names one font, which few readers have, and draws up to the edges, where the
	// letters of another one would be cut off.
	return strings.NewReplacer(
		`viewBox="0 0 480 300"`, `viewBox="-12 -10 504 320"`,
		`<path d="M0,0L480,0L480,300L0,300Z"`, `<path d="M-12,-10L492,-10L492,310L-12,310Z"`,
		"font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;",
		"font-family:Liberation Serif;", "font-family:Liberation Serif,Times New Roman,Times,serif;",
	).Replace(buf.String()), true, nil
}

func isPlot(v any) bool {
	m := reflect.ValueOf(v).MethodByName("WriterTo")
	if !m.IsValid() {
		return false
	}
	t := m.Type()
	return t.NumIn() == 3 && t.In(0).Kind() == reflect.Float64 && t.In(1) == t.In(0) && t.In(2).Kind() == reflect.String &&
		t.NumOut() == 2 && t.Out(0) == reflect.TypeFor[io.WriterTo]() && t.Out(1) == reflect.TypeFor[error]()
}

// plain is the text of a value, as bounded as package text says.
func plain(v any) string {
	return text.Of(live.Context(), v)
}

// plainBeside is the text for a value that has other representations too:
// where one of them is text, the text itself, for a picture its type, so that
// a struct full of pixels is not printed beside its image.
func plainBeside(v any, data cell.Bundle) string {
	for _, mime := range []string{"text/markdown", "text/latex"} {
		if s, ok := data[mime].(string); ok {
			return s
		}
	}
	switch v := v.(type) {
	case Data, cell.Bundle, fullData:
		if s, ok := data["text/html"].(string); ok {
			return html.UnescapeString(stripTags(s))
		}
		for mime := range data {
			return "<" + mime + ">"
		}
		return ""
	case fmt.Stringer, error:
		return plain(v)
	}
	for mime := range data {
		if strings.HasPrefix(mime, "image/") || mime == "application/pdf" {
			return fmt.Sprintf("<%T>", v)
		}
	}
	return plain(v)
}

// stripTags removes what stands between angle brackets.
func stripTags(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '<':
			depth++
		case r == '>' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

func copyOf(m map[string]any) cell.Bundle {
	c := make(cell.Bundle, len(m)+1)
	for k, v := range m {
		c[k] = v
	}
	return c
}

func isNilPointer(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil()
}
