package modules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// sessionModulePath is the path of the session's own module.
const sessionModulePath = "goparallel/session"

// A sessionMod is the module in which a session's packages are found. It
// requires what the module or workspace around the notebook requires, with the
// same replacements, and what cells have added. The user's own files are only
// read.
type sessionMod struct {
	ws       *workspace.Workspace
	dir      string // holds the session's go.mod and go.sum
	notebook string // the notebook's folder

	held     []module.Version       // excluded until the session is reset, because older ones are loaded
	seen     map[string]fs.FileInfo // the user's files as they were last read
	required map[string]string      // what they required then
	roots    map[string]string      // the user's modules, by path: their folders
}

// newSessionMod makes the module, without what the user's files ask for.
func newSessionMod(ws *workspace.Workspace, dir, notebook string) (*sessionMod, error) {
	m := &sessionMod{ws: ws, dir: filepath.Join(dir, "module"), notebook: notebook}
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return nil, err
	}
	f := new(modfile.File)
	err := errors.Join(f.AddModuleStmt(sessionModulePath), f.AddGoStmt(strings.TrimPrefix(toolchain.Version, "go")),
		f.AddRequire(workspace.ModulePath, "v0.0.0"), f.AddReplace(workspace.ModulePath, "", filepath.Join(ws.Dir, "module"), ""))
	if err != nil {
		return nil, err
	}
	sums, err := os.ReadFile(filepath.Join(ws.Dir, "go.sum"))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(m.sumFile(), sums, 0o600); err != nil {
		return nil, err
	}
	return m, m.write(f)
}

func (m *sessionMod) file() string    { return filepath.Join(m.dir, "go.mod") }
func (m *sessionMod) sumFile() string { return filepath.Join(m.dir, "go.sum") }

func (m *sessionMod) read() (*modfile.File, error) { return readMod(m.file()) }

func (m *sessionMod) write(f *modfile.File) error {
	f.Cleanup()
	data, err := f.Format()
	if err != nil {
		return err
	}
	return workspace.WriteFileAtomic(m.file(), data)
}

func readMod(path string) (*modfile.File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(path, data, nil)
}

// require adds requirements for modules that have none.
func (m *sessionMod) require(versions map[string]string) error {
	f, err := m.read()
	if err != nil {
		return err
	}
	missing := maps.Clone(versions)
	for _, r := range f.Require {
		delete(missing, r.Mod.Path)
	}
	for _, r := range f.Replace {
		delete(missing, r.Old.Path)
	}
	if len(missing) == 0 {
		return nil
	}
	for _, path := range slices.Sorted(maps.Keys(missing)) {
		if err := f.AddRequire(path, missing[path]); err != nil {
			return err
		}
	}
	return m.write(f)
}

// hold takes a go.mod without these versions: what requires them does with the
// versions that others require.
func (m *sessionMod) hold(mod []byte, versions []module.Version) error {
	f, err := modfile.Parse(m.file(), mod, nil)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := f.AddExclude(v.Path, v.Version); err != nil {
			return err
		}
		if !slices.Contains(m.held, v) {
			m.held = append(m.held, v)
		}
	}
	return m.write(f)
}

// release lets all modules be of the versions that are required: nothing is loaded
// any more. It reports whether any was held.
func (m *sessionMod) release() (released bool, err error) {
	if len(m.held) == 0 {
		return false, nil
	}
	f, err := m.read()
	if err != nil {
		return false, err
	}
	for _, v := range m.held {
		if err := f.DropExclude(v.Path, v.Version); err != nil {
			return false, err
		}
	}
	m.held = nil
	return true, m.write(f)
}

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

// addSums adds lines to the session's go.sum.
func (m *sessionMod) addSums(more []byte) error {
	if len(more) == 0 {
		return nil
	}
	old, err := os.ReadFile(m.sumFile())
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(old)+"\n"+string(more)), "\n")
	slices.Sort(lines)
	return workspace.WriteFileAtomic(m.sumFile(), []byte(strings.Join(slices.Compact(lines), "\n")+"\n"))
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

