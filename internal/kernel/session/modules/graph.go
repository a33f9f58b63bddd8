package modules

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Load says that a unit is linked with packages. It returns those of them, and of
// what they import, that the host does not have.
func (x *Index) Load(paths []string) (foreign []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, path := range x.closure(paths) {
		x.loaded[path] = true
		if !x.packages[path].Fixed() {
			foreign = append(foreign, path)
		}
	}
	return foreign
}

// closure lists packages and all that they import, sorted. The index is locked. A cell asks three times, and
// most have the imports of the one before: with gonum/plot it takes a twentieth of a cell's time.
func (x *Index) closure(paths []string) []string {
	if x.closed == nil || !slices.Equal(x.closedOver, paths) {
		all := make(map[string]bool)
		for _, path := range paths {
			x.visit(path, all)
		}
		x.closed, x.closedOver = slices.Sorted(maps.Keys(all)), slices.Clone(paths)
	}
	return x.closed
}

// visit adds a package and all that it imports to a set.
func (x *Index) visit(path string, set map[string]bool) {
	if p, ok := x.packages[path]; ok && !set[path] {
		set[path] = true
		for _, imported := range p.Imports {
			x.visit(imported, set)
		}
	}
}

// drop takes packages, and all that import them, out of the index.
func (x *Index) drop(paths []string) {
	gone := make(map[string]bool)
	for _, path := range paths {
		gone[path] = true
	}
	for grown := len(gone) > 0; grown; {
		grown = false
		for path, p := range x.packages {
			if !gone[path] && slices.ContainsFunc(p.Imports, func(i string) bool { return gone[i] }) {
				gone[path], grown = true, true
			}
		}
	}
	for path := range gone {
		delete(x.packages, path)
	}
	x.imp.forget(gone)
	x.config, x.closed = "", nil
}

// withNative returns those of packages, and of what they import, that have code in C
// which the host does not have, in a fixed order.
func (x *Index) withNative(paths []string) (list []workspace.Package) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, path := range x.closure(paths) {
		if p := x.packages[path]; p.Cgo && !p.Fixed() {
			list = append(list, p)
		}
	}
	return list
}

// Builds names the builds of packages and of all that they import, in a fixed order.
func (x *Index) Builds(paths []string) (lines []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, path := range x.closure(paths) {
		// The go command names what it compiled by the hash of the contents.
		lines = append(lines, path+" "+filepath.Base(x.packages[path].Export))
	}
	return lines
}
