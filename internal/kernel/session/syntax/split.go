// Package syntax is what can be told of a cell by its text alone: nothing here knows a
// session, a type or a package, so all of it is tested with texts.
//
// [Split] cuts a cell into declarations and statements. It looks at tokens only, and so do
// [Cell.Scan], which refuses what is wrong with them and the directives that a cell does not
// obey, [LexicalAt], which says in what part of a text the cursor is, and [Nesting], which
// says what would close a half-typed text. [Cell.Assemble] puts a cell in the order that Go
// wants: imports, declarations, and a function with the statements. Line directives keep
// the places of what the user typed, [Parse] gives all files of a session places in one file
// set, and [DirectiveAt] writes the place of a node into generated code again.
//
// Names with the [Mark] are those of generated code. [ApplyEdits] is how code is generated
// from the user's text: what is not touched by an edit stands as it was typed.
package syntax

import (
	"bytes"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"unicode/utf8"
)

// Kind says what a chunk of a cell is.
type Kind int

// The kinds of chunks.
const (
	Statement Kind = iota
	ImportDecl
	ConstDecl
	TypeDecl
	VarDecl
	FuncDecl
	PackageClause
)

// A Chunk is one declaration or statement at the top level of a cell. Start and
// end are byte offsets; the text in between has the comments that stand directly
// above, and compiler directives wherever they stand before it, but not the
// semicolon that ends it.
type Chunk struct {
	Kind       Kind
	Start, End int
	// Semicolon reports whether the user wrote one: `x;` shows no value.
	Semicolon bool
}

// Split cuts a cell into its declarations and statements. It looks at tokens
// only, so it works on text that does not parse; the parser finds what is wrong.
func Split(src []byte) []Chunk {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)

	var (
		chunks   []Chunk
		open     bool // a chunk has begun
		comment  = -1 // start of the comments that may belong to the next chunk
		lastLine int  // line on which those comments end
		directed bool // a compiler directive is among them
		depth    int
		head     []token.Token // the first tokens at depth 0, which tell the kind
		cur      Chunk
		tokenEnd int
	)
	finish := func(semicolon bool) {
		cur.End, cur.Semicolon, cur.Kind = tokenEnd, semicolon, classify(head)
		chunks = append(chunks, cur)
		open, head, comment, directed = false, nil, -1, false
	}
	for {
		pos, tok, lit := s.Scan()
		offset := file.Offset(pos)
		switch {
		case tok == token.EOF:
			if open {
				finish(false)
			}
			return chunks
		case tok == token.COMMENT:
			if !open {
				if comment < 0 || !directed && file.Line(pos) > lastLine+1 {
					comment = offset
				}
				directed = directed || IsDirective(lit)
				lastLine = file.Line(pos) + countLines(lit)
			}
			continue
		case tok == token.SEMICOLON && depth <= 0 && !(lit == ";" && inHead(head, src[cur.Start:offset])):
			if open {
				finish(lit == ";")
			}
			continue
		}
		if !open {
			open, depth = true, 0
			cur = Chunk{Start: offset}
			if comment >= 0 && (directed || file.Line(pos) <= lastLine+1) {
				cur.Start = comment
			}
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if depth == 0 {
				head = append(head, tok)
			}
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		default:
			if depth == 0 && len(head) < 8 {
				head = append(head, tok)
			}
		}
		if tok != token.SEMICOLON || lit == ";" { // others are not in the text
			tokenEnd = offset + tokenSize(src[offset:], tok, lit)
		}
	}
}

// inHead reports whether a semicolon behind a text stands in the head of a for,
// if or switch statement. Head holds the text's tokens at depth 0.
func inHead(head []token.Token, text []byte) bool {
	if len(head) > 2 && head[0] == token.IDENT && head[1] == token.COLON { // a label
		head = head[2:]
	}
	if len(head) == 0 || head[0] != token.FOR && head[0] != token.IF && head[0] != token.SWITCH {
		return false
	}
	if !slices.Contains(head, token.LBRACE) {
		return true
	}
	// A brace may begin a composite literal of the head, or an else may follow.
	_, err := parser.ParseFile(token.NewFileSet(), "", "package p; func _() {"+string(text)+"\n}", parser.SkipObjectResolution)
	return err != nil
}

// tokenSize is the number of bytes of the token that a text begins with. The
// scanner's literal is not always what stands there: it lacks the carriage
// returns of a raw string, and has a replacement for a broken character.
func tokenSize(text []byte, tok token.Token, lit string) int {
	switch {
	case tok == token.ILLEGAL:
		_, size := utf8.DecodeRune(text)
		return size
	case tok == token.STRING && text[0] == '`':
		if end := bytes.IndexByte(text[1:], '`'); end >= 0 {
			return end + 2
		}
		return len(text)
	case lit == "" || tok.IsOperator():
		return len(tok.String())
	}
	return min(len(lit), len(text))
}

func countLines(s string) int {
	n := 0
	for _, c := range s {
		if c == '\n' {
			n++
		}
	}
	return n
}

// classify tells the kind of a chunk from its first tokens at depth 0, where a
// bracketed group counts as its opening bracket.
func classify(head []token.Token) Kind {
	at := func(i int) token.Token {
		if i < len(head) {
			return head[i]
		}
		return token.ILLEGAL
	}
	switch at(0) {
	case token.IMPORT:
		return ImportDecl
	case token.CONST:
		return ConstDecl
	case token.TYPE:
		return TypeDecl
	case token.VAR:
		return VarDecl
	case token.PACKAGE:
		return PackageClause
	case token.FUNC:
		// func f(     func f[      : a function
		// func (r T) m(   func (r T) m[T](   : a method
		// func (x int) T {   func () {   : a literal, as in func() { … }()
		if at(1) == token.IDENT {
			return FuncDecl
		}
		if at(1) == token.LPAREN && at(2) == token.IDENT {
			if at(3) == token.LPAREN || at(3) == token.LBRACK && at(4) == token.LPAREN {
				return FuncDecl
			}
		}
	}
	return Statement
}
