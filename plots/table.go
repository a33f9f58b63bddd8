package plots

import (
	"html"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// A Table holds text in rows; the first column is set to the left and the
// others, which hold figures, to the right. As the last expression of a
// notebook cell it shows itself.
type Table struct {
	// Head names the columns.
	Head []string
	// Rows each have as many cells as Head.
	Rows [][]string
}

// Compare sets measurements beside a reference's: for each way of calling the
// time of both, how many times longer it took than the serial loop on the same
// machine, and how many times longer the reference took than it takes here.
// Figures that one of them lacks are dashes.
func Compare(ms []Measurement, ref Reference) *Table {
	t := &Table{Head: []string{
		"way of calling", ref.Name, "÷ its serial", "here", "÷ serial", ref.Name + " ÷ here",
	}}
	refs := timed(ref.Measurements)
	for _, m := range timed(ms) {
		theirs, theirRatio, faster := "", "", ""
		if r, ok := find(refs, m.Chunk); ok && m.Chunk != Default {
			theirs, theirRatio = formatTime(r.Time), formatRatio(r.Ratio())
			faster = formatRatio(float64(r.Time) / float64(m.Time))
		}
		row := []string{m.Name, theirs, theirRatio, formatTime(m.Time), formatRatio(m.Ratio()), faster}
		for i, cell := range row {
			if cell == "" {
				row[i] = "–"
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// String returns the table as text in columns.
func (t *Table) String() string {
	lines, widths := format.Columns(t.lines(), format.Figures)
	if len(lines) > 1 {
		rules := make([]string, len(widths))
		for i, w := range widths {
			rules[i] = strings.Repeat("─", w)
		}
		lines = slices.Insert(lines, 1, strings.Join(rules, "  "))
	}
	return strings.Join(lines, "\n") + "\n"
}

// HTML returns the table as an HTML fragment in the colours of the page that it
// stands on.
func (t *Table) HTML() string {
	var b strings.Builder
	b.WriteString("<table>\n")
	for n, row := range t.lines() {
		name := "td"
		if n == 0 {
			name = "th"
		}
		b.WriteString("<tr>")
		for i, cell := range row {
			align := "right"
			if i == 0 {
				align = "left"
			}
			b.WriteString("<" + name + ` style="text-align:` + align + `">` + html.EscapeString(cell) + "</" + name + ">")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>\n")
	return b.String()
}

// lines returns the head and the rows.
func (t *Table) lines() [][]string { return append([][]string{t.Head}, t.Rows...) }
