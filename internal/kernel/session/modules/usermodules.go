package modules

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// readUserModules takes over what the user's go.mod, or go.work and the modules that it
// uses, ask for. It reports whether they have changed since the last time.
func (m *sessionMod) readUserModules() (changed bool, err error) {
	work, mods := findModules(m.notebook)
	files := slices.Clone(mods)
	var workFile *modfile.WorkFile
	if work != "" {
		files = append(files, work)
		data, err := os.ReadFile(work)
		if err != nil {
			return false, err
		}
		if workFile, err = modfile.ParseWork(work, data, nil); err != nil {
			return false, err
		}
		for _, use := range workFile.Use {
			if file := filepath.Join(absolute(filepath.Dir(work), use.Path), "go.mod"); !slices.Contains(mods, file) {
				mods, files = append(mods, file), append(files, file)
			}
		}
	}
	seen := make(map[string]fs.FileInfo)
	same := len(files) == len(m.seen)
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return false, err
		}
		seen[file] = info
		old := m.seen[file]
		same = same && old != nil && old.ModTime().Equal(info.ModTime()) && old.Size() == info.Size()
	}
	if same {
		return false, nil
	}
	f, err := m.read()
	if err != nil {
		return false, err
	}
	required, roots, own := make(map[string]string), make(map[string]string), ""
	var replaces []*modfile.Replace
	var sums []byte
	for _, file := range mods {
		dir := filepath.Dir(file)
		user, err := readMod(file)
		if err != nil {
			return false, err
		}
		if user.Module == nil {
			return false, fmt.Errorf("%s has no module line", file)
		}
		if user.Module.Mod.Path == workspace.ModulePath {
			own = dir
			continue // cells are compiled against the workspace's copy
		}
		roots[user.Module.Mod.Path] = dir
		for _, r := range user.Require {
			if semver.Compare(required[r.Mod.Path], r.Mod.Version) < 0 {
				required[r.Mod.Path] = r.Mod.Version
			}
		}
		for _, x := range user.Exclude {
			if err := f.AddExclude(x.Mod.Path, x.Mod.Version); err != nil {
				return false, err
			}
		}
		replaces = append(replaces, absoluteReplaces(dir, user.Replace)...)
		data, err := os.ReadFile(filepath.Join(dir, "go.sum"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		sums = append(sums, data...)
	}
	if work != "" { // a workspace's own replacements win
		replaces = append(replaces, absoluteReplaces(filepath.Dir(work), workFile.Replace)...)
		data, err := os.ReadFile(work + ".sum")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		sums = append(sums, data...)
	}
	delete(required, workspace.ModulePath)
	for _, path := range slices.Sorted(maps.Keys(required)) {
		if required[path] != m.required[path] {
			if err := f.AddRequire(path, required[path]); err != nil {
				return false, err
			}
		}
	}
	for _, r := range replaces {
		if r.Old.Path == workspace.ModulePath {
			continue
		}
		if err := f.AddReplace(r.Old.Path, r.Old.Version, r.New.Path, r.New.Version); err != nil {
			return false, err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(roots)) {
		if err := useFolder(f, path, roots[path]); err != nil {
			return false, err
		}
	}
	if err := m.addSums(sums); err != nil {
		return false, err
	}
	if err := m.write(f); err != nil {
		return false, err
	}
	if own != "" { // what is internal there is for its notebooks too
		roots[workspace.ModulePath] = own
	}
	m.seen, m.required, m.roots = seen, required, roots
	return true, nil
}

// useFolder makes a module be the one in a folder.
func useFolder(f *modfile.File, path, dir string) error {
	_, major, _ := module.SplitPathVersion(path)
	version := module.PathMajorPrefix(major)
	if version == "" {
		version = "v0"
	}
	return errors.Join(f.AddRequire(path, version+".0.0"), f.AddReplace(path, "", dir, ""))
}

// findModules returns the go.work and the go.mod files that the go command would
// use in a folder. Either can be missing.
func findModules(dir string) (work string, mods []string) {
	setting := os.Getenv("GOWORK")
	for at := dir; ; at = filepath.Dir(at) {
		if file := filepath.Join(at, "go.mod"); mods == nil && isFile(file) {
			mods = []string{file}
		}
		if file := filepath.Join(at, "go.work"); work == "" && setting == "" && isFile(file) {
			work = file
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	if filepath.IsAbs(setting) {
		work = setting
	}
	return work, mods
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func absoluteReplaces(dir string, list []*modfile.Replace) []*modfile.Replace {
	var out []*modfile.Replace
	for _, r := range list {
		c := *r
		if modfile.IsDirectoryPath(c.New.Path) {
			c.New.Path = absolute(dir, c.New.Path)
		}
		out = append(out, &c)
	}
	return out
}
