package magic

import "strings"

// Plain returns a cell as a Go program can have it: its magics are comments, and what
// stands below a cell magic that is no Go, too. Known are the names of the session, as in Rewrite.
func Plain(code string, known ...Name) string {
	code = strings.ReplaceAll(strings.TrimPrefix(code, "\ufeff"), "\r\n", "\n")
	lines := strings.Split(code, "\n")
	tail := ""
	if first := firstLine(lines); first < len(lines) && blockBegins(lines, first) {
		l := &line{number: first + 1, text: lines[first]}
		d, err := l.definition("%%")
		if err != nil || d.block == nil || d.name == "test" { // whose functions are for package testing; %%px runs elsewhere
			return comment(code)
		}
		if _, tail, err = d.block(l, strings.Join(lines[first+1:], "\n")); err != nil || d.name != "main" {
			tail = ""
		}
		lines[first] = "// " + lines[first]
	}
	found, plain := findMagics(lines, known)
	for _, l := range found {
		for i, text := range strings.Split(l.text, "\n") {
			plain[l.number-1+i] = "// " + text
		}
	}
	if tail != "" {
		plain = append(plain, tail)
	}
	return strings.Join(plain, "\n")
}

func comment(code string) string {
	return "// " + strings.ReplaceAll(strings.TrimRight(code, "\n"), "\n", "\n// ") + "\n"
}
