package session

import (
	"bytes"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/goparallel/goparallel/kernel/cell"
)

// IsComplete judges whether a cell can be run as it is, for consoles that run a
// cell at the end of a line.
func (s *Session) IsComplete(code string) cell.Completeness {
	if strings.TrimSpace(code) == "" {
		return cell.Completeness{Status: "complete"}
	}
	closers, open := nesting([]byte(code))
	if open || closers != "" {
		return cell.Completeness{Status: "incomplete", Indent: strings.Repeat("\t", len(closers))}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &compilation{s: s, key: keyOf(code), code: []byte(code), chunks: split([]byte(code))}
	line, col := position(c.code, len(bytes.TrimRight(c.code, " \t\n")))
	mistakes := c.chunkSyntax()
	switch {
	case len(mistakes) == 0:
		return cell.Completeness{Status: "complete"}
	case mistakes[0].Line > line || mistakes[0].Line == line && mistakes[0].Column >= col:
		return cell.Completeness{Status: "incomplete"} // it is the end that was not expected
	default:
		return cell.Completeness{Status: "invalid"}
	}
}

// nesting returns what would close the brackets that are open at the end of a
// text, and whether a comment or a raw string is open.
func nesting(code []byte) (closers string, open bool) {
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
