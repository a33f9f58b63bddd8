package magic

import (
	"strings"
	"unicode/utf8"
)

// Blank returns the Go code of a cell at its place: what belongs to magics is
// replaced by spaces, one for each character. It is for looking at code while it
// is typed, so it takes what is wrong as it is.
func Blank(code string) string {
	lines := strings.Split(code, "\n")
	first := firstLine(lines)
	if blockBegins(lines, first) {
		l := &line{text: lines[first]}
		d, err := l.definition("%%")
		lines[first] = l.blank(d)
		if err != nil || d.commandBlock {
			for i := range lines {
				lines[i] = spaces(lines[i])
			}
		}
	}
	found, plain := findMagics(lines, nil)
	for _, l := range found {
		if q, asks := query(l.text); asks && !strings.HasPrefix(q.Name, "%") {
			plain[l.number-1] = strings.ReplaceAll(l.text, "?", " ") // a name is Go
			continue
		}
		if l.assigns != "" {
			plain[l.number-1] = spaces(l.text)
			continue
		}
		d, _ := l.definition("%")
		for n, text := range strings.Split(l.blank(d), "\n") { // a command can go on
			plain[l.number-1+n] = text
		}
	}
	return strings.Join(plain, "\n")
}

// blank is the line with only its Go code left.
func (l *line) blank(d *definition) string {
	if d == nil || d.code == nil {
		return spaces(l.text)
	}
	at := d.code(l)
	return spaces(l.text[:at]) + l.text[at:]
}

func spaces(s string) string { return strings.Repeat(" ", utf8.RuneCountInString(s)) }
