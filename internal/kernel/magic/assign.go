package magic

import (
	"go/ast"
	"go/parser"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// assigned begins a line that gives a variable what a command prints: x := !ls.
var assigned = regexp.MustCompile(`^\s*(\pL\w*)\s*(:?=)\s*!\s*([^=].*)$`)

// assignment reads a line as x := !command. Where it can be Go, the negation of what is
// declared, it is Go: a command is no call and no selector, and its first word is a name
// of nothing.
func assignment(text string, words func() map[string]int, known []Name) (command string, ok bool) {
	if !strings.Contains(text, "!") { // the expression takes long in cells of thousands of lines
		return "", false
	}
	m := assigned.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	expr, err := parser.ParseExpr("!" + m[3])
	if err != nil {
		return m[3], true
	}
	first, isCommand := "", true
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if first == "" {
				first = n.Name
			}
		case nil, *ast.UnaryExpr, *ast.BinaryExpr:
		default:
			isCommand = false
		}
		return true
	})
	if !isCommand || types.Universe.Lookup(first) != nil || slices.ContainsFunc(known, func(n Name) bool { return n.Name == first }) {
		return "", false
	}
	return m[3], words()[first] == countWords([]string{text})[first]
}

// countWords counts the words of lines.
func countWords(lines []string) map[string]int {
	count := make(map[string]int)
	for _, line := range lines {
		for _, w := range word.FindAllString(line, -1) {
			count[w]++
		}
	}
	return count
}

// assignCode is the Go code of x := !command.
func (l *line) assignCode(known []Name) string {
	m := assigned.FindStringSubmatchIndex(l.text)
	return l.text[:m[5]] + " ᐧcommand.Output(" + l.interpolated(l.assigns, known) + ")"
}

// inserted is what stands for a value in a line for the shell: {expression} or $name,
// and $$ for a dollar sign before a name.
var inserted = regexp.MustCompile(`\$\{[^{}]*\}|\{([^{}]+)\}|\$\$(\pL\w*)|\$(\pL\w*)`)

// interpolated returns the Go expression of a line for the shell in which values stand.
// Only names that the session, or the cell above, has declared are values; all else is
// the shell's.
func (l *line) interpolated(script string, known []Name) string {
	var parts []string
	text := func(s string) {
		if s != "" {
			parts = append(parts, strconv.Quote(s))
		}
	}
	at := 0
	for _, m := range inserted.FindAllStringSubmatchIndex(script, -1) {
		part := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return script[m[2*n]:m[2*n+1]]
		}
		switch {
		case part(2) != "" && l.isValue(part(2), known):
			text(script[at:m[0]] + "$" + part(2))
		case part(3) != "" && l.isValue(part(3), known):
			text(script[at:m[0]])
			parts = append(parts, part(3))
		case part(1) != "" && l.isValueExpr(part(1), known):
			text(script[at:m[0]])
			parts = append(parts, "("+part(1)+")")
		default:
			continue
		}
		at = m[1]
	}
	if at == 0 {
		return strconv.Quote(script)
	}
	text(script[at:])
	return "ᐧcommand.Join(" + strings.Join(parts, ", ") + ")"
}

// isValue reports whether a name is one of the session's values, or the cell defines it
// above.
func (l *line) isValue(name string, known []Name) bool {
	return l.values[name] || slices.ContainsFunc(known, func(n Name) bool { return n.Name == name && n.Kind != "type" })
}

// isValueExpr reports whether a text is a Go expression that begins with a value or calls
// one.
func (l *line) isValueExpr(text string, known []Name) bool {
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return false
	}
	found := false
	ast.Inspect(expr, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			found = found || l.isValue(id.Name, known)
		}
		return !found
	})
	return found
}
