// Package modules knows which packages the cells of a session may import, in which
// versions, and has those made that are missing.
//
// A session has a Go module of its own (module.go). It requires what the user's module or
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

	"github.com/goparallel/goparallel/internal/kernel/session/golist"
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

	mu       sync.Mutex // guards everything below
	packages map[string]workspace.Package
	opened   map[string]*Opened // by archive
	config   string             // path of the importcfg file, "" where packages changed since
	loaded   map[string]bool    // packages that units were linked with
	outdated bool               // source of a loaded package has changed
	stamps   map[string]string  // source of packages that may change, as they were compiled
	wanted   map[string]string  // modules that the go.mod selects in another version than the loaded one
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

// Resolve makes the packages importable: what the index lacks is fetched and
// compiled by the go command. It returns what is wrong, by path.
func (x *Index) Resolve(ctx context.Context, paths []string, progress func(string)) map[string]error {
	x.turn.Lock()
	defer x.turn.Unlock()
	wrong := make(map[string]error)
	var missing []string
	third := func(path string) bool { return path != "unsafe" && !x.Package(path).Fixed() }
	all := func(err error) map[string]error {
		for _, path := range paths {
			if third(path) {
				wrong[path] = err
			}
		}
		return wrong
	}
	if slices.ContainsFunc(paths, func(p string) bool { return third(p) || !x.Has(p) || !IsPublic(p) }) {
		changed, err := x.mod.readUserModules()
		if err != nil {
			return all(err)
		}
		if changed {
			x.versionsKnown = false
		}
		if err := x.selectVersions(ctx, progress); err != nil {
			return all(err)
		}
	}
	for _, path := range paths {
		if !x.mod.mayImport(path) {
			wrong[path] = fmt.Errorf("use of internal package %s not allowed", path)
		} else if err := x.Conflict(path); err != nil {
			wrong[path] = err
		} else if !x.Has(path) {
			missing = append(missing, path)
		}
	}
	if len(missing) == 0 {
		return wrong
	}
	if err := x.mod.require(x.versions(missing)); err != nil {
		return all(err)
	}
	before, err := os.ReadFile(x.mod.file())
	if err != nil {
		return all(err)
	}
	found, wrong, err := x.list(ctx, progress, missing, wrong)
	if err != nil {
		return all(err)
	}
	if len(wrong) > 0 {
		return wrong
	}
	err = x.add(found)
	if held := x.holdLoaded(ctx, progress, missing, before, err); held {
		return nil
	}
	if err != nil {
		return all(err)
	}
	return nil
}

// list has the go command find and compile packages that are missing. It adds what
// is wrong with some of them.
func (x *Index) list(ctx context.Context, progress func(string), missing []string, wrong map[string]error) (map[string]workspace.Package, map[string]error, error) {
	out, err := x.mod.run(ctx, progress, append([]string{"list", "-v", "-e", "-export", "-deps", "-trimpath", golist.Fields, "--"}, missing...)...)
	if err != nil {
		return nil, wrong, golist.Readable(err)
	}
	list, err := golist.Decode[golist.Package](out)
	if err != nil {
		return nil, wrong, err
	}
	found := make(map[string]workspace.Package)
	native := ""
	if x.ws.Tools.CC == "" {
		native = needsC(list)
	}
	for _, l := range list {
		if l.Export != "" {
			found[l.ImportPath] = workspace.Compiled(l)
		}
		if !slices.Contains(missing, l.ImportPath) {
			continue
		}
		switch {
		case native != "" && (l.Error != nil || len(l.DepsErrors) > 0):
			wrong[l.ImportPath] = fmt.Errorf("package %s has code in C, and there is no C compiler: apt-get install -y gcc libc6-dev, then restart the kernel", native)
		case l.Error != nil:
			wrong[l.ImportPath] = x.importError(l)
		case len(l.DepsErrors) > 0:
			wrong[l.ImportPath] = l.DepsErrors[0]
		case l.Name == "main":
			wrong[l.ImportPath] = fmt.Errorf("it is a program, not an importable package")
		}
	}
	return found, wrong, nil
}

// importError is what is wrong with a package that cannot be found or compiled.
func (x *Index) importError(l golist.Package) error {
	if strings.Contains(l.Error.Err, " is not in std ") {
		return fmt.Errorf("it is not in the standard library")
	}
	return l.Error
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

// selectVersions asks which versions the go.mod selects, where it has changed, and
// forgets what was compiled of others. Where they are loaded, a note says that
// they stay.
func (x *Index) selectVersions(ctx context.Context, progress func(string)) error {
	if x.versionsKnown {
		return nil
	}
	modules := make(map[string]string)
	loaded := make(map[string]bool)
	x.mu.Lock()
	for path, p := range x.packages {
		if p.Module != "" && p.Module != workspace.ModulePath {
			modules[p.Module] = p.Version
			loaded[p.Module] = loaded[p.Module] || x.loaded[path]
		}
	}
	x.mu.Unlock()
	out, err := x.mod.run(ctx, progress, append([]string{"list", "-m", "-e", "-json=Path,Version,Replace,Error"}, slices.Sorted(maps.Keys(modules))...)...)
	if err != nil {
		return golist.Readable(err)
	}
	list, err := golist.Decode[golist.Module](out)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	var old []string
	for _, m := range list {
		version := m.Selected()
		if m.Error != nil || version == "" || version == modules[m.Path] {
			delete(x.wanted, m.Path)
			continue
		}
		if loaded[m.Path] {
			if x.wanted[m.Path] != version {
				progress(fmt.Sprintf("note: %s %s is loaded and stays until %%restart; then %s is used", m.Path, modules[m.Path], version))
			}
			x.wanted[m.Path] = version
			continue
		}
		for path, p := range x.packages {
			if p.Module == m.Path {
				old = append(old, path)
			}
		}
	}
	x.drop(old)
	x.versionsKnown = true
	return nil
}

// add takes packages into the index. A loaded one must be the same build, since a
// process holds each package once.
func (x *Index) add(found map[string]workspace.Package) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var changed []string
	var another *Conflict // a build that is another one because of what it imports
	for _, path := range slices.Sorted(maps.Keys(found)) {
		p := found[path]
		// The go command names what it compiled by the hash of the contents.
		old, ok := x.packages[path]
		if !ok || filepath.Base(old.Export) == filepath.Base(p.Export) {
			continue
		}
		if old.Fixed() {
			delete(found, path)
			continue
		}
		if x.loaded[path] {
			if old.Version == p.Version && old.Dir == "" {
				another = &Conflict{old, p.Version}
				continue
			}
			x.wanted[p.Module] = p.Version
			return &Conflict{old, p.Version}
		}
		changed = append(changed, path)
	}
	if another != nil {
		return another
	}
	x.drop(changed)
	for path, p := range found {
		if _, ok := x.packages[path]; !ok {
			x.packages[path] = p
		}
		if p.Dir != "" && !x.loaded[path] {
			x.stamps[path] = stamp(p)
		}
	}
	x.config = ""
	return nil
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
