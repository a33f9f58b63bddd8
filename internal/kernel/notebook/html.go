package notebook

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"os"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// page is the look of a notebook as a web page, which refers to nothing elsewhere.
var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title>
<style>
:root { color-scheme: light dark }
body { max-width: 60em; margin: 2em auto; padding: 0 1em; font: 16px/1.5 system-ui, sans-serif }
pre { font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.4em 0 }
.in { background: rgba(128, 128, 128, 0.12); padding: 0.6em 0.8em; border-left: 3px solid #00add8 }
.number { color: gray; font-size: 12px }
.out { padding: 0.2em 0.8em; overflow-x: auto }
.stderr, .error { background: rgba(211, 47, 47, 0.12); padding: 0.4em 0.8em }
table { border-collapse: collapse } th, td { padding: 0.2em 0.8em; text-align: right } tr:nth-child(even) { background: rgba(128, 128, 128, 0.12) }
img, svg { max-width: 100% }
</style></head><body>
{{range .Cells}}{{if .Markdown}}<section>{{.Markdown}}</section>
{{else if .Code}}<section{{with .ID}} id="cell-id={{.}}"{{end}}><div class="number">[{{.Number}}]</div><pre class="in">{{.Code}}</pre>
{{range .Outputs}}<div class="out">{{.}}</div>
{{end}}</section>
{{end}}{{end}}</body></html>
`))

// HTML writes the notebook in a file, with its outputs, as a web page.
func HTML(in, out string) error {
	d, err := read(in)
	if err != nil {
		return err
	}
	type pageCell struct {
		Markdown template.HTML
		ID       string
		Number   any
		Code     string
		Outputs  []template.HTML
	}
	var cells []pageCell
	for _, c := range d.cells {
		text := source(c)
		switch c["cell_type"] {
		case "markdown":
			cells = append(cells, pageCell{Markdown: markdown(text)})
		case "code":
			id, _ := c["id"].(string)
			p := pageCell{ID: id, Number: c["execution_count"], Code: text}
			list, _ := c["outputs"].([]any)
			for _, o := range list {
				if o, ok := o.(object); ok {
					p.Outputs = append(p.Outputs, outputHTML(o))
				}
			}
			cells = append(cells, p)
		}
	}
	var text bytes.Buffer
	if err := page.Execute(&text, map[string]any{"Title": in, "Cells": cells}); err != nil {
		return err
	}
	return os.WriteFile(out, text.Bytes(), 0o644)
}

// markdown returns the HTML of a text; HTML in it is the notebook's own, as that of
// outputs is.
func markdown(text string) template.HTML {
	var b bytes.Buffer
	m := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := m.Convert([]byte(text), &b); err != nil {
		return preformatted("", text)
	}
	return template.HTML(b.String())
}

func preformatted(class, text string) template.HTML {
	return template.HTML(fmt.Sprintf(`<pre class="%s">%s</pre>`, class, template.HTMLEscapeString(colours.ReplaceAllString(text, ""))))
}

// outputHTML returns the richest form of an output that a page can show.
func outputHTML(o object) template.HTML {
	switch o["output_type"] {
	case "stream":
		text, _ := joined(o["text"])
		return preformatted(fmt.Sprint(o["name"]), text)
	case "error":
		var trace []string
		list, _ := o["traceback"].([]any)
		for _, line := range list {
			trace = append(trace, fmt.Sprint(line))
		}
		return preformatted("error", strings.Join(trace, "\n"))
	}
	data, _ := o["data"].(object)
	for _, mime := range []string{"text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"} {
		text, err := joined(data[mime])
		if err != nil {
			continue
		}
		switch mime {
		case "text/html":
			return template.HTML(text)
		case "image/svg+xml": // as a picture, whose names are its own
			return picture(mime, base64.StdEncoding.EncodeToString([]byte(text)))
		case "image/png", "image/jpeg":
			return picture(mime, text)
		case "text/markdown":
			return markdown(text)
		default:
			return preformatted("", text)
		}
	}
	return ""
}

func picture(mime, encoded string) template.HTML {
	return template.HTML(fmt.Sprintf(`<img alt="" src="data:%s;base64,%s">`, mime, template.HTMLEscapeString(encoded)))
}