// mayImport reports whether code in the notebook's folder may import a package,
// as far as internal packages are concerned.
func (m *sessionMod) mayImport(path string) bool {
	elements := strings.Split(path, "/")
	at := -1
	for i, e := range elements {
		if e == "internal" {
			at = i
		}
	}
	if at < 0 {
		return true
	}
	parent := strings.Join(elements[:at], "/")
	for root, dir := range m.roots {
		rel, err := filepath.Rel(dir, m.notebook)
		if err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
			continue
		}
		here := root
		if rel != "." {
			here += "/" + filepath.ToSlash(rel)
		}
		if here == parent || strings.HasPrefix(here, parent+"/") {
			return true
		}
	}
	return false
}

// noNetwork matches what the go command says where it cannot reach a proxy or is
// told not to.
var noNetwork = regexp.MustCompile(`dial tcp|no such host|connection refused|network is unreachable|i/o timeout|TLS handshake timeout|server misbehaving|GOPROXY=off`)

// run runs the go command in the module.
// Where there is no network, the modules that are in the module cache have to
// do: the cache is laid out as a proxy. They were verified when they were
// fetched.
func (m *sessionMod) run(ctx context.Context, progress func(string), args ...string) ([]byte, error) {
	lines := golist.Progress(progress)
	out, err := m.ws.Tools.Run(ctx, m.dir, lines, args...)
	failed := err != nil && noNetwork.MatchString(err.Error()) || args[0] == "list" && noNetwork.Match(out)
	if !failed || ctx.Err() != nil {
		return out, err
	}
	cache, cacheErr := m.ws.Tools.Run(ctx, m.dir, nil, "env", "GOMODCACHE")
	if cacheErr != nil {
		return out, err
	}
	env := []string{"GOPROXY=file://" + filepath.Join(strings.TrimSpace(string(cache)), "cache", "download"), "GONOPROXY=none", "GOSUMDB=off"}
	cached, cacheErr := m.ws.Tools.RunWith(ctx, env, m.dir, lines, args...)
	if cacheErr != nil || bytes.Contains(cached, []byte(`"Error": {`)) {
		return out, err // which says more
	}
	progress("note: no network, so versions are the newest in the module cache")
	return cached, nil
}

// get is go get, and takes folders that hold a module as well.
func (m *sessionMod) get(ctx context.Context, args []string, progress func(string)) error {
	var rest []string
	for _, arg := range args {
		if !modfile.IsDirectoryPath(arg) {
			rest = append(rest, arg)
			continue
		}
		dir := absolute(m.notebook, arg)
		user, err := readMod(filepath.Join(dir, "go.mod"))
		if err != nil {
			return fmt.Errorf("%s is no module: %w", arg, err)
		}
		f, err := m.read()
		if err != nil {
			return err
		}
		if err := errors.Join(useFolder(f, user.Module.Mod.Path, dir), m.write(f)); err != nil {
			return err
		}
		progress(fmt.Sprintf("go: %s is now the module in %s", user.Module.Mod.Path, dir))
	}
	if len(rest) == 0 {
		return nil
	}
	_, err := m.run(ctx, progress, append([]string{"get"}, rest...)...)
	return golist.Readable(err)
}

// mod is go mod in the session's module; without arguments it returns the go.mod.
func (m *sessionMod) mod(ctx context.Context, args []string, progress func(string)) (string, error) {
	if len(args) == 0 {
		data, err := os.ReadFile(m.file())
		return strings.TrimRight(string(data), "\n") + "\n", err
	}
	switch args[0] {
	case "edit", "graph", "why", "download", "verify":
	default:
		return "", fmt.Errorf("%%mod %s does not apply to a session; there are %%mod, %%mod edit, graph, why, download and verify", args[0])
	}
	args = slices.Clone(args)
	for i, arg := range args {
		// Folders are meant as seen from the notebook.
		if name, rest, ok := strings.Cut(arg, "="); ok && strings.TrimLeft(name, "-") == "replace" {
			if old, target, ok := strings.Cut(rest, "="); ok && modfile.IsDirectoryPath(target) {
				args[i] = name + "=" + old + "=" + absolute(m.notebook, target)
			}
		}
	}
	out, err := m.run(ctx, progress, append([]string{"mod"}, args...)...)
	return string(out), golist.Readable(err)
}
