package magic

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// above is what is known of the Go code above a line. It reads each line once, since a
// cell may have many magics.
type above struct {
	lines   int             // that were read
	closing string          // what ends the comment or raw string in which they end, or ""
	broken  bool            // a string in them does not end
	depths  []int           // of parentheses, outside the braces that are open
	depth   int             // of parentheses
	last    token.Token     // the last one, or token.ILLEGAL
	defined map[string]bool // names that may be variables
}

// read goes on to the end of the lines; magics among them are empty.
func (a *above) read(lines []string) {
	for ; a.closing != "" && a.lines < len(lines); a.lines++ {
		line := lines[a.lines]
		a.define(line)
		if _, rest, ok := strings.Cut(line, a.closing); ok {
			// The beginning of a string is as good an operand as all of it.
			rest = map[string]string{"`": `""`, "*/": ""}[a.closing] + rest
			a.closing = ""
			a.scan(rest + "\n")
		}
	}
	for _, line := range lines[a.lines:] {
		a.define(line)
	}
	if a.lines < len(lines) {
		a.scan(strings.Join(lines[a.lines:], "\n") + "\n")
	}
	a.lines = len(lines)
}

// scan reads tokens.
func (a *above) scan(text string) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(_ token.Position, message string) {
		switch {
		case strings.Contains(message, "comment not terminated"):
			a.closing = "*/"
		case strings.Contains(message, "raw string literal not terminated"):
			a.closing = "`"
		case strings.Contains(message, "not terminated"):
			a.broken = true
		}
	}, 0)
	for {
		_, tok, _ := s.Scan()
		if tok == token.EOF {
			return
		}
		switch tok {
		case token.LPAREN, token.LBRACK:
			a.depth++
		case token.RPAREN, token.RBRACK:
			a.depth--
		case token.LBRACE: // a function literal among arguments has statements
			a.depths, a.depth = append(a.depths, a.depth), 0
		case token.RBRACE:
			if n := len(a.depths); n > 0 {
				a.depths, a.depth = a.depths[:n-1], a.depths[n-1]
			}
		}
		a.last = tok
	}
}

// allows reports whether a line can begin a statement there: not inside a comment, a raw
// string or parentheses, and not where the line before is still waiting for an operand.
func (a *above) allows(text string) bool {
	if a.closing != "" || a.broken || a.depth > 0 {
		return false
	}
	switch a.last {
	case token.ILLEGAL, token.SEMICOLON, token.COLON:
		return true
	case token.LBRACE:
		// "{" also begins a composite literal, whose elements may be !x.
		return !(text[0] == '!' && strings.HasSuffix(strings.TrimSpace(text), ","))
	}
	return false
}

var (
	// negation begins with the name that is negated.
	negation = regexp.MustCompile(`^!\s*\(*(\pL\w*)`)
	name     = regexp.MustCompile(`(^|[\s;{,])(\pL\w*)\b`)
	varWord  = regexp.MustCompile(`\bvar\b`)
	word     = regexp.MustCompile(`\b\pL\w*`)
)

// define notes the names that a line may declare as variables.
func (a *above) define(line string) {
	if at := strings.LastIndex(line, ":="); at >= 0 {
		for _, m := range name.FindAllStringSubmatch(line[:at], -1) {
			a.defined[m[2]] = true
		}
	}
	if at := varWord.FindStringIndex(line); at != nil {
		for _, w := range word.FindAllString(line[at[1]:], -1) {
			a.defined[w] = true
		}
	}
}

// values returns the words of a line that are defined above it.
func (a *above) values(line string) (values map[string]bool) {
	for _, w := range word.FindAllString(line, -1) {
		if a.defined[w] {
			if values == nil {
				values = make(map[string]bool)
			}
			values[w] = true
		}
	}
	return values
}

// isNegation reports whether a line is a Go expression that negates a variable, of the
// cell or one of bools.
func (a *above) isNegation(text string, bools []string) bool {
	m := negation.FindStringSubmatch(text)
	if m == nil || !a.defined[m[1]] && !slices.Contains(bools, m[1]) {
		return false
	}
	_, err := parser.ParseExpr(text)
	return err == nil
}
