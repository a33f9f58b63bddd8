package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// A cell need not import what it uses. Where a name is not declared, and members of
// it are used that a package of this name has, that package is imported as
// goimports would do it. What such a cell is compiled to, and what engines get, is
// the same as with the import written. The user's own names always win, because
// only what the type checker does not know is looked for; so does a written import.

// displayPath and gophernotesPath are two packages of one name: cells of gophernotes
// have the second one without importing it.
const (
	displayPath     = workspace.ModulePath + "/kernel/display"
	gophernotesPath = workspace.ModulePath + "/kernel/gophernotes/display"
)

// offered are the packages of this module that cells get by their names.
var offered = []string{
	workspace.ParallelPath, workspace.ModulePath + "/plots", workspace.ModulePath + "/kernel/comms", workspace.ModulePath + "/kernel/widgets",
	displayPath, gophernotesPath,
}

// rather says which packages come before another one of their name, where both
// would do.
var rather = map[string][]string{
	"math/rand":        {"math/rand/v2", "crypto/rand"},
	"encoding/json/v2": {"encoding/json"},
	gophernotesPath:    {displayPath},
}

// ImportUnknown imports packages for names that the type checker does not know, by
// the members that the cell uses of them. Errs are the errors of the cell itself; all counts those
// of what was taken over, too. It reports whether there are new imports, so that the cell must be
// checked again.
func (c *Cell) ImportUnknown(errs []types.Error, all int, info *types.Info) bool {
	if c.Written.Load() {
		return false
	}
	used := c.membersUsed(info)
	found := false
	for _, name := range c.unknown(errs, used) {
		if c.tried[name] {
			continue
		}
		if c.tried == nil {
			c.tried, c.unclear = make(map[string]bool), make(map[string]string)
		}
		c.tried[name] = true
		if path := c.choosePackage(name, used[name], all); path != "" {
			c.autoImport(name, path)
			found = true
		}
	}
	if !found {
		return false
	}
	cell, failed := c.assemble()
	if failed != nil {
		return false
	}
	c.Parsed = cell
	return true
}

// autoImport imports a package under its name, as if the cell had it written.
func (c *Cell) autoImport(name, path string) {
	if c.Auto == nil {
		c.Auto = make(map[string]string)
	}
	c.Auto[name], c.Imports[name] = path, path
	c.Declares[name] = true
}

// membersUsed returns the members that the cell uses of packages, known and unknown
// ones, by the packages' names.
func (c *Cell) membersUsed(info *types.Info) map[string]map[string]bool {
	used := make(map[string]map[string]bool)
	ast.Inspect(c.Parsed.File, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && isPackage(info, id) {
			if used[id.Name] == nil {
				used[id.Name] = make(map[string]bool)
			}
			if sel.Sel.Name != syntax.CursorName && sel.Sel.Name != "_" {
				used[id.Name][sel.Sel.Name] = true
			}
		}
		return true
	})
	return used
}

// isPackage reports whether a name is a package's, or unknown.
func isPackage(info *types.Info, id *ast.Ident) bool {
	obj := info.Uses[id]
	_, is := obj.(*types.PkgName)
	return is || obj == nil
}

