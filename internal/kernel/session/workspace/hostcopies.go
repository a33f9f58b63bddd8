package workspace

import (
	"context"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/golist"
)

// The host is linked with packages of other modules, and a process holds each
// package once. So that a notebook may use any version of them, the workspace's
// copy of this module has them under import paths of its own: the host's
// golang.org/x/sys/unix is another package than the one that a cell imports.

// hostCopies begins the import paths of the host's own copies.
const hostCopies = ModulePath + "/hostcopies/"

// packageFiles is what the go command tells of a package's source.
type packageFiles struct {
	ImportPath, Dir string
	Standard        bool
	Module          *struct{ Path string }
	GoFiles, SFiles []string
	HFiles          []string
}

// copyForHost copies the packages of other modules that the host imports below
// the module's copy, and makes both import the copies.
func (w *Workspace) copyForHost(ctx context.Context, progress func(string)) error {
	out, err := w.Tools.Run(ctx, w.Dir, progress, "list", "-deps", "-json=ImportPath,Dir,Standard,Module,GoFiles,SFiles,HFiles", ModulePath+"/internal/kernel/host")
	if err != nil {
		return err
	}
	list, err := golist.Decode[packageFiles](out)
	if err != nil {
		return err
	}
	copies := make(map[string]packageFiles)
	for _, p := range list {
		if !p.Standard && p.Module.Path != ModulePath {
			copies[p.ImportPath] = p
		}
	}
	module := filepath.Join(w.Dir, "module")
	for path, p := range copies {
		dir := filepath.Join(module, "hostcopies", filepath.FromSlash(path))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		for _, name := range slices.Concat(p.GoFiles, p.SFiles, p.HFiles) {
			data, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
			}
			if err != nil {
				return err
			}
		}
	}
	// Plots stay with the public paths: what they return is gonum's.
	for _, name := range []string{"internal", "kernel", "parallel", "hostcopies"} {
		err := filepath.WalkDir(filepath.Join(module, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			return importCopies(path, copies)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// importCopies makes a file import the copies of packages.
func importCopies(path string, copies map[string]packageFiles) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ImportsOnly)
	if err != nil {
		return err
	}
	changed := false
	for _, spec := range slices.Backward(file.Imports) {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if _, ok := copies[imported]; !ok {
			continue
		}
		at := fset.Position(spec.Path.Pos()).Offset
		text = slices.Replace(text, at, at+len(spec.Path.Value), []byte(strconv.Quote(hostCopies+imported))...)
		changed = true
	}
	if !changed {
		return nil
	}
	return os.WriteFile(path, text, 0o600)
}
