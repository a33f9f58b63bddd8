package parallel

import (
	"html"
	"strings"
)

// textTable sets rows of text, titles first, in columns.
func textTable(rows [][]string) string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			width[i] = max(width[i], len([]rune(text)))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		for i, text := range row {
			lines[n] += text + strings.Repeat(" ", width[i]-len([]rune(text))+2)
		}
		lines[n] = strings.TrimRight(lines[n], " ")
	}
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
