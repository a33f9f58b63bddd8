package repl

import (
	"context"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/magic"
)

// IsComplete judges code without running it: it is incomplete where a bracket,
// a raw string or a comment is open, or where the last line waits for an
// operand. Otherwise the compiler has the word.
func (r *Interpreter) IsComplete(code string) cell.Completeness {
	if strings.HasPrefix(strings.TrimLeft(code, " \t\n"), "%%") {
		// The lines of a cell magic end with a blank one, as in IPython.
		if strings.HasSuffix(code, "\n\n") || strings.HasSuffix(code, "\n") && strings.Count(strings.TrimSpace(code), "\n") > 0 {
			return cell.Completeness{Status: "complete"}
		}
		return cell.Completeness{Status: "incomplete"}
	}
	text, wrong := magic.Rewrite(code)
	if wrong != nil {
		return cell.Completeness{Status: "invalid"}
	}
	return judge(text.Source, indentation(code))
}

// judge looks at the tokens of Go source.
func judge(source, indent string) cell.Completeness {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	open, wrong := false, false
	s.Init(file, []byte(source), func(_ token.Position, message string) {
		if message == "raw string literal not terminated" || message == "comment not terminated" {
			open = true
		} else {
			wrong = true
		}
	}, 0)
	closing := map[token.Token]token.Token{token.LPAREN: token.RPAREN, token.LBRACK: token.RBRACK, token.LBRACE: token.RBRACE}
	var brackets []token.Token
	last := token.SEMICOLON
	for {
		_, tok, _ := s.Scan()
		if tok == token.EOF {
			break
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			brackets = append(brackets, closing[tok])
		case token.RPAREN, token.RBRACK, token.RBRACE:
			n := len(brackets)
			if n == 0 || brackets[n-1] != tok {
				return cell.Completeness{Status: "invalid"}
			}
			brackets = brackets[:n-1]
		}
		last = tok
	}
	switch {
	case wrong:
		return cell.Completeness{Status: "invalid"}
	case open:
		return cell.Completeness{Status: "incomplete"}
	case len(brackets) > 0:
		if last == token.LPAREN || last == token.LBRACK || last == token.LBRACE {
			indent += "\t"
		}
		return cell.Completeness{Status: "incomplete", Indent: indent}
	case last == token.SEMICOLON || last == token.RBRACE:
		return cell.Completeness{Status: "complete"}
	}
	// Go ends a line with a semicolon of its own, unless the line goes on.
	return cell.Completeness{Status: "incomplete", Indent: indent + "\t"}
}

// indentation is the white space at the beginning of the last line.
func indentation(code string) string {
	last := code[strings.LastIndexByte(code, '\n')+1:]
	return last[:len(last)-len(strings.TrimLeft(last, " \t"))]
}

// Complete offers the names of magics; the cursor is in code points.
func (r *Interpreter) Complete(_ context.Context, code string, cursor int) cell.Completions {
	line, start := lineBefore(code, cursor)
	trimmed := strings.TrimLeft(line, " \t")
	found := cell.Completions{Start: cursor, End: cursor}
	if !strings.HasPrefix(trimmed, "%") || strings.ContainsAny(trimmed, " \t") {
		return found
	}
	found.Start = start + len([]rune(line)) - len([]rune(trimmed))
	lines, cells := magic.Names()
	names := lines
	if start == 0 {
		names = append(names, cells...)
	}
	for _, name := range names {
		if strings.HasPrefix(name, trimmed) {
			found.Items = append(found.Items, cell.Completion{Text: name, Kind: "magic"})
		}
	}
	return found
}

// Inspect documents the magic of the line in which the cursor is.
func (r *Interpreter) Inspect(_ context.Context, code string, cursor, _ int) cell.Inspection {
	line, start := lineBefore(code, cursor)
	rest := string([]rune(code)[start+len([]rune(line)):])
	rest, _, _ = strings.Cut(rest, "\n")
	fields := strings.Fields(line + rest)
	if len(fields) == 0 || !strings.HasPrefix(fields[0], "%") {
		return cell.Inspection{}
	}
	text, ok := magic.Doc(fields[0])
	if !ok {
		return cell.Inspection{}
	}
	return cell.Inspection{Found: true, Data: cell.Bundle{"text/plain": text}}
}

// lineBefore returns the part of the cursor's line that is before the cursor,
// and where the line begins, both in code points.
func lineBefore(code string, cursor int) (line string, start int) {
	runes := []rune(code)
	cursor = min(max(cursor, 0), len(runes))
	start = cursor
	for start > 0 && runes[start-1] != '\n' {
		start--
	}
	return string(runes[start:cursor]), start
}
