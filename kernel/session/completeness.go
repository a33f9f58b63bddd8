package session

import (
	"bytes"
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
	c := newCell("", []byte(code))
	line, col := position(c.code, len(bytes.TrimRight(c.code, " \t\n")))
	mistakes := c.mistakes(token.NewFileSet())
	switch {
	case len(mistakes) == 0:
		return cell.Completeness{Status: "complete"}
	case mistakes[0].Line > line || mistakes[0].Line == line && mistakes[0].Column >= col:
		return cell.Completeness{Status: "incomplete"} // it is the end that was not expected
	default:
		return cell.Completeness{Status: "invalid"}
	}
}
