package modules

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

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
