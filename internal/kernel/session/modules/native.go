package modules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/loader/shared"
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
