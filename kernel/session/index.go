package session

import (
	"context"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// An index knows the compiled packages that a session's cells may import. It
// begins with the workspace's and grows when a cell imports another one.
type index struct {
	ws  *Workspace
	dir string // the session's folder, which holds its own go.mod

	mu       sync.Mutex // guards packages and config
	packages map[string]Package
	config   string // path of the importcfg file, "" where packages changed since

	imp types.ImporterFrom
}

func newIndex(ws *Workspace, dir string, fset *token.FileSet) (*index, error) {
	x := &index{ws: ws, dir: dir, packages: maps.Clone(ws.Packages)}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(ws.Dir, name))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, err
		}
	}
	x.imp = importer.ForCompiler(fset, "gc", x.open).(types.ImporterFrom)
	return x, nil
}

// open returns the export data of a package, for the type checker's importer.
func (x *index) open(path string) (io.ReadCloser, error) {
	x.mu.Lock()
	p, ok := x.packages[path]
	x.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("package %s is not compiled", path)
	}
	return os.Open(p.Export)
}

// has reports whether the package can be imported at once.
func (x *index) has(path string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, ok := x.packages[path]
	return ok || path == "unsafe"
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
// compiled by the go command. Progress receives the go command's own lines.
func (x *index) resolve(ctx context.Context, paths []string, progress func(string)) error {
	var missing []string
	for _, p := range paths {
		if !x.has(p) {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found, err := x.ws.list(ctx, x.ws.Dir, filepath.Join(x.dir, "go.mod"), progress, missing)
	if err != nil {
		return err
	}
	return x.add(found)
}

// add takes packages into the index. A package that is there already must be the
// same build: its code may be loaded, and a process holds each package once.
func (x *index) add(found map[string]Package) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for path, p := range found {
		// The go command names what it compiled by the hash of the contents.
		if old, ok := x.packages[path]; ok && filepath.Base(old.Export) != filepath.Base(p.Export) {
			return fmt.Errorf("this needs another version of %s than the session uses already", path)
		}
	}
	for path, p := range found {
		if _, ok := x.packages[path]; !ok {
			x.packages[path] = p
		}
	}
	x.config = ""
	return nil
}

// get adds a module to the session's go.mod, as in go get module@version.
func (x *index) get(ctx context.Context, args []string, progress func(string)) error {
	_, err := x.ws.Tools.run(ctx, x.ws.Dir, progress, append([]string{"get", "-modfile=" + filepath.Join(x.dir, "go.mod")}, args...)...)
	return err
}

// importcfg returns the file that tells compiler and linker where packages are.
func (x *index) importcfg() (string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.config != "" {
		return x.config, nil
	}
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(x.packages)) {
		fmt.Fprintf(&b, "packagefile %s=%s\n", path, x.packages[path].Export)
	}
	file := filepath.Join(x.dir, "importcfg")
	if err := writeFileAtomic(file, []byte(b.String())); err != nil {
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
		if p.Name == name && !strings.Contains(path, "internal/") && !strings.HasPrefix(path, "vendor/") {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return paths
}
