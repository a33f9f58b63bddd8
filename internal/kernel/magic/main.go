package magic

import (
	"go/scanner"
	"go/token"
	"strings"
)

func init() {
	register(&definition{
		name: "main", usage: "%%main",
		doc:   "Run the cell like a program: as any other cell, and then func main where the cell declares it. %% alone is short for it.",
		block: mainBlock,
	})
}

func mainBlock(l *line, body string) (head, tail string, err *Error) {
	if strings.TrimSpace(l.rest()) != "" {
		return "", "", l.fail(l.arg, "%%%%main takes no arguments; set os.Args in the cell")
	}
	if declaresMain(body) {
		tail = "main()"
	}
	return "", tail, nil
}

// declaresMain reports whether the code of a cell declares func main.
func declaresMain(code string) bool {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, []byte(code), func(token.Position, string) {}, 0)
	depth, matched := 0, 0
	for {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return false
		case token.LBRACE:
			depth++
		case token.RBRACE:
			depth--
		}
		switch {
		case depth > 0:
			matched = 0
		case tok == token.FUNC:
			matched = 1
		case matched == 1 && tok == token.IDENT && lit == "main":
			matched = 2
		case matched == 2 && tok == token.LPAREN:
			return true
		default:
			matched = 0
		}
	}
}
