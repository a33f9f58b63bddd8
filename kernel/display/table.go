package display

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// Table shows a value as a table: a list or a map of structs, of lists or of maps with
// texts as keys, a matrix of gonum's, or a data frame of gota's or arrow's. Of more than
// 40 rows or 24 columns it shows the first and the last ones. Values of other types
// are shown as Show does. The last value of a cell is shown in this way by itself.
func Table(v any) {
	Show(tabled{v})
}

// tabled is a value that is shown as a table, in text as well.
type tabled struct{ value any }

// Render implements renderer.
func (t tabled) Render() map[string]any {
	g := gridOf(t.value)
	if g == nil {
		data, _ := Render(t.value)
		return data
	}
	return map[string]any{"text/plain": g.text(), "text/html": g.html()}
}

// The look of tables, which suits light and dark pages: JupyterLab's and VS Code's
// colours where there are some, otherwise the page's.
const (
	tableBox  = `<div style="max-height: 26em; max-width: 100%; overflow: auto; width: fit-content">`
	tableTag  = `<table class="` + tableClass + `" style="margin: 0; font-variant-numeric: tabular-nums; border-collapse: collapse">`
	headStyle = `position: sticky; top: 0; z-index: 1; background: var(--jp-layout-color1, var(--vscode-editor-background, Canvas)); `
	nameStyle = `position: sticky; left: 0; opacity: 0.75; font-weight: normal; background: var(--jp-layout-color1, var(--vscode-editor-background, Canvas)); `
	noteTag   = `<div style="opacity: 0.65; font-size: 90%; margin-top: 0.2em">`
)

// mostCell bounds the text of a cell, in characters.
const mostCell = 200

// html is the table as HTML.
func (g *grid) html() string {
	align := make([]string, len(g.head))
	for j := range g.head {
		align[j] = "text-align: left"
		if g.numeric(j) {
			align[j] = "text-align: right"
		}
	}
	var b strings.Builder
	b.WriteString(tableBox + tableTag + "<thead><tr><th style=\"" + headStyle + "\"></th>")
	for j, name := range g.head {
		b.WriteString(`<th style="` + headStyle + align[j] + `">` + html.EscapeString(shorten(name, mostCell)) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range g.body {
		b.WriteString(`<tr><th style="` + nameStyle + `text-align: left">` + html.EscapeString(shorten(row.name, mostCell)) + "</th>")
		for j := range g.head {
			b.WriteString(`<td style="` + align[j] + `">`)
			switch {
			case row.cells == nil:
				b.WriteString(gap)
			case j < len(row.cells):
				if picture, ok := markupOf(row.cells[j]); ok {
					b.WriteString(picture)
				} else {
					b.WriteString(html.EscapeString(shorten(shortText(row.cells[j]), mostCell)))
				}
			}
			b.WriteString("</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table></div>" + noteTag + html.EscapeString(g.summary()) + "</div>")
	if g.rows > 1 {
		b.WriteString(tableScript)
	}
	return b.String()
}

// summary says how large the value is, and what it is.
func (g *grid) summary() string {
	text := fmt.Sprintf("%s rows × %s columns", count(g.rows), count(g.cols))
	if g.rows == 1 {
		text = strings.Replace(text, "rows", "row", 1)
	}
	if g.cols == 1 {
		text = strings.Replace(text, "columns", "column", 1)
	}
	if g.note != "" {
		text += ", " + g.note
	}
	return text + " · " + g.kind
}

// count writes a number with spaces between thousands.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// text is the table as text in columns.
func (g *grid) text() string {
	const most = 32
	lines := [][]string{append([]string{""}, g.head...)}
	for _, row := range g.body {
		line := []string{shorten(row.name, most)}
		for j := range g.head {
			switch {
			case row.cells == nil:
				line = append(line, gap)
			default:
				line = append(line, shorten(oneLine(shortText(row.cells[j])), most))
			}
		}
		lines = append(lines, line)
	}
	text, _ := format.Columns(lines, func(column int) bool { return column > 0 && g.numeric(column-1) })
	return strings.Join(text, "\n") + "\n(" + g.summary() + ")"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// shorten cuts a text after so many characters.
func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
