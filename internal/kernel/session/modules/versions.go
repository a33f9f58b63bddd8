package modules

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Conflict says why a package is not what the session's go.mod asks for, if so.
func (x *Index) Conflict(path string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := x.packages[path]
	if version, ok := x.wanted[p.Module]; ok && x.loaded[path] {
		return &Conflict{p, version}
	}
	return nil
}

// maxHeld bounds how many modules are held for one cell.
const maxHeld = 20

// holdLoaded tries, where missing packages ask for another version of a module that
// is loaded, whether they can do with the loaded one: if all compiles with it, it
// stays, and a note says so. An error that is no such conflict is left alone. The go.mod
// from before is what agrees with the loaded modules.
func (x *Index) holdLoaded(ctx context.Context, progress func(string), missing []string, before []byte, err error) bool {
	after, readErr := os.ReadFile(x.mod.file())
	if readErr != nil {
		return false
	}
	old := slices.Clone(x.mod.held)
	held := make(map[module.Version]*Conflict)
	for err != nil && len(held) < maxHeld {
		var c *Conflict
		if !errors.As(err, &c) || c.old.Dir != "" || semver.Compare(c.old.Version, c.want) >= 0 || ctx.Err() != nil {
			break
		}
		v := module.Version{Path: c.old.Module, Version: c.want}
		if held[v] != nil {
			break
		}
		held[v] = c
		if x.mod.hold(before, slices.Collect(maps.Keys(held))) != nil {
			break
		}
		found, wrong, listErr := x.list(ctx, progress, missing, make(map[string]error))
		if listErr != nil || len(wrong) > 0 {
			break
		}
		err = x.add(found)
	}
	if err != nil {
		x.mod.held = old
		_ = workspace.WriteFileAtomic(x.mod.file(), after) // at worst the modules stay as they are loaded
		return false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for v, c := range held {
		delete(x.wanted, v.Path)
		progress(fmt.Sprintf("note: %s stays at %s, which is loaded; %s is asked for, and used after %%restart", v.Path, c.old.Version, v.Version))
	}
	return len(held) > 0
}

// versions returns the versions of the loaded modules, and of those that the
// workspace has compiled for the packages that are missing: what is there is
// preferred where nobody asks for another version.
func (x *Index) versions(missing []string) map[string]string {
	x.mu.Lock()
	defer x.mu.Unlock()
	versions := make(map[string]string)
	for _, p := range x.ws.Packages {
		for _, path := range missing {
			if p.Version != "" && !p.Fixed() && p.Dir == "" && p.Module != workspace.ModulePath && (strings.HasPrefix(path, p.Module+"/") || path == p.Module || strings.HasPrefix(path, workspace.ModulePath+"/")) {
				versions[p.Module] = p.Version
			}
		}
	}
	for path := range x.loaded {
		if p := x.packages[path]; p.Module != "" && p.Module != workspace.ModulePath && p.Dir == "" && !strings.Contains(p.Version, " ") {
			versions[p.Module] = p.Version
		}
	}
	return versions
}

// A Conflict is a package that is loaded otherwise than it is wanted now.
type Conflict struct {
	old  workspace.Package
	want string // the version
}

// Error says what is loaded, what is wanted, and how to get it.
func (c *Conflict) Error() string {
	old, version := c.old, c.want
	if old.Version == version {
		return fmt.Sprintf("%s has changed since it was loaded: %%restart -rerun begins anew with it as it is now, and runs the cells again", old.Module)
	}
	return fmt.Sprintf("%s %s is loaded, and now %s is wanted: %%restart -rerun begins anew with that, and runs the cells again", old.Module, old.Version, version)
}
