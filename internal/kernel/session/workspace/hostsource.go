package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"github.com/goparallel/goparallel"
	"github.com/goparallel/goparallel/internal/goabi/loader/hostlink"
)

// hostMain is the program of the process that runs the cells. The last two imports make
// the linker keep, name and export what loaded code may use.
const hostMain = `// Command host runs the cells of one notebook.
package main

import (
	"os"

	"` + ModulePath + `/internal/kernel/host"
	"` + ModulePath + `/internal/goabi/goruntime"
	"` + ModulePath + `/internal/kernel/host/native"
	"` + ModulePath + `/internal/goabi/loader"
	"` + ModulePath + `/internal/parallel/fetch"
	_ "plugin"
	_ "runtime/cgo"
)

func newLoader(program string, rename func(string) string) (host.Loader, error) { return loader.New(program, rename, fetch.Local, native.Open) }

func main() {
	if len(os.Args) == 5 && os.Args[1] == "` + checkArg + `" {
		host.Check(newLoader, os.Args[2], os.Args[3], os.Args[4])
		return
	}
	host.Main(host.Runtime{PendingTimer: goruntime.PendingTimer, OnExit: goruntime.OnExit, Panics: goruntime.Panics, Signal: goruntime.Signal, NewLoader: newLoader})
}
`

// linkHost links the host's program of the compiled packages. Build is its id, "" means one of its
// own.
func (w *Workspace) linkHost(ctx context.Context, build string) error {
	dir := filepath.Join(w.Dir, "hostmain")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Without the root cells could not use go/importer and go/build.
	linker := hostlink.Linker{Tools: w.Tools.Tools, Env: w.Tools.Env(), Arch: w.Tools.Arch, Build: build, Root: w.Tools.Root, CC: w.Tools.CC, Archives: archives(w.Packages)}
	return linker.Link(ctx, hostMain, dir, w.Host())
}

// hostImports are what hostMain imports of this module.
var hostImports = []string{
	ModulePath + "/internal/kernel/host",
	ModulePath + "/internal/goabi/goruntime",
	ModulePath + "/internal/kernel/host/native",
	ModulePath + "/internal/goabi/loader",
	ModulePath + "/internal/parallel/fetch",
}

// writeSource lays out the workspace: the module's source below module/, and a
// main module around it, without packages, which requires that.
func (w *Workspace) writeSource() error {
	module := filepath.Join(w.Dir, "module")
	err := fs.WalkDir(goparallel.Source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !InBuild(path) {
			return err
		}
		data, err := goparallel.Source.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(module, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
	if err != nil {
		return err
	}
	gomod, err := mainModule(module)
	if err != nil {
		return err
	}
	gosum, err := goparallel.Source.ReadFile("go.sum")
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"go.mod": gomod, "go.sum": gosum} {
		if err := os.WriteFile(filepath.Join(w.Dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// mainModule derives the workspace's go.mod from this module's: the same
// requirements, so the same versions, and this module replaced by its copy.
func mainModule(module string) ([]byte, error) {
	data, err := goparallel.Source.ReadFile("go.mod")
	if err != nil {
		return nil, err
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	steps := []error{
		f.AddModuleStmt("session"),
		f.AddRequire(ModulePath, "v0.0.0"),
		f.AddReplace(ModulePath, "", module, ""),
	}
	if err := errors.Join(steps...); err != nil {
		return nil, err
	}
	f.Cleanup()
	return f.Format()
}
