package parallel

import (
	"html"
	"strings"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// textTable sets rows of text, titles first, in columns.
func textTable(rows [][]string) string {
	lines, _ := format.Columns(rows, format.Words)
	return strings.Join(lines, "\n")
}

// htmlTable is rows of text, titles first, as an HTML table.
func htmlTable(rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table>")
	for i, row := range rows {
		cell := "td"
		if i == 0 {
			cell = "th"
		}
		b.WriteString("\n<tr>")
		for _, text := range row {
			b.WriteString("<" + cell + ">" + html.EscapeString(text) + "</" + cell + ">")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("\n</table>")
	return b.String()
}
