package repl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/notebook"
)

// Folder is where the cells run.
func (k kernelFor) Folder() string { return k.r.currentFolder() }

// Past lists the cells of this session that have run.
func (k kernelFor) Past() (list []cell.Past) {
	for _, c := range k.r.past.cells {
		list = append(list, cell.Past{Count: c.count, Code: c.code})
	}
	return list
}

// Earlier lists the cells that have run on this machine, those of this session as the
// last ones.
func (k kernelFor) Earlier() ([]cell.Past, error) {
	if k.r.diary == nil {
		return k.Past(), nil
	}
	return k.r.diary.read()
}

// Replace puts a text in place of the cell.
func (k kernelFor) Replace(text string) {
	k.past.payloads = append(k.past.payloads, map[string]any{"source": "set_next_input", "text": text, "replace": true})
}

// RunFile runs a Go file, or the cells of a notebook in order up to the first that
// fails.
func (k kernelFor) RunFile(ctx context.Context, path string, out cell.Output) error {
	codes, err := notebook.Runnable(path)
	if err != nil {
		return err
	}
	if k.r.running++; k.r.running > maxRuns {
		k.r.running--
		return errors.New("files run each other without end")
	}
	defer func() { k.r.running-- }()
	for i, code := range codes {
		if strings.TrimSpace(code) == "" {
			continue
		}
		past := new(pastCell)
		if err := k.r.run(ctx, cell.Request{Code: code, Count: k.count, AllowStdin: k.r.executing.allowStdin}, rerunOutput{out}, past, false); err != nil {
			if len(codes) > 1 {
				err.Traceback = append(err.Traceback, "", fmt.Sprintf("%%run stopped at code cell %d of %s.", i+1, filepath.Base(path)))
			}
			return err
		}
		k.past.declares = append(k.past.declares, past.declares...)
	}
	return nil
}

// maxRuns bounds how deep %run may stand in files that are run.
const maxRuns = 20

// Values returns short texts of variables, in their order, or nothing where they cannot
// be had.
func (k kernelFor) Values(ctx context.Context, names []string) []string {
	pointers := make([]string, len(names))
	for i, name := range names {
		pointers[i] = "&" + name
	}
	value := &valueOutput{}
	// The call alone would be a magic's, which has no value.
	code := `"" + ᐧcommand.Texts(` + strings.Join(pointers, ", ") + ")"
	if err := k.r.run(ctx, cell.Request{Code: code, Count: k.count}, value, new(pastCell), false); err != nil {
		return nil
	}
	text, _ := value.data["text/plain"].(string)
	var texts []string
	if json.Unmarshal([]byte(text), &texts) != nil || len(texts) != len(names) {
		return nil
	}
	return texts
}
