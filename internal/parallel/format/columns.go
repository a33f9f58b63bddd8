package format

import (
	"strings"
	"unicode/utf8"
)

// Columns sets rows of text in columns, two spaces apart: it returns a line for each row, without spaces at its end, and
// the columns' widths in characters. Columns of which right says so are set to the right. The first row says how many there are.
func Columns(rows [][]string, right func(column int) bool) (lines []string, widths []int) {
	if len(rows) == 0 {
		return nil, nil
	}
	widths = make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, text := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if right(i) {
				cells[i] = pad + text
			} else {
				cells[i] = text + pad
			}
		}
		lines = append(lines, strings.TrimRight(strings.Join(cells, "  "), " "))
	}
	return lines, widths
}

// Figures is for [Columns] of which the first has names, and the others figures.
func Figures(column int) bool { return column > 0 }

// Words is for [Columns] that all have words.
func Words(int) bool { return false }
