// Package export makes an ordinary Go program of a notebook.
package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/goparallel/goparallel"
	"github.com/goparallel/goparallel/internal/kernel/notebook"
	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/kernel/session/program"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

const (
	modulePath = "github.com/goparallel/goparallel"
	// copyFolder is where a program has this module's source, if it imports some of it.
	copyFolder = "goparallel"
)

// Notebook writes a Go module into a folder, which is made where there is none and must be
// empty otherwise. "go run ." there does what the notebook does from the top: a file has the
// declarations of a cell and a function of its statements, and func main calls these in
// order. Magics whose values or effects other cells may need are calls; others are left as comments. Cells
// that do not compile are left out. Notes on what the program does otherwise, and what go vet says, are written to w.
func Notebook(ctx context.Context, path, dir string, w io.Writer) (err error) {
	cells, err := notebook.Code(path)
	if err != nil {
		return err
	}
	if err := empty(dir); err != nil {
		return err
	}
	s, err := session.Open(ctx, session.Options{Dir: filepath.Dir(path), Progress: func(line string) { fmt.Fprintln(w, line) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p := program.New(s)
	k := &kernel{s: s, p: p, w: w, folder: filepath.Dir(path)}
	for _, code := range cells {
		if strings.TrimSpace(code) == "" {
			continue
		}
		k.count++
		k.runs = 0
		if err := k.cell(ctx, code); err != nil {
			return err
		}
	}
	files, notes, err := p.Files()
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(w, "note:", note)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	ours := false
	for name, text := range files {
		ours = ours || bytes.Contains(text, []byte(`"`+modulePath+`/`))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return module(ctx, p, dir, ours)
}

// empty checks that a folder holds nothing that could be overwritten.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty; name a new folder", dir)
	}
	return err
}

// module writes the program's go.mod and go.sum, with the versions that the session has, and with this
// module's source if the program imports some of ours, and has go vet look at it.
func module(ctx context.Context, p *program.Program, dir string, ours bool) error {
	text, err := p.Module(ctx)
	if err != nil {
		return err
	}
	f, err := modfile.Parse("go.mod", []byte(text), nil)
	if err != nil {
		return err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := f.AddModuleStmt(moduleName(filepath.Base(absolute))); err != nil {
		return err
	}
	if ours {
		if err := os.CopyFS(filepath.Join(dir, copyFolder), goparallel.Source); err != nil {
			return err
		}
		err = f.AddReplace(modulePath, "", "./"+copyFolder, "")
	} else {
		err = errors.Join(f.DropRequire(modulePath), f.DropReplace(modulePath, ""))
	}
	if err != nil {
		return err
	}
	f.Cleanup()
	if text, err := f.Format(); err != nil {
		return err
	} else if err := os.WriteFile(filepath.Join(dir, "go.mod"), text, 0o644); err != nil {
		return err
	}
	// The go command that has compiled the cells: the user's own may be older than the program needs, and may fetch none.
	tools, err := toolchain.Find(ctx)
	if err != nil {
		return err
	}
	for _, args := range [][]string{{"mod", "tidy"}, {"vet", "."}} {
		if _, err := tools.RunWith(ctx, []string{"GOFLAGS="}, dir, nil, args...); err != nil {
			return fmt.Errorf("the program is written, and something is wrong with it: %w", err)
		}
	}
	return nil
}

// moduleName makes a module's path of a folder's name.
func moduleName(folder string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, folder)
	if name = strings.Trim(name, "-"); name == "" {
		return "notebook"
	}
	return name
}
