package syntax

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Lexical says in what part of a text the cursor is.
type Lexical struct {
	Kind LexicalKind
	// Start is where the contents of the string begin.
	Start int
	// Imports reports whether the string is the path of an import.
	Imports bool
}

// LexicalKind says what a place in a text is to the scanner.
type LexicalKind int

// Where names mean something, where a text is, and the rest.
const (
	InCode LexicalKind = iota
	InString
	// inOther is where names mean nothing: comments, numbers, characters.
	inOther
)

// LexicalAt says in what part of a text an offset, in bytes, is. It looks at tokens only, so it
// works on text that does not parse.
func LexicalAt(code string, offset int) Lexical {
	file := token.NewFileSet().AddFile("", -1, len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	importing, group := false, false // behind "import", and within its parentheses
	for {
		pos, tok, lit := sc.Scan()
		at := file.Offset(pos)
		if tok == token.EOF || at >= offset {
			return Lexical{Kind: InCode}
		}
		end := at
		if tok != token.SEMICOLON {
			end += tokenSize([]byte(code[at:]), tok, lit)
		}
		switch tok {
		case token.IMPORT:
			importing = true
		case token.LPAREN:
			group = importing
		case token.RPAREN:
			importing, group = false, false
		case token.SEMICOLON:
			importing = importing && group
		case token.STRING:
			closed := end > at+1 && code[end-1] == code[at]
			if offset < end || offset == end && !closed {
				return Lexical{Kind: InString, Start: at + 1, Imports: importing}
			}
		case token.COMMENT:
			closed := strings.HasPrefix(lit, "/*") && strings.HasSuffix(lit, "*/") && len(lit) >= 4
			if offset < end || offset == end && !closed {
				return Lexical{Kind: inOther}
			}
		case token.INT, token.FLOAT, token.IMAG, token.CHAR:
			if offset <= end {
				return Lexical{Kind: inOther}
			}
		}
	}
}

// StringAt returns the part of a string that stands before the cursor, and
// where the string's contents begin, both in code points; ok is false where the
// cursor is not in a string, or in the path of an import.
func StringAt(code string, cursor int) (text string, start int, ok bool) {
	offset := ByteOffset(code, cursor)
	at := LexicalAt(code, offset)
	if at.Kind != InString || at.Imports {
		return "", 0, false
	}
	return code[at.Start:offset], utf8.RuneCountInString(code[:at.Start]), true
}

// Word returns the identifier around or before an offset.
func Word(code string, offset int, whole bool) (start, end int) {
	isName := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	start, end = offset, offset
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(code[:start])
		if !isName(r) {
			break
		}
		start -= size
	}
	for whole && end < len(code) {
		r, size := utf8.DecodeRuneInString(code[end:])
		if !isName(r) {
			break
		}
		end += size
	}
	return start, end
}

// ByteOffset turns code points into bytes.
func ByteOffset(code string, cursor int) int {
	for i := range code {
		if cursor == 0 {
			return i
		}
		cursor--
	}
	return len(code)
}
