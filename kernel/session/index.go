package session

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

	"github.com/goparallel/goparallel/kernel/session/golist"
	"github.com/goparallel/goparallel/kernel/session/workspace"
)

// An index knows the compiled packages that a session's cells may import. It
// begins with the workspace's and grows when a cell imports another one. A package
// that a unit was linked with is loaded: it stays what it is until the process
// that holds it ends.
type index struct {
	ws  *workspace.Workspace
	dir string // the session's folder
	imp *exportImporter

	turn    sync.Mutex // held while the go command works; guards mod and settled
	mod     *sessionMod
	settled bool // packages agree with the versions that the go.mod selects

	mu       sync.Mutex // guards everything below
	packages map[string]workspace.Package
	config   string            // path of the importcfg file, "" where packages changed since
	loaded   map[string]bool   // packages that units were linked with
	outdated bool              // source of a loaded package has changed
	stamps   map[string]string // source of packages that may change, as they were compiled
	wanted   map[string]string // modules that the go.mod selects in another version than the loaded one
}

func newIndex(ws *workspace.Workspace, dir, notebook string, fset *token.FileSet) (*index, error) {
	mod, err := newSessionMod(ws, dir, notebook)
	if err != nil {
		return nil, err
	}
	x := &index{ws: ws, dir: dir, mod: mod, packages: maps.Clone(ws.Packages)}
	x.imp = &exportImporter{index: x, fset: fset}
	x.reset()
	return x, nil
}

// reset says that nothing is loaded any more. What a newer version was wanted of
// is forgotten, so that the next import finds that one.
func (x *index) reset() {
	x.turn.Lock()
	defer x.turn.Unlock()
	if released, err := x.mod.release(); released || err != nil {
		x.settled = false // packages of the held versions are forgotten there
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

// has reports whether the package can be imported at once. What may change on
// this machine is looked at again until it is loaded.
func (x *index) has(path string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	p, ok := x.packages[path]
	return path == "unsafe" || ok && (p.Fixed() || x.settled && (p.Dir == "" || x.loaded[path]))
}

// name returns the name of a package that has been resolved.
func (x *index) name(path string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if path == "unsafe" {
		return path
	}
	return x.packages[path].Name
}

// resolve makes the packages importable: what the index lacks is fetched and
// compiled by the go command. It returns what is wrong, by path.
func (x *index) resolve(ctx context.Context, paths []string, progress func(string)) map[string]error {
	x.turn.Lock()
	defer x.turn.Unlock()
	wrong := make(map[string]error)
	var missing []string
	third := func(path string) bool { return path != "unsafe" && !x.packageOf(path).Fixed() }
	all := func(err error) map[string]error {
		for _, path := range paths {
			if third(path) {
				wrong[path] = err
			}
		}
		return wrong
	}
	if slices.ContainsFunc(paths, third) || slices.ContainsFunc(paths, func(p string) bool { return !x.has(p) }) {
		changed, err := x.mod.follow()
		if err != nil {
			return all(err)
		}
		if changed {
			x.settled = false
		}
		if err := x.settle(ctx, progress); err != nil {
			return all(err)
		}
	}
	for _, path := range paths {
		if !x.mod.mayImport(path) {
			wrong[path] = fmt.Errorf("use of internal package %s not allowed", path)
		} else if err := x.conflict(path); err != nil {
			wrong[path] = err
		} else if !x.has(path) {
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
func (x *index) list(ctx context.Context, progress func(string), missing []string, wrong map[string]error) (map[string]workspace.Package, map[string]error, error) {
	out, err := x.mod.run(ctx, progress, append([]string{"list", "-v", "-e", "-export", "-deps", "-trimpath", golist.Fields, "--"}, missing...)...)
	if err != nil {
		return nil, wrong, golist.Readable(err)
	}
	list, err := golist.Decode[golist.Package](out)
	if err != nil {
		return nil, wrong, err
	}
	found := make(map[string]workspace.Package)
	for _, l := range list {
		if l.Export != "" {
			found[l.ImportPath] = workspace.Compiled(l)
		}
		if !slices.Contains(missing, l.ImportPath) {
			continue
		}
		switch {
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
func (x *index) importError(l golist.Package) error {
	if strings.Contains(l.Error.Err, " is not in std ") {
		return fmt.Errorf("it is not in the standard library")
	}
	return l.Error
}

// packageOf returns a package of the index, or one of an unknown module.
func (x *index) packageOf(path string) workspace.Package {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p, ok := x.packages[path]; ok {
		return p
	}
	return workspace.Package{Module: path}
}

// settle asks which versions the go.mod selects, where it has changed, and
// forgets what was compiled of others. Where they are loaded, a note says that
// they stay.
func (x *index) settle(ctx context.Context, progress func(string)) error {
	if x.settled {
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
	out, err := x.mod.run(ctx, progress, append([]string{"list", "-m", "-e", "-json=Path,Version,Replace,Error"}, sortedKeys(modules)...)...)
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
	x.settled = true
	return nil
}

// add takes packages into the index. A loaded one must be the same build, since a
// process holds each package once.
func (x *index) add(found map[string]workspace.Package) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var changed []string
	var another *conflict // a build that is another one because of what it imports
	for _, path := range sortedKeys(found) {
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
				another = &conflict{old, p.Version}
				continue
			}
			x.wanted[p.Module] = p.Version
			return &conflict{old, p.Version}
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
			x.stamps[path] = stamp(p.Dir)
		}
	}
	x.config = ""
	return nil
}

// get adds a module to the session's go.mod, as in go get module@version.
func (x *index) get(ctx context.Context, args []string, progress func(string)) error {
	_, err := x.change(ctx, progress, func() (string, error) { return "", x.mod.get(ctx, args, progress) })
	return err
}

// change changes the session's go.mod, and undoes it where the go command cannot
// work with the new one.
func (x *index) change(ctx context.Context, progress func(string), do func() (string, error)) (string, error) {
	x.turn.Lock()
	defer x.turn.Unlock()
	if _, err := x.mod.follow(); err != nil {
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
		x.settled = false
		err = x.settle(ctx, progress)
	}
	if err != nil {
		if undo := workspace.WriteFileAtomic(x.mod.file(), before); undo != nil {
			return "", fmt.Errorf("%w; %w", err, undo)
		}
		return "", err
	}
	return text, nil
}

// importcfg returns the file that tells compiler and linker where packages are.
func (x *index) importcfg() (string, error) {
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

// named returns the importable packages of that name, the shortest path first.
func (x *index) named(name string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var paths []string
	for path, p := range x.packages {
		if p.Name == name && isPublic(path) {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, comparePaths)
	return paths
}

// moduleOf returns the path of the module that a package belongs to.
func (x *index) moduleOf(path string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.packages[path].Module
}

// almost says which package of the standard library somebody may have meant who
// imports one that there is not.
func (x *index) almost(path string) string {
	if strings.Contains(path, ".") {
		return ""
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	var names []string
	for name, p := range x.packages {
		if p.Module == "" && isPublic(name) {
			names = append(names, name)
		}
	}
	return didYouMean("", path, names)
}
