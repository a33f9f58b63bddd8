package modules

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// IsPublic reports whether cells may import a package.
func IsPublic(path string) bool {
	return !slices.Contains(strings.Split(path, "/"), "internal") && !strings.HasPrefix(path, "vendor/")
}

// Public returns the importable packages by their names; of several that have
// one name, the first in the order of [Index.Named].
func (x *Index) Public() map[string]string {
	x.mu.Lock()
	defer x.mu.Unlock()
	paths := make(map[string]string)
	for path, p := range x.packages {
		if old, ok := paths[p.Name]; p.Name != "main" && IsPublic(path) && (!ok || comparePaths(path, old) < 0) {
			paths[p.Name] = path
		}
	}
	return paths
}

// comparePaths orders import paths, the shortest first.
func comparePaths(a, b string) int {
	return cmp.Or(len(a)-len(b), strings.Compare(a, b))
}

// CompletePath lists the import paths that begin with a prefix, or whose last
// part does.
func (x *Index) CompletePath(prefix string) []cell.Completion {
	x.mu.Lock()
	defer x.mu.Unlock()
	type match struct {
		cell.Completion
		rank int
	}
	var list []match
	for p, pkg := range x.packages {
		if pkg.Name == "main" || !IsPublic(p) {
			continue
		}
		one := match{Completion: cell.Completion{Text: p, Kind: "package", Signature: "package " + pkg.Name}}
		switch {
		case strings.HasPrefix(p, prefix):
			if IsModule(p) {
				one.rank = 1
			}
		case prefix != "" && strings.HasPrefix(path.Base(p), prefix):
			one.rank = 2
		default:
			continue
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b match) int { return cmp.Or(a.rank-b.rank, strings.Compare(a.Text, b.Text)) })
	var items []cell.Completion
	for _, one := range list {
		items = append(items, one.Completion)
	}
	return items
}

// IsModule reports whether a package is not of the standard library: its path
// begins with a host name.
func IsModule(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}
