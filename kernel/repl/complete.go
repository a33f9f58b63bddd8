package repl

import (
	"context"
	"strings"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/magic"
)

// IsComplete judges code without running it; see cell.Interpreter. As in
// IPython, the lines of a cell magic end with a blank one.
func (r *Interpreter) IsComplete(code string) cell.Completeness {
	if text := strings.TrimLeft(code, " \t\n"); strings.HasPrefix(text, "%%") {
		if _, body, _ := strings.Cut(text, "\n"); strings.TrimSpace(body) != "" && strings.HasSuffix(body, "\n") {
			return cell.Completeness{Status: "complete"}
		}
		return cell.Completeness{Status: "incomplete"}
	}
	text, wrong := magic.Rewrite(code)
	if wrong != nil {
		return cell.Completeness{Status: "invalid"}
	}
	return r.session.IsComplete(text.Source)
}

// Complete lists continuations at the cursor: names of magics behind a percent
// sign, Go elsewhere, also in the statement behind a magic.
func (r *Interpreter) Complete(ctx context.Context, code string, cursor int) cell.Completions {
	before, after, start := lineAt(code, cursor)
	word := strings.TrimLeft(before, " \t")
	if strings.HasPrefix(word, "%") && !strings.ContainsAny(word, " \t") {
		found := cell.Completions{Start: start + runes(before) - runes(word), End: start + runes(before)}
		lines, cells := magic.Names()
		if start == 0 {
			lines = append(lines, cells...)
		}
		for _, name := range lines {
			if strings.HasPrefix(name, word) {
				found.Items = append(found.Items, cell.Completion{Text: name, Kind: "magic"})
			}
		}
		return found
	}
	source := magic.Blank(code)
	if isMagicLine(source, before+after, cursor) {
		return cell.Completions{Start: cursor, End: cursor}
	}
	return r.session.Complete(ctx, source, cursor)
}

// Inspect documents the name at the cursor: a magic or Go.
func (r *Interpreter) Inspect(ctx context.Context, code string, cursor, detail int) cell.Inspection {
	before, after, _ := lineAt(code, cursor)
	if fields := strings.Fields(before + after); len(fields) > 0 && strings.HasPrefix(fields[0], "%") {
		text, ok := magic.Doc(fields[0])
		if onName := !strings.ContainsAny(strings.TrimLeft(before, " \t"), " \t"); ok && onName {
			return cell.Inspection{Found: true, Data: cell.Bundle{"text/plain": text}}
		}
	}
	source := magic.Blank(code)
	if isMagicLine(source, before+after, cursor) {
		return cell.Inspection{}
	}
	return r.session.Inspect(ctx, source, cursor, detail)
}

// isMagicLine reports whether nothing of the cursor's line is Go.
func isMagicLine(source, line string, cursor int) bool {
	before, after, _ := lineAt(source, cursor)
	return strings.TrimSpace(line) != "" && strings.TrimSpace(before+after) == ""
}

// lineAt returns the cursor's line, cut at the cursor, and where it begins, in
// code points.
func lineAt(code string, cursor int) (before, after string, start int) {
	text := []rune(code)
	cursor = min(max(cursor, 0), len(text))
	start = cursor
	for start > 0 && text[start-1] != '\n' {
		start--
	}
	after, _, _ = strings.Cut(string(text[cursor:]), "\n")
	return string(text[start:cursor]), after, start
}

func runes(s string) int { return len([]rune(s)) }
