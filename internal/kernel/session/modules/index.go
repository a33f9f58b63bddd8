// Package modules knows which packages the cells of a session may import, in which
// versions, and has those made that are missing.
//
// A session has a Go module of its own (module.go, usermodules.go). It requires what the user's module or
// workspace around the notebook requires, with the same replacements, and what cells have
// added; the user's files are only read. An [Index] begins with the packages that the
// workspace has compiled. [Index.Resolve] is asked for what a cell imports: what is there
// costs nothing, the rest is fetched and compiled by the go command, in the session's
// module. The type checker reads compiled packages through [Index.Import], the compiler
// through the list that [Index.Config] writes.
//
// A process holds each package once. So a package is free until a unit is linked with it
// ([Index.Load]): until then another version, or changed source, replaces it, and all that
// import it, without a word. Afterwards it stays what it is, and who asks for another
// version is told so ([Conflict]) until [Index.Reset]; where what is missing can do with the
// loaded version, it gets that (versions.go).
//
// Two things are made beside packages: shared objects of code in C ([Index.LinkNative]),
// and packages whose unexported types have names that other packages can write
// ([Index.Open]).
package modules

import (
	"context"
	"fmt"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
	"github.com/goparallel/goparallel/internal/kernel/spell"
)

// An Index knows the compiled packages that a session's cells may import. It
// begins with the workspace's and grows when a cell imports another one. A package
// that a unit was linked with is loaded: it stays what it is until the process
// that holds it ends. Its methods may be called from several goroutines; those that run
// the go command do so one after another.
type Index struct {
	ws  *workspace.Workspace
	dir string // the session's folder
	imp *exportImporter

	turn          sync.Mutex // held while the go command works; guards mod and versionsKnown
	mod           *sessionMod
	versionsKnown bool // packages agree with the versions that the go.mod selects

	mu         sync.Mutex // guards everything below
	packages   map[string]workspace.Package
	opened     map[string]*Opened // by archive
	config     string             // path of the importcfg file, "" where packages changed since
	closed     []string           // packages and all that they import, nil where packages changed since
	closedOver []string           // those packages
	loaded     map[string]bool    // packages that units were linked with
	outdated   bool               // source of a loaded package has changed
	stamps     map[string]string  // source of packages that may change, as they were compiled
	wanted     map[string]string  // modules that the go.mod selects in another version than the loaded one
}

// New returns an index over a workspace's packages, and makes the session's module below
// dir, the session's folder. Notebook is the folder that the user's module is looked for
// from. Positions of what is imported go to fset.
func New(ws *workspace.Workspace, dir, notebook string, fset *token.FileSet) (*Index, error) {
	mod, err := newSessionMod(ws, dir, notebook)
	if err != nil {
		return nil, err
	}
	x := &Index{ws: ws, dir: dir, mod: mod, packages: maps.Clone(ws.Packages), opened: make(map[string]*Opened)}
	x.imp = &exportImporter{index: x, fset: fset}
	x.Reset()
	return x, nil
}

// Reset says that nothing is loaded any more. What a newer version was wanted of
// is forgotten, so that the next import finds that one.
func (x *Index) Reset() {
	x.turn.Lock()
	defer x.turn.Unlock()
	if released, err := x.mod.release(); released || err != nil {
		x.versionsKnown = false // packages of the held versions are forgotten there
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.imp.forget(nil)
	x.loaded = make(map[string]bool)
	var old []string
	for path, p := range x.packages {
		if _, ok := x.wanted[p.Module]; ok {
			old = append(old, path)
		}
	}
	x.drop(old)
	x.wanted, x.stamps = make(map[string]string), make(map[string]string)
}

// Has reports whether the package can be imported at once. What may change on
// this machine is looked at again until it is loaded.
func (x *Index) Has(path string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	p, ok := x.packages[path]
	return path == "unsafe" || ok && (p.Fixed() || x.versionsKnown && (p.Dir == "" || x.loaded[path]))
}

// Name returns the name of a package that has been resolved.
func (x *Index) Name(path string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if path == "unsafe" {
		return path
	}
	return x.packages[path].Name
}

// Package returns a package of the index, or one of an unknown module.
func (x *Index) Package(path string) workspace.Package {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p, ok := x.packages[path]; ok {
		return p
	}
	return workspace.Package{Module: path}
}

// Get adds modules to the session's go.mod, as go get module@version does; a folder means the
// module that is in it.
func (x *Index) Get(ctx context.Context, args []string, progress func(string)) error {
	_, err := x.change(ctx, progress, func() (string, error) { return "", x.mod.get(ctx, args, progress) })
	return err
}

// Mod is go mod in the session's module; without arguments it returns the go.mod.
func (x *Index) Mod(ctx context.Context, args []string, progress func(string)) (string, error) {
	if len(args) == 0 {
		return x.mod.mod(ctx, nil, progress)
	}
	return x.change(ctx, progress, func() (string, error) { return x.mod.mod(ctx, args, progress) })
}

// change changes the session's go.mod, and undoes it where the go command cannot
// work with the new one.
func (x *Index) change(ctx context.Context, progress func(string), do func() (string, error)) (string, error) {
	x.turn.Lock()
	defer x.turn.Unlock()
	if _, err := x.mod.readUserModules(); err != nil {
		return "", err
	}
	if err := x.mod.require(x.versions(nil)); err != nil {
		return "", err
	}
	before, err := os.ReadFile(x.mod.file())
	if err != nil {
		return "", err
	}
	text, err := do()
	if err == nil {
		x.versionsKnown = false
		err = x.selectVersions(ctx, progress)
	}
	if err != nil {
		if undo := workspace.WriteFileAtomic(x.mod.file(), before); undo != nil {
			return "", fmt.Errorf("%w; %w", err, undo)
		}
		return "", err
	}
	return text, nil
}

// Config returns the file that tells compiler and linker where packages are.
func (x *Index) Config() (string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.config != "" {
		return x.config, nil
	}
	file := filepath.Join(x.dir, "importcfg")
	if err := workspace.WriteFileAtomic(file, workspace.Importcfg(x.packages)); err != nil {
		return "", err
	}
	x.config = file
	return file, nil
}

// Named returns the importable packages of that name, the shortest path first.
func (x *Index) Named(name string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var paths []string
	for path, p := range x.packages {
		if p.Name == name && IsPublic(path) {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, comparePaths)
	return paths
}

// ModuleOf returns the path of the module that a package belongs to.
func (x *Index) ModuleOf(path string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.packages[path].Module
}

// Almost says which package of the standard library somebody may have meant who
// imports one that there is not.
func (x *Index) Almost(path string) string {
	if strings.Contains(path, ".") {
		return ""
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	var names []string
	for name, p := range x.packages {
		if p.Module == "" && IsPublic(name) {
			names = append(names, name)
		}
	}
	return spell.Suggest("", path, names)
}
