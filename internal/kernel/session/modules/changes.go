package modules

import (
	"fmt"
	"maps"
	"os"
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
		if now := stamp(p.Dir); now != old {
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

// stamp describes the source files of a folder: another stamp means that one has
// changed, come or gone.
func stamp(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range entries {
		name := e.Name()
		if !workspace.InBuild(name) {
			continue
		}
		if info, err := e.Info(); err == nil {
			fmt.Fprintln(&b, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
