package source

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// text is a source text, made ready to be a cell.
type text struct {
	// code is the text; in it a function literal has a name.
	code string
	// function is the name of the function that the text is, and param the
	// expression of its argument's type, nil where it has none.
	function string
	param    ast.Expr
	// declares are the names of types, functions, constants and variables.
	declares []string
	// literal is true for a function literal; line and column are where in the text its
	// name was inserted, which has so many bytes.
	literal      bool
	line, column int
	added        int
}

// label is what people call the text.
func (t *text) label() string {
	if t.literal || t.function == "_" { // a literal with type parameters, which Go has not
		return "the function's source"
	}
	if t.function == "" {
		return "the source text"
	}
	return "the source of " + t.function
}

// parse finds the function of a text, if there is one. What is wrong with its syntax
// is left to the session, which tells it better.
func parse(source string) (*text, error) {
	t := &text{code: source}
	t.nameLiteral()
	code := "package main;" + t.code
	if _, err := parser.ParseFile(token.NewFileSet(), "", t.code, parser.PackageClauseOnly); err == nil {
		code = t.code // it has a package clause, which a cell need not
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", code, parser.SkipObjectResolution)
	if file == nil {
		return nil, &Error{Message: err.Error()}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				continue
			}
			t.declares = append(t.declares, d.Name.Name)
			t.function, t.param = d.Name.Name, nil
			if p := d.Type.Params; p != nil && len(p.List) == 1 && len(p.List[0].Names) < 2 {
				t.param = p.List[0].Type
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					t.declares = append(t.declares, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						t.declares = append(t.declares, name.Name)
					}
				}
			}
		}
	}
	return t, nil
}

// literalPrefix begins the names of function literals.
const literalPrefix = "literal_"

// nameLiteral makes a declaration of a function literal, before which imports may stand.
func (t *text) nameLiteral() {
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(t.code))
	s.Init(file, []byte(t.code), nil, 0)
	pos, tok, _ := s.Scan()
	for tok == token.IMPORT || tok == token.PACKAGE {
		for depth := 0; tok != token.EOF && (tok != token.SEMICOLON || depth > 0); _, tok, _ = s.Scan() {
			if tok == token.LPAREN {
				depth++
			} else if tok == token.RPAREN {
				depth--
			}
		}
		pos, tok, _ = s.Scan()
	}
	if tok != token.FUNC || !beginsLiteral(&s) {
		return
	}
	at := file.Offset(pos) + len("func")
	name := " " + literalPrefix + key(t.code)
	t.literal, t.added = true, len(name)
	p := fset.Position(pos)
	t.line, t.column = p.Line, p.Column+len("func")
	t.code = t.code[:at] + name + t.code[at:]
}

// beginsLiteral reports whether a function literal stands behind func: a list of
// parameters, and not the receiver of a method, which a name and another list
// follow.
func beginsLiteral(s *scanner.Scanner) bool {
	_, tok, _ := s.Scan()
	if tok != token.LPAREN {
		return false
	}
	for depth := 1; depth > 0; {
		switch _, tok, _ = s.Scan(); tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		case token.EOF:
			return true
		}
	}
	if _, tok, _ = s.Scan(); tok != token.IDENT {
		return true
	}
	_, tok, _ = s.Scan()
	return tok != token.LPAREN
}

// place turns a position of the code into one of the text that was given.
func (t *text) place(line, column int) (int, int) {
	if t.literal && line == t.line && column > t.column {
		column = max(column-t.added, t.column)
	}
	return line, column
}

// sourceLine returns a line of the text that was given, 1-based.
func (t *text) sourceLine(line int) string {
	lines := strings.Split(t.code, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	l := lines[line-1]
	if t.literal && line == t.line {
		l = l[:t.column-1] + l[t.column-1+t.added:]
	}
	return strings.TrimRight(l, "\r")
}
