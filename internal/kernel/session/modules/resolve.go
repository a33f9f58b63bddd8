package modules

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

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
	x.config, x.closed = "", nil
	return nil
}
