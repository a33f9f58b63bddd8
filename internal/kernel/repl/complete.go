package repl

import (
	"context"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/magic"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// IsComplete judges code without running it; see cell.Interpreter. As in
// IPython, the lines of a cell magic end with a blank one.
func (r *Interpreter) IsComplete(code string) cell.Completeness {
	if magic.IsBlock(code) {
		text := strings.TrimLeft(code, " \t\n")
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

// Complete lists continuations at the cursor: magics and what they take, names of
// files in strings, Go elsewhere, also in the statement behind a magic.
func (r *Interpreter) Complete(ctx context.Context, code string, cursor int) cell.Completions {
	if p, ok := magic.At(code, cursor); ok {
		return cell.Completions{Start: p.Start, End: cursor, Items: append(p.Items, r.arguments(p)...)}
	}
	source := magic.Blank(code)
	if text, start, ok := syntax.StringAt(source, cursor); ok {
		return cell.Completions{Start: start, End: cursor, Items: fileNames(r.currentFolder(), text, inString)}
	}
	found := r.session.Complete(ctx, source, cursor)
	// An import cannot be inserted above a line that belongs to a magic.
	if found.Import != "" && string([]rune(code)[found.ImportAt:cursor]) != string([]rune(source)[found.ImportAt:cursor]) {
		found.Import = ""
	}
	return found
}

// arguments lists what the word in a magic can become.
func (r *Interpreter) arguments(p magic.Place) (items []cell.Completion) {
	add := func(name, kind, signature string) {
		if strings.HasPrefix(name, p.Word) {
			items = append(items, cell.Completion{Text: name, Kind: kind, Signature: signature})
		}
	}
	switch p.Wants {
	case magic.Folder:
		return fileNames(r.currentFolder(), p.Word, folders)
	case magic.File:
		return fileNames(r.currentFolder(), p.Word, inScript)
	case magic.Script:
		return fileNames(r.currentFolder(), p.Word, inScript)
	case magic.Environment:
		env := slices.Sorted(slices.Values(r.environment()))
		for _, kv := range env {
			name, value, _ := strings.Cut(kv, "=")
			add(name, "variable", value)
		}
	case magic.Module:
		return moduleNames(p.Word)
	case magic.Declared:
		for _, n := range r.session.Names() {
			add(n.Name, n.Kind, n.Type)
		}
	case magic.Magic:
		lines, blocks := magic.Names()
		for _, name := range append(lines, blocks...) {
			add(name, "magic", "")
		}
	}
	return items
}
