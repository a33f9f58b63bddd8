package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// Table is text in rows. The first columns, Words of them, are set to the left,
// the others, which hold figures, to the right.
type Table struct {
	Title string
	Words int
	Head  []string
	Rows  [][]string
}

// Markdown returns the report as tables.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# goparallel and its peers, %s\n\n", r.Time.Format("2 January 2006, 15:04 UTC"))
	fmt.Fprintf(&b, "%s, %d processors, %s, load %s before.", r.Processor, r.Processors, r.Go, r.Load)
	if r.Quick {
		b.WriteString(" A quick run: few rounds.")
	}
	b.WriteString("\nMedians, with 95 % intervals. Everybody has two engines, workers or servers, and was measured in turns.\n")
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(&b, "\n- %s: %s", name, r.Versions[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Out)) {
		fmt.Fprintf(&b, "\n- %s was left out: %s", name, firstLine(r.Out[name]))
	}
	b.WriteByte('\n')
	for _, s := range r.Sections {
		b.WriteString("\n" + s.Markdown())
	}
	return b.String()
}

// Markdown returns the section as tables.
func (s Section) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n", s.Title)
	if len(s.Lines) > 0 {
		t := Table{Words: 2, Head: []string{"contestant", "setting", "median", "95 %", "÷ first"}}
		figure := Time
		if s.Bytes {
			figure = func(bytes float64) string { return Number(bytes/1e6) + " MB" }
		}
		for _, l := range s.Lines {
			t.Rows = append(t.Rows, []string{
				l.Contestant, l.Setting, figure(l.Median), figure(l.Low) + " – " + figure(l.High), Number(l.Median / s.Lines[0].Median),
			})
		}
		b.WriteString("\n" + t.Markdown())
	}
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "\n%s\n\n%s", t.Title, t.Markdown())
	}
	if len(s.Goals) > 0 {
		t := Table{Words: 1, Head: []string{"goal", "", "reached", "95 %", ""}}
		for _, g := range s.Goals {
			t.Rows = append(t.Rows, g.row())
		}
		b.WriteString("\n" + t.Markdown())
	}
	if len(s.Notes) > 0 {
		b.WriteByte('\n')
	}
	for _, note := range s.Notes {
		fmt.Fprintf(&b, "- %s\n", note)
	}
	return b.String()
}

// row is a goal's row of a table.
func (g Goal) row() []string {
	wanted := "≥ " + Number(g.Wanted)
	if g.Inverse {
		wanted = "≤ " + Number(g.Wanted)
	}
	if g.Missing != "" {
		return []string{g.Text, wanted, "–", "–", g.Missing}
	}
	verdict := "missed"
	if g.Met() {
		verdict = "met"
	}
	if g.Open() {
		verdict += ", within the noise"
	}
	return []string{g.Text, wanted, Number(g.Reached), Number(g.Low) + " – " + Number(g.High), verdict}
}

// Markdown returns the table, its columns aligned.
func (t Table) Markdown() string {
	widths := make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 2)
		}
	}
	var b strings.Builder
	line := func(row []string) {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < t.Words {
				b.WriteString("| " + cell + pad + " ")
			} else {
				b.WriteString("| " + pad + cell + " ")
			}
		}
		b.WriteString("|\n")
	}
	line(t.Head)
	for i, w := range widths {
		if i < t.Words {
			b.WriteString("|:" + strings.Repeat("-", w+1))
		} else {
			b.WriteString("|" + strings.Repeat("-", w+1) + ":")
		}
	}
	b.WriteString("|\n")
	for _, row := range t.Rows {
		line(row)
	}
	return b.String()
}

// Time writes seconds with three digits.
func Time(seconds float64) string { return format.Time(seconds, 3) }

// Number writes a ratio with three digits, and no fewer than it has before the
// point.
func Number(x float64) string {
	digits := 2
	for limit := 10.0; x >= limit && digits > 0; limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
