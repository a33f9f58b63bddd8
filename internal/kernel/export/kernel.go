package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/magic"
	"github.com/goparallel/goparallel/internal/kernel/notebook"
	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/program"
)

// kernel adds cells to a program. It does what those magics ask that say what the cells below mean; others
// are no actions of a program (see [magic.Plain]).
type kernel struct {
	magic.Kernel
	s      *session.Session
	p      *program.Program
	w      io.Writer // notes
	folder string    // the notebook's
	count  int       // of the cell
	runs   int       // cells that its %run has run
	depth  int       // of files that run files
	autopx bool
}

// cell adds a cell of the notebook.
func (k *kernel) cell(ctx context.Context, code string) error {
	err := k.add(ctx, code, func(source string) error { return k.p.Add(ctx, source, k.count) })
	if left, ok := errors.AsType[leftOut](err); ok {
		fmt.Fprintf(k.w, "cell[%d] is left out, since %v\n", k.count, left)
		return nil
	}
	return err
}

// leftOut says why a cell is left out.
type leftOut string

func (l leftOut) Error() string { return string(l) }

// add carries out the actions of a cell, and adds what a program has of it.
func (k *kernel) add(ctx context.Context, code string, add func(source string) error) error {
	var known []magic.Name
	for _, n := range k.s.Names() {
		known = append(known, magic.Name(n))
	}
	source, actions, wrong := magic.Plain(code, known...)
	if wrong != nil {
		return leftOut(fmt.Sprintf("it fails: line %d: %s", wrong.Line, wrong.Message))
	}
	if k.autopx && !magic.IsBlock(code) && len(actions) == 0 {
		return leftOut("it runs on engines: %autopx")
	}
	for _, a := range actions {
		if err := a.Do(ctx, k, cell.Discard{}); err != nil {
			return leftOut(fmt.Sprintf("it fails: %v", err))
		}
	}
	err := add(source)
	if errs, ok := errors.AsType[*diag.Errors](err); ok {
		return leftOut(fmt.Sprintf("it does not compile: %v", errs))
	}
	return err
}

func (k *kernel) Get(ctx context.Context, module string) error {
	return k.s.Get(ctx, strings.Fields(module))
}

func (k *kernel) Mod(ctx context.Context, args string) (string, error) {
	return k.s.Mod(ctx, strings.Fields(args))
}

func (k *kernel) Delete(names []string) ([]string, error) { return k.s.Delete(names) }

func (k *kernel) AutoImport(on bool) { k.s.AutoImport(on) }

func (k *kernel) AutoPX() bool {
	k.autopx = !k.autopx
	return k.autopx
}

func (k *kernel) Folder() string { return k.folder }

// mostDepth bounds how deep %run may stand in files that are run.
const mostDepth = 20

// RunFile adds the cells of a notebook, or a Go file whose func main runs.
func (k *kernel) RunFile(ctx context.Context, path string, _ cell.Output) error {
	if k.depth++; k.depth > mostDepth {
		return errors.New("files run each other without end")
	}
	defer func() { k.depth-- }()
	codes, err := notebook.Runnable(path)
	if err != nil {
		return err
	}
	for i, code := range codes {
		if strings.TrimSpace(code) == "" {
			continue
		}
		origin := filepath.Base(path)
		if len(codes) > 1 {
			origin = fmt.Sprintf("code cell %d of %s", i+1, origin)
		}
		err := k.add(ctx, code, func(source string) error {
			k.runs++
			return k.p.AddRun(ctx, source, k.count, k.runs, origin)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", origin, err)
		}
	}
	return nil
}
