package modules

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// A source is a package that is on this machine and need not be compiled yet.
type source struct {
	ImportPath, Name, Dir string
	GoFiles, CgoFiles     []string
}

// Nearby returns the packages of a name that have all the members, of the modules around
// the notebook, or else of those that these and the cells require, as far as they are in
// the module cache. Nothing is downloaded or compiled; the packages' source tells what they
// have.
func (x *Index) Nearby(ctx context.Context, name string, members map[string]bool) []string {
	x.turn.Lock()
	defer x.turn.Unlock()
	changed, err := x.mod.readUserModules()
	if err != nil {
		return nil
	}
	if changed {
		x.versionsKnown = false
	}
	own := slices.DeleteFunc(slices.Sorted(maps.Keys(x.mod.roots)), isOurs)
	if paths := x.having(x.sources(ctx, own), name, members); len(paths) > 0 {
		return paths
	}
	f, err := x.mod.read()
	if err != nil {
		return nil
	}
	var required []string
	for _, r := range f.Require {
		if !isOurs(r.Mod.Path) && !slices.Contains(own, r.Mod.Path) && !r.Indirect {
			required = append(required, r.Mod.Path)
		}
	}
	return x.having(x.sources(ctx, required), name, members)
}

func isOurs(module string) bool { return module == workspace.ModulePath }

// sources lists the packages of modules. What is in the module cache was verified when it was fetched.
func (x *Index) sources(ctx context.Context, modules []string) []source {
	if len(modules) == 0 {
		return nil
	}
	args := []string{"list", "-e", "-find", "-json=ImportPath,Name,Dir,GoFiles,CgoFiles", "--"}
	for _, m := range modules {
		args = append(args, m+"/...")
	}
	out, err := x.ws.Tools.RunWith(ctx, []string{"GOPROXY=off", "GOSUMDB=off"}, x.mod.dir, nil, args...)
	if err != nil {
		return nil // a guess that cannot be made: the name stays unknown
	}
	list, err := golist.Decode[source](out)
	if err != nil {
		return nil
	}
	return list
}

// having returns the paths of those packages that have a name and all the members.
func (x *Index) having(list []source, name string, members map[string]bool) (paths []string) {
	for _, s := range list {
		if s.Name == name && name != "main" && x.mod.mayImport(s.ImportPath) && s.declares(members) {
			paths = append(paths, s.ImportPath)
		}
	}
	slices.SortFunc(paths, comparePaths)
	return paths
}

// declares reports whether the package's files declare all of the names, exported ones.
func (s *source) declares(names map[string]bool) bool {
	missing := maps.Clone(names)
	for _, file := range slices.Concat(s.GoFiles, s.CgoFiles) {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(s.Dir, file), nil, parser.SkipObjectResolution)
		if parsed == nil || err != nil {
			continue
		}
		for _, d := range parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					delete(missing, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						delete(missing, spec.Name.Name)
					case *ast.ValueSpec:
						for _, id := range spec.Names {
							delete(missing, id.Name)
						}
					}
				}
			}
		}
	}
	return len(missing) == 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(names)), func(n string) bool { return !ast.IsExported(n) })
}
