package modules

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Elsewhere are the packages of an index compiled for another architecture, for engines on machines
// of that. What the session has resolved is compiled when somebody asks; nothing is fetched, and
// versions are the session's. Its methods may be called from several goroutines.
type Elsewhere struct {
	index *Index
	ws    *workspace.Workspace
	dir   string

	mu       sync.Mutex // held while the go command works
	of       string     // the list of the index's own packages when these were compiled
	packages map[string]workspace.Package
	missing  map[string]string // packages that could not be compiled, and why
}

// Elsewhere returns the packages for the architecture of a workspace. The list of them is written to
// the folder dir.
func (x *Index) Elsewhere(ws *workspace.Workspace, dir string) *Elsewhere {
	return &Elsewhere{index: x, ws: ws, dir: dir}
}

// Config returns the file that tells compiler and loader where packages are, as [Index.Config] does. Those
// that cannot be compiled for the architecture are left out; see [Elsewhere.Lacks].
func (e *Elsewhere) Config(ctx context.Context, progress func(string)) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	file := filepath.Join(e.dir, "importcfg")
	own, list := e.index.beyondWorkspace()
	if e.packages != nil && e.of == list {
		return file, nil
	}
	packages, missing := maps.Clone(e.ws.Packages), make(map[string]string)
	if len(own) > 0 {
		if err := e.compile(ctx, own, packages, missing, progress); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return "", err
	}
	if err := workspace.WriteFileAtomic(file, workspace.Importcfg(packages)); err != nil {
		return "", err
	}
	e.packages, e.missing, e.of = packages, missing, list
	return file, nil
}

// compile adds packages that the workspace does not have, and what they import. It notes those that
// cannot be compiled.
func (e *Elsewhere) compile(ctx context.Context, paths []string, packages map[string]workspace.Package, missing map[string]string, progress func(string)) error {
	x := e.index
	x.turn.Lock()
	defer x.turn.Unlock()
	out, err := x.mod.runFor(ctx, e.ws.Tools, progress, append([]string{"list", "-v", "-e", "-export", "-deps", "-trimpath", golist.Fields, "--"}, paths...)...)
	if err != nil {
		return golist.Readable(err)
	}
	list, err := golist.Decode[golist.Package](out)
	if err != nil {
		return err
	}
	for _, l := range list {
		if l.Export != "" {
			if p := workspace.Compiled(l); !p.Fixed() {
				packages[l.ImportPath] = p
			}
		} else if slices.Contains(paths, l.ImportPath) {
			why := "nothing of it is for that"
			if l.Error != nil {
				why = l.Error.Error()
			} else if len(l.DepsErrors) > 0 {
				why = l.DepsErrors[0].Error()
			}
			delete(packages, l.ImportPath)
			missing[l.ImportPath] = why
		}
	}
	return nil
}

// Lacks returns an error that names one of packages, or of what they import, that could not be
// compiled for the architecture, after Config.
func (e *Elsewhere) Lacks(paths []string) error {
	e.index.mu.Lock()
	all := e.index.closure(paths)
	e.index.mu.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, path := range all {
		if why, ok := e.missing[path]; ok {
			return fmt.Errorf("package %s cannot be compiled for %s, for which there is no C compiler: %s", path, e.ws.Tools.Arch, why)
		}
	}
	return nil
}

// Open returns a package with aliases for its unexported types, as [Index.Open] does, after Config.
func (e *Elsewhere) Open(ctx context.Context, path, aliases string, progress func(string)) (*Opened, error) {
	e.mu.Lock()
	archive := e.packages[path].Export
	e.mu.Unlock()
	return e.index.openFor(ctx, e.ws.Tools, path, archive, aliases, progress)
}

// Has reports whether a path is that of a package in the list.
func (e *Elsewhere) Has(archive string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.packages {
		if p.Export == archive {
			return true
		}
	}
	return false
}

// beyondWorkspace lists the loaded packages that are not the workspace's, and names their builds.
func (x *Index) beyondWorkspace() (paths []string, builds string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var text strings.Builder
	for path := range maps.Keys(x.loaded) {
		if p := x.packages[path]; p.Export != x.ws.Packages[path].Export {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for _, path := range paths {
		fmt.Fprintln(&text, path, x.packages[path].Export)
	}
	return paths, text.String()
}
