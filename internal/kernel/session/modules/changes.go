package modules

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Changes returns a note for each module whose source has changed since its
// packages were loaded, once for each change. It costs a few calls of the system
// where a package of this machine is loaded, and nothing where none is.
func (x *Index) Changes() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	changed := make(map[string]bool)
	for path, old := range x.stamps {
		if !x.loaded[path] {
			continue
		}
		p := x.packages[path]
		if now := stamp(p); now != old {
			x.stamps[path] = now
			changed[p.Module], x.outdated = true, true
		}
	}
	var notes []string
	for _, module := range slices.Sorted(maps.Keys(changed)) {
		notes = append(notes, fmt.Sprintf("note: the source of %s has changed since it was loaded; %%restart takes it up", module))
	}
	return notes
}

// Outdated reports whether one of the changes was of a package that has been loaded.
func (x *Index) Outdated() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.outdated
}

// stamp describes the files that a package is made of: another stamp means that one has
// changed, come or gone.
func stamp(p workspace.Package) string {
	entries, err := os.ReadDir(p.Dir)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	note := func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := os.Stat(path); err == nil { // of what a link leads to
			fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	}
	for _, e := range entries {
		if name := e.Name(); !strings.HasSuffix(name, "_test.go") && compiled[filepath.Ext(name)] {
			note(filepath.Join(p.Dir, name), e, nil)
		}
	}
	for _, pattern := range p.Embeds {
		found, _ := filepath.Glob(filepath.Join(p.Dir, strings.TrimPrefix(pattern, "all:"))) // the go command has seen to it that it is one
		for _, path := range found {
			filepath.WalkDir(path, note) // which note lets go on
		}
	}
	return b.String()
}

// compiled are the extensions of files that the go command may compile for a package, and of those that they include.
var compiled = map[string]bool{
	".go": true, ".s": true, ".S": true, ".sx": true, ".syso": true,
	".c": true, ".cc": true, ".cpp": true, ".cxx": true, ".m": true, ".f": true, ".F": true, ".for": true, ".f90": true,
	".h": true, ".hh": true, ".hpp": true, ".hxx": true,
}