// unknown lists the names that can be packages and are not known, and those that were
// imported in this way for an earlier cell, which can mean another package here.
func (c *Cell) unknown(errs []types.Error, used map[string]map[string]bool) (names []string) {
	for _, e := range errs {
		name, ok := strings.CutPrefix(e.Msg, "undefined: ")
		if ok && used[name] != nil && c.State.Stale[name] == "" && c.State.Names[name] == nil {
			names = append(names, name)
		}
	}
	for name, auto := range c.State.Auto {
		if auto && used[name] != nil && !c.Declares[name] && c.State.Imports[name] != "" && len(c.Candidates(name, used[name])) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// choosePackage returns the path of the package that a name means: of those that have
// the members, the one with which the fewest errors remain. It is empty where there
// is none, or where several would do equally well, which a hint then says.
func (c *Cell) choosePackage(name string, members map[string]bool, before int) string {
	if len(members) == 0 {
		return ""
	}
	paths := c.Candidates(name, members)
	old := c.State.Imports[name]
	if !c.Tolerant && old == "" && (len(paths) == 0 || modules.IsModule(paths[0])) {
		nearby := c.Index.Nearby(c.ctx, name, members)
		if len(nearby) > 1 {
			c.unclear[name] = fmt.Sprintf("%s can be %s: import the one that you mean", name, strings.Join(nearby, " or "))
			return ""
		}
		if len(nearby) == 1 {
			return nearby[0]
		}
	}
	switch {
	case len(paths) == 0:
		return ""
	case len(paths) == 1 && paths[0] != old:
		return paths[0]
	case c.Tolerant:
		return preferred(paths)[0]
	}
	fewest := before + 1
	if old != "" { // another package is taken only if it is better
		fewest = before
	}
	var best []string
	for _, path := range paths {
		if path == old {
			continue
		}
		switch n := c.errorsWith(name, path); {
		case n < fewest:
			fewest, best = n, []string{path}
		case n == fewest && old == "":
			best = append(best, path)
		}
	}
	if best = preferred(best); len(best) == 1 {
		return best[0]
	}
	if len(best) > 1 {
		c.unclear[name] = fmt.Sprintf("%s can be %s: import the one that you mean", name, strings.Join(best, " or "))
	}
	return ""
}

// preferred leaves out the packages that others come before.
func preferred(paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		return slices.ContainsFunc(rather[path], func(better string) bool { return slices.Contains(paths, better) })
	})
}

// errorsWith counts the errors that the cell has if a name is a package.
func (c *Cell) errorsWith(name, path string) int {
	trial := *c
	trial.Auto, trial.Declares, trial.Imports = maps.Clone(c.Auto), maps.Clone(c.Declares), maps.Clone(c.Imports)
	trial.autoImport(name, path)
	cell, failed := trial.assemble()
	if failed != nil {
		return len(failed)
	}
	trial.Parsed = cell
	defer c.Fset.RemoveFile(cell.Tok)
	_, errs := trial.check()
	return len(errs)
}

// Candidates returns the packages of a name that have all the members. The standard
// library comes first: others are not looked at where it has such a package.
func (e Env) Candidates(name string, members map[string]bool) (paths []string) {
	var others []string
	for _, path := range e.Index.Named(name) {
		if e.Index.ModuleOf(path) == workspace.ModulePath && !slices.Contains(offered, path) || !e.hasMembers(path, members) {
			continue
		}
		if modules.IsModule(path) {
			others = append(others, path)
		} else {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		paths = others
	}
	slices.SortStableFunc(paths, func(a, b string) int { return len(rather[a]) - len(rather[b]) })
	return paths
}

// hasMembers reports whether a package exports all of the names.
func (e Env) hasMembers(path string, members map[string]bool) bool {
	pkg, err := e.Index.Import(path)
	if err != nil {
		return false
	}
	for m := range members {
		if !ast.IsExported(m) || pkg.Scope().Lookup(m) == nil {
			return false
		}
	}
	return true
}

// hintImports says of unknown names which packages they can be, and of unknown
// members of a package that is not imported what may be meant.
func (c *Cell) hintImports(errs *diag.Errors, info *types.Info) {
	if c.Written.Load() {
		return
	}
	used := c.membersUsed(info)
	for i, d := range errs.List {
		name, ok := strings.CutPrefix(d.Message, "undefined: ")
		if !ok || used[name] == nil || c.State.Stale[name] != "" {
			continue
		}
		if why := c.unclear[name]; why != "" {
			errs.List[i].Hint = why
			continue
		}
		for _, member := range slices.Sorted(maps.Keys(used[name])) {
			if hint := c.hintMember(name, member); hint != "" && c.MemberOfUnknown(name, member) == nil {
				errs.List[i].Hint = hint
			}
		}
	}
}

// AutoNote says which packages a cell got, or is empty.
func (c *Cell) AutoNote() string {
	if len(c.Auto) == 0 {
		return ""
	}
	return "imported " + strings.Join(slices.Sorted(maps.Values(c.Auto)), ", ")
}

// MemberOfUnknown returns a member of a package that is not imported, or nil.
func (e Env) MemberOfUnknown(pkgName, name string) types.Object {
	for _, path := range e.Index.Named(pkgName) {
		if pkg, err := e.Index.Import(path); err == nil {
			if obj := pkg.Scope().Lookup(name); obj != nil && obj.Exported() {
				return obj
			}
		}
	}
	return nil
}
