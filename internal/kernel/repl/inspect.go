package repl

import (
	"context"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/magic"
)

// Inspect documents the name at the cursor: a magic or Go.
func (r *Interpreter) Inspect(ctx context.Context, code string, cursor, detail int) cell.Inspection {
	before, after := lineAt(code, cursor)
	if fields := strings.Fields(strings.Trim(before+after, "? \t")); len(fields) > 0 && strings.HasPrefix(fields[0], "%") {
		if onName := !strings.ContainsAny(strings.TrimLeft(before, "? \t"), " \t"); onName {
			if page, ok := magicPage(fields[0]); ok {
				return page
			}
		}
	}
	source := magic.Blank(code)
	if isMagicLine(source, before+after, cursor) {
		return cell.Inspection{}
	}
	return r.session.Inspect(ctx, source, cursor, detail)
}

func magicPage(name string) (cell.Inspection, bool) {
	text, ok := magic.Doc(name)
	return cell.Inspection{Found: ok, Data: cell.Bundle{"text/plain": text, "text/markdown": "```text\n" + text + "```"}}, ok
}

// answer answers a cell's questions, ?name, after it has run: the answers are a
// page, which front ends show in their pager or below the cell.
func (r *Interpreter) answer(ctx context.Context, code string, out cell.Output) []map[string]any {
	var plain, markdown []string
	for _, q := range magic.Queries(code) {
		found, ok := cell.Inspection{}, false
		if strings.HasPrefix(q.Name, "%") {
			found, ok = magicPage(q.Name)
		}
		if !ok {
			found = r.session.Inspect(ctx, q.Name, runes(q.Name), q.Detail)
		}
		if !found.Found {
			out.Stream("stdout", fmt.Sprintf("There is nothing of the name %s.\n", q.Name))
			continue
		}
		plain = append(plain, fmt.Sprint(found.Data["text/plain"]))
		markdown = append(markdown, fmt.Sprint(found.Data["text/markdown"]))
	}
	if plain == nil {
		return nil
	}
	data := cell.Bundle{"text/plain": strings.Join(plain, "\n\n"), "text/markdown": strings.Join(markdown, "\n\n---\n\n")}
	return []map[string]any{{"source": "page", "data": data, "start": 0}}
}

// isMagicLine reports whether nothing of the cursor's line is Go.
func isMagicLine(source, line string, cursor int) bool {
	before, after := lineAt(source, cursor)
	return strings.TrimSpace(line) != "" && strings.TrimSpace(before+after) == ""
}

// lineAt returns the cursor's line, cut at the cursor.
func lineAt(code string, cursor int) (before, after string) {
	text := []rune(code)
	cursor = min(max(cursor, 0), len(text))
	start := cursor
	for start > 0 && text[start-1] != '\n' {
		start--
	}
	after, _, _ = strings.Cut(string(text[cursor:]), "\n")
	return string(text[start:cursor]), after
}

func runes(s string) int { return len([]rune(s)) }
