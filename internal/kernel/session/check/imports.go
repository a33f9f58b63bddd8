package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// importPackages makes sure that what the cell imports is compiled, and learns
// the names that the imports declare.
func (c *Cell) importPackages() *diag.Errors {
	var paths []string
	for _, spec := range c.Parsed.File.Imports {
		path := strings.Trim(spec.Path.Value, "`\"")
		switch i := c.ChunkAt(spec.Pos()); {
		case i < 0 && c.Index.Has(path): // an import of an earlier cell
		case path == "C":
			return c.at(spec.Pos(), "a cell cannot use cgo itself; import a package that does")
		default:
			paths = append(paths, path)
		}
	}
	wrong := c.Index.Resolve(c.ctx, paths, c.progress)
	errs := &diag.Errors{}
	for _, spec := range c.Parsed.File.Imports {
		path := strings.Trim(spec.Path.Value, "`\"")
		own := c.ChunkAt(spec.Pos()) >= 0
		if err := wrong[path]; err != nil && own {
			e := c.at(spec.Pos(), importMessage(path, err))
			_, e.List[0].Restart = errors.AsType[*modules.Conflict](err)
			e.List[0].Hint = c.Index.Almost(path)
			errs.Add(e.List[0])
		} else if err != nil && !c.mentionsImport(path) { // of an earlier cell
			errs.Add(diag.Diagnostic{Message: importMessage(path, err)})
		}
		if !own {
			continue
		}
		name := c.Index.Name(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name != "_" && name != "." {
			c.Imports[name] = path
			c.Declares[name] = true
		}
	}
	if len(errs.List) > 0 {
		return errs
	}
	return nil
}

// mentionsImport reports whether the cell itself imports a package.
func (c *Cell) mentionsImport(path string) bool {
	for _, spec := range c.Parsed.File.Imports {
		if strings.Trim(spec.Path.Value, "`\"") == path && c.ChunkAt(spec.Pos()) >= 0 {
			return true
		}
	}
	return false
}

// importMessage says what is wrong with an import.
func importMessage(path string, err error) string {
	return fmt.Sprintf("cannot import %s: %s", path, strings.TrimPrefix(err.Error(), "package "+path+" "))
}

// ImportsParallel reports whether the cell imports the parallel package, under
// whatever name.
func (c *Cell) ImportsParallel() bool {
	return slices.ContainsFunc(c.Parsed.Imports, func(i syntax.Import) bool { return i.Path == workspace.ParallelPath })
}
