package syntax

import (
	"bytes"
	"go/scanner"
	"go/token"
	"strings"
)

// Nesting returns what would close the brackets that are open at the end of a
// text, and whether a comment or a raw string is open.
func Nesting(code []byte) (closers string, open bool) {
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", -1, len(code)), code, func(_ token.Position, msg string) {
		open = open || strings.Contains(msg, "raw string literal not terminated") || strings.Contains(msg, "comment not terminated")
	}, 0)
	for {
		_, tok, _ := sc.Scan()
		switch tok {
		case token.EOF:
			return closers, open
		case token.LPAREN:
			closers = ")" + closers
		case token.LBRACK:
			closers = "]" + closers
		case token.LBRACE:
			closers = "}" + closers
		case token.RPAREN, token.RBRACK, token.RBRACE:
			closers = strings.TrimPrefix(closers, tok.String())
		}
	}
}

// Position returns line and byte column of an offset, both from 1.
func Position(text []byte, offset int) (line, col int) {
	before := text[:offset]
	return 1 + bytes.Count(before, []byte("\n")), offset - bytes.LastIndexByte(before, '\n')
}

// words returns every word of a text; the identifiers are among them.
func words(code []byte) map[string]bool {
	names := make(map[string]bool)
	for _, word := range strings.FieldsFunc(string(code), func(r rune) bool {
		return r != '_' && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') && r < 0x80
	}) {
		names[word] = true
	}
	return names
}

// CursorName stands in for the name at the cursor while half-typed code is checked.
const CursorName = "ᐧcursor"
