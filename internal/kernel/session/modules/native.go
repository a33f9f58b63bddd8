package modules

import (
	"context"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/goabi/loader/shared"
	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// LinkNative provides the shared objects for the code in C of packages, and of what
// they import: the session's folder has them beside the list of archives, the
// workspace keeps them for later sessions.
func (x *Index) LinkNative(ctx context.Context, paths []string, progress func(string)) error {
	for _, p := range x.withNative(paths) {
		name := shared.Name(p.Export)
		here, kept := filepath.Join(x.dir, name), filepath.Join(x.ws.Dir, "native", name)
		if _, err := os.Stat(here); err == nil {
			continue
		}
		if workspace.LinkOrCopy(kept, here) == nil {
			continue
		}
		slow := time.AfterFunc(time.Second, func() { progress("linking the code in C of " + p.Module) })
		defer slow.Stop()
		if err := os.MkdirAll(filepath.Dir(kept), 0o700); err != nil {
			return err
		}
		variable := "CC"
		if p.CXX {
			variable = "CXX"
		}
		out, err := x.ws.Tools.Run(ctx, x.dir, nil, "env", variable)
		if err != nil {
			return err
		}
		if err := shared.Link(ctx, strings.Fields(string(out)), p.Export, kept); err != nil {
			return fmt.Errorf("module %s: %w", p.Module, err)
		}
		if err := workspace.LinkOrCopy(kept, here); err != nil {
			return err
		}
	}
	return nil
}

// needsC returns the package of a list that could not be compiled without a C compiler,
// "" where there is none such: one that fails, and has code in C which was left out.
func needsC(list []golist.Package) string {
	withC := build.Default
	withC.CgoEnabled = true
	for _, l := range list {
		if l.Standard || l.Dir == "" || l.Export != "" {
			continue
		}
		if found, _ := withC.ImportDir(l.Dir, 0); found != nil && len(found.CgoFiles) > 0 {
			return l.ImportPath
		}
	}
	return ""
}
