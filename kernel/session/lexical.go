package session

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexical says in what part of a text the cursor is.
type lexical struct {
	kind lexicalKind
	// start is where the contents of the string begin.
	start int
	// imports reports whether the string is the path of an import.
	imports bool
}

type lexicalKind int

const (
	inCode lexicalKind = iota
	inString
	// inOther is where names mean nothing: comments, numbers, characters.
	inOther
)

// lexicalAt looks at tokens only, so it works on text that does not parse.
func lexicalAt(code string, offset int) lexical {
	file := token.NewFileSet().AddFile("", -1, len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	importing, group := false, false // behind "import", and within its parentheses
	for {
		pos, tok, lit := sc.Scan()
		at := file.Offset(pos)
		if tok == token.EOF || at >= offset {
			return lexical{kind: inCode}
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
				return lexical{kind: inString, start: at + 1, imports: importing}
			}
		case token.COMMENT:
			closed := strings.HasPrefix(lit, "/*") && strings.HasSuffix(lit, "*/") && len(lit) >= 4
			if offset < end || offset == end && !closed {
				return lexical{kind: inOther}
			}
		case token.INT, token.FLOAT, token.IMAG, token.CHAR:
			if offset <= end {
				return lexical{kind: inOther}
			}
		}
	}
}

// StringAt returns the part of a string that stands before the cursor, and
// where the string's contents begin, both in code points; ok is false where the
// cursor is not in a string, or in the path of an import.
func StringAt(code string, cursor int) (text string, start int, ok bool) {
	offset := byteOffset(code, cursor)
	at := lexicalAt(code, offset)
	if at.kind != inString || at.imports {
		return "", 0, false
	}
	return code[at.start:offset], utf8.RuneCountInString(code[:at.start]), true
}

// word returns the identifier around or before an offset.
func word(code string, offset int, whole bool) (start, end int) {
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

// byteOffset turns code points into bytes.
func byteOffset(code string, cursor int) int {
	for i := range code {
		if cursor == 0 {
			return i
		}
		cursor--
	}
	return len(code)
}
