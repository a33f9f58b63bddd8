package modules

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"sync"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// An exportImporter reads compiled packages for the type checker. Unlike the
// standard library's it can forget one, which is compiled anew before it is
// loaded.
type exportImporter struct {
	index *Index
	fset  *token.FileSet

	mu    sync.Mutex
	types map[string]*types.Package
}

// Import returns the types of a package of the index, as [types.Importer] does.
func (x *Index) Import(path string) (*types.Package, error) { return x.imp.get(path) }

// get returns the types of a package of the index.
func (i *exportImporter) get(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	i.index.mu.Lock()
	p, ok := i.index.packages[path]
	i.index.mu.Unlock()
	i.mu.Lock()
	defer i.mu.Unlock()
	if pkg := i.types[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	if !ok {
		return nil, fmt.Errorf("package %s is not compiled", path)
	}
	f, err := os.Open(p.Export)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := goobj.ReadExportData(f)
	if err != nil {
		return nil, fmt.Errorf("the compiled package %s in %s: %w", path, p.Export, err)
	}
	return gcexportdata.Read(bytes.NewReader(data), i.fset, i.types, path)
}

// forget drops what was read of packages; nil means of all.
func (i *exportImporter) forget(paths map[string]bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if paths == nil {
		i.types = make(map[string]*types.Package)
	}
	for path := range paths {
		delete(i.types, path)
	}
}
