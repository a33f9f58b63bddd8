package magic

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

func init() {
	register(&definition{
		name: "main", usage: "%%main [argument…]",
		doc:   "Run the cell like a program: as any other cell, and then func main where the cell declares it. Arguments become those of os.Args, and flag.Parse reads them. %% alone is short for it.",
		block: mainBlock, program: always,
	})
}

func mainBlock(l *line, body string) (head, tail string, err *Error) {
	args := strings.TrimSpace(l.rest())
	switch isProgram := declaresMain(body); {
	case isProgram && args != "": // its flags are variables that have their values before main
		return commandCode("args", args), "flag.Parse(); main()", nil
	case isProgram:
		return "", "main()", nil
	case args != "":
		return parsedArgs(args), "", nil
	}
	return "", "", nil
}

var mainMagic = regexp.MustCompile(`^\s*(?:%%(?:main)?|%main)(?:[ \t]+(.*?))?\s*$`)

// mainLine reports whether a line is what stands in notebooks of gonb between declarations
// and statements, and returns its arguments. Without any it makes no difference here.
func mainLine(text string) (args string, is bool) {
	m := mainMagic.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// parsedArgs is the code that sets the arguments of the program and has package flag read them,
// as gonb does for its func main.
func parsedArgs(args string) string { return commandCode("args", args) + "; flag.Parse()" }

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
