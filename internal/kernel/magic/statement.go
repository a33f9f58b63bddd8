package magic

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// statement is Go code on the line of a magic.
type statement struct {
	text       string // without a comment at its end
	offset     int    // in the line
	expression bool   // a single expression
}

// parseStatement reads the statement that begins at an offset of the line. It
// is checked here because unbalanced braces would otherwise be balanced by the
// code around them.
func parseStatement(l *line, offset int) (statement, *Error) {
	st := statement{text: withoutComment(l.text[offset:]), offset: offset}
	if st.text == "" {
		return st, l.fail(offset, "a Go statement is missing here")
	}
	const before = "package p; func _() {\n"
	parsed, err := parser.ParseFile(token.NewFileSet(), "", before+st.text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		e := &Error{Name: "CompileError", Line: l.number, Column: offset + 1, Message: err.Error()}
		if list, ok := err.(scanner.ErrorList); ok {
			e.Message = list[0].Msg
			if list[0].Pos.Line == 2 {
				e.Column = offset + list[0].Pos.Column
			} else {
				e.Column = offset + len(st.text) + 1
			}
		}
		return st, e
	}
	body := parsed.Decls[0].(*ast.FuncDecl).Body.List
	if len(parsed.Decls) > 1 {
		return st, l.fail(offset, "unbalanced braces")
	}
	if len(body) == 1 {
		_, st.expression = body[0].(*ast.ExprStmt)
	}
	return st, nil
}

// withoutComment cuts a comment, and blanks before it, from the end of a line of Go
// code.
func withoutComment(text string) string {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.COMMENT && strings.HasPrefix(lit, "//") {
			text = text[:file.Offset(pos)]
			break
		}
	}
	return strings.TrimRight(text, " \t")
}

// once is the code that runs the statement one time, also where it is an expression whose value
// nobody uses.
func (st statement) once(l *line) string {
	if st.expression {
		return "{ ᐧn := 1; for range ᐧn { " + st.code(l) + " } }"
	}
	return st.code(l)
}

// code is the statement with a directive that tells the compiler where in the
// cell it stands.
func (st statement) code(l *line) string {
	if l.program {
		return st.text
	}
	return fmt.Sprintf("/*line :%d:%d*/%s", l.number, st.offset+1, st.text)
}
