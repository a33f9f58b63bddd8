package magic

import (
	"regexp"
	"strings"
)

// Query is a question about a name, on a line of its own: ?fmt.Println or
// fmt.Println? asks for documentation, ??f and f?? for the source as well. No Go
// statement can look like it.
type Query struct {
	Name   string
	Detail int
}

var (
	queryBefore = regexp.MustCompile(`^\s*(\?\??)\s*([^\s?"'` + "`" + `]+)\s*$`)
	queryBehind = regexp.MustCompile(`^\s*([^\s?"'` + "`" + `/!][^\s?"'` + "`" + `/]*)\s*(\?\??)\s*$`)
)

// query reads a line as a query.
func query(text string) (q Query, ok bool) {
	if !strings.Contains(text, "?") { // the expressions take long in cells of thousands of lines
		return q, false
	}
	if m := queryBefore.FindStringSubmatch(text); m != nil {
		return Query{Name: m[2], Detail: len(m[1]) - 1}, true
	}
	if m := queryBehind.FindStringSubmatch(text); m != nil {
		return Query{Name: m[1], Detail: len(m[2]) - 1}, true
	}
	return q, false
}

// Queries returns the questions of a cell, in order.
func Queries(code string) (list []Query) {
	lines := strings.Split(code, "\n")
	if first := firstLine(lines); blockBegins(lines, first) {
		l := &line{number: first + 1, text: lines[first]}
		if d, err := l.definition("%%"); err != nil || d.commandBlock {
			return nil
		}
		lines = lines[first+1:]
	}
	found, _ := findMagics(lines, nil)
	for _, l := range found {
		if q, ok := query(l.text); ok {
			list = append(list, q)
		}
	}
	return list
}

// IsBlock reports whether a cell begins with a cell magic.
func IsBlock(code string) bool {
	lines := strings.Split(code, "\n")
	return blockBegins(lines, firstLine(lines))
}

// blockBegins reports whether a line holds a cell magic, and is no question
// about one.
func blockBegins(lines []string, n int) bool {
	if n >= len(lines) || !strings.HasPrefix(strings.TrimLeft(lines[n], " \t"), "%%") {
		return false
	}
	_, asks := query(lines[n])
	return !asks
}
