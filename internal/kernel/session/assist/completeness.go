package assist

import (
	"bytes"
	"go/token"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// IsComplete judges whether a cell can be run as it is, for consoles that run a
// cell at the end of a line.
func IsComplete(code string) cell.Completeness {
	if strings.TrimSpace(code) == "" {
		return cell.Completeness{Status: "complete"}
	}
	closers, open := syntax.Nesting([]byte(code))
	if open || closers != "" {
		return cell.Completeness{Status: "incomplete", Indent: strings.Repeat("\t", len(closers))}
	}
	c := syntax.NewCell("", []byte(code))
	line, col := syntax.Position(c.Code, len(bytes.TrimRight(c.Code, " \t\n")))
	mistakes := c.Mistakes(token.NewFileSet())
	switch {
	case len(mistakes) == 0:
		return cell.Completeness{Status: "complete"}
	case mistakes[0].Line > line || mistakes[0].Line == line && mistakes[0].Column >= col:
		return cell.Completeness{Status: "incomplete"} // it is the end that was not expected
	default:
		return cell.Completeness{Status: "invalid"}
	}
}
