package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel"
	"github.com/goparallel/goparallel/kernel/loader/symbols"
	"github.com/goparallel/goparallel/kernel/session/toolchain"
	"github.com/goparallel/goparallel/parallel/private"
)

const (
	modulePath  = "github.com/goparallel/goparallel"
	livePath    = modulePath + "/kernel/live"
	commandPath = modulePath + "/kernel/command"
	// overheadPath is apart from commandPath because it is linked with plots.
	overheadPath = commandPath + "/overhead"
	pollPath     = modulePath + "/parallel/poll"
	regPath      = modulePath + "/parallel/registry"
	parPath      = modulePath + "/parallel"
)

// warm lists what is compiled when the workspace is made, so that a
// notebook's first import does not wait for it.
var warm = []string{
	"std",
	modulePath + "/parallel",
	modulePath + "/plots",
	livePath,
	commandPath,
	overheadPath,
	modulePath + "/kernel/display",
	modulePath + "/kernel/gophernotes/display",
	"gonum.org/v1/plot", "gonum.org/v1/plot/plotter", "gonum.org/v1/plot/plotutil",
	"gonum.org/v1/plot/vg", "gonum.org/v1/plot/vg/draw", "gonum.org/v1/plot/vg/vgsvg", "gonum.org/v1/plot/vg/vgimg",
	"gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/stat", "gonum.org/v1/gonum/floats",
}

// layout counts the forms that a workspace's files have had.
const layout = 6

// A Workspace is what all sessions of one binary on one machine share: this
// module's source, the host binary built from it, and the index of compiled
// packages. It is made once and kept in the user's cache folder.
type Workspace struct {
	// Dir is the workspace's folder. Its name has the hash of the module's
	// source, so that a new binary makes a new workspace.
	Dir string
	// Tools is the toolchain that compiled everything in it.
	Tools *toolchain.Toolchain
	// Packages maps import paths to compiled packages.
	Packages map[string]Package
}

// A Package is one compiled package of the index.
type Package struct {
	// Name is the package's name.
	Name string
	// Export is the archive with export data and code.
	Export string
	// Imports are the paths of the compiled packages that it imports directly.
	Imports []string
	// Cgo says that it has code in C, CXX that some is in C++.
	Cgo, CXX bool
	// Module and Version say where it comes from; both are empty for the standard
	// library.
	Module, Version string
	// Dir is the folder of a package whose source is on this machine and may change.
	Dir string
}

// Host returns the path of the host binary.
func (w *Workspace) Host() string { return filepath.Join(w.Dir, "host") }

// OpenWorkspace returns this binary's workspace and makes it where it does not
// exist or is not whole. Making it takes about a minute; progress, if not nil,
// receives a line for each step. Several processes may call it at once: one makes
// it, the others wait for it until ctx ends.
func OpenWorkspace(ctx context.Context, progress func(string)) (*Workspace, error) {
	dir, err := workspaceDir()
	if err != nil {
		return nil, err
	}
	if w, err := loadWorkspace(dir); err == nil {
		return w, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the workspace: %w", err)
	}
	unlock, err := lockFile(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if w, err := loadWorkspace(dir); err == nil {
		return w, nil // somebody else has made it meanwhile
	}
	if progress == nil {
		progress = func(string) {}
	}
	return makeWorkspace(ctx, dir, progress)
}

// RemoveWorkspaces deletes the workspaces of this and of all earlier binaries.
func RemoveWorkspaces() error {
	dir, err := private.Cache("")
	if err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// WorkspaceReady reports whether the workspace exists and is whole, and where
// it is or would be. It is an error if there is a folder that cannot be trusted.
func WorkspaceReady() (dir string, ready bool, err error) {
	dir, err = workspaceDir()
	if err != nil {
		return "", false, err
	}
	_, err = loadWorkspace(dir)
	return dir, err == nil, nil
}

func workspaceDir() (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, layout, toolchain.Version, runtime.GOOS, runtime.GOARCH, warm)
	err := fs.WalkDir(goparallel.Source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !wanted(path) {
			return err
		}
		data, err := goparallel.Source.ReadFile(path)
		fmt.Fprintln(hash, path, len(data))
		hash.Write(data)
		return err
	})
	if err != nil {
		return "", err
	}
	return private.Cache(hex.EncodeToString(hash.Sum(nil))[:16])
}

// wanted reports whether a file of the embedded source is part of a build.
func wanted(path string) bool {
	switch filepath.Base(path) {
	case "go.mod", "go.sum":
		return true
	}
	if strings.Contains(path, "testdata/") || strings.HasSuffix(path, "_test.go") {
		return false
	}
	return strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".s")
}

// state is the workspace's own description, in the file workspace.json.
type state struct {
	Go, Root, Tools string
	Packages        map[string]Package
}

func loadWorkspace(dir string) (*Workspace, error) {
	data, err := os.ReadFile(filepath.Join(dir, "workspace.json"))
	if err != nil {
		return nil, err
	}
	var st state
	if err := json.Unmarshal(data, &st); err != nil {
		return nil, err
	}
	w := &Workspace{Dir: dir, Tools: &toolchain.Toolchain{Go: st.Go, Root: st.Root, Tools: st.Tools}, Packages: st.Packages}
	// Toolchains are removed, and people clean up: a workspace that points at what
	// is gone is made again.
	for _, path := range []string{w.Host(), filepath.Join(st.Tools, "compile"), filepath.Join(st.Tools, "link"), w.Tools.Command()} {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
	}
	for _, p := range st.Packages {
		if _, err := os.Stat(p.Export); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func makeWorkspace(ctx context.Context, dir string, progress func(string)) (*Workspace, error) {
	progress("finding " + toolchain.Version)
	tools, err := toolchain.Find(ctx)
	if err != nil {
		return nil, err
	}
	w := &Workspace{Dir: dir, Tools: tools}
	if err := w.writeSource(); err != nil {
		return nil, fmt.Errorf("write the workspace: %w", err)
	}
	packages := append([]string{modulePath + "/kernel/host"}, warm...)
	progress("fetching modules")
	if _, err := tools.Run(ctx, dir, progress, append([]string{"list", "-deps", "--"}, packages...)...); err != nil {
		return nil, err
	}
	if err := w.copyPrivate(ctx, progress); err != nil {
		return nil, fmt.Errorf("copy what the host imports: %w", err)
	}
	// The copy requires no versions any more: what a notebook uses is up to it.
	if err := os.WriteFile(filepath.Join(dir, "module", "go.mod"), []byte("module "+modulePath+"\n\ngo "+strings.TrimPrefix(toolchain.Language, "go")+".0\n"), 0o600); err != nil {
		return nil, err
	}
	progress("compiling the standard library, parallel and gonum for cells")
	if w.Packages, err = w.list(ctx, progress, packages); err != nil {
		return nil, err
	}
	if err := w.keepPackages(); err != nil {
		return nil, fmt.Errorf("keep the compiled packages: %w", err)
	}
	progress("building the host")
	// Without the root, which -trimpath leaves out, cells could not use go/importer
	// and go/build.
	if _, err := tools.Run(ctx, dir, progress, "build", "-trimpath", "-ldflags=-checklinkname=0 -X 'runtime.defaultGOROOT="+tools.Root+"'", "-o", "host", "./hostmain"); err != nil {
		return nil, err
	}
	var archives []string
	for _, p := range w.Packages {
		archives = append(archives, p.Export)
	}
	if err := symbols.Write(w.Host(), tools.Root, archives); err != nil {
		return nil, err
	}
	if err := w.checkLoader(ctx); err != nil {
		return nil, fmt.Errorf("compiled cells cannot be loaded on this machine: %w", err)
	}
	data, err := json.Marshal(state{Go: tools.Go, Root: tools.Root, Tools: tools.Tools, Packages: w.Packages})
	if err != nil {
		return nil, err
	}
	return w, writeFileAtomic(filepath.Join(dir, "workspace.json"), data)
}

// keepPackages gives the workspace links of its own to the compiled packages,
// because the go command removes what it has not used for some days from its
// cache.
func (w *Workspace) keepPackages() error {
	dir := filepath.Join(w.Dir, "packages")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for path, p := range w.Packages {
		kept := filepath.Join(dir, filepath.Base(p.Export))
		if err := linkOrCopy(p.Export, kept); err != nil {
			return err
		}
		p.Export = kept
		w.Packages[path] = p
	}
	return nil
}

func linkOrCopy(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	if os.Link(from, to) == nil {
		return nil
	}
	data, err := os.ReadFile(from) // on another file system
	if err != nil {
		return err
	}
	return writeFileAtomic(to, data)
}

// hostMain is the program of the process that runs the cells.
const hostMain = `// Command host runs the cells of one notebook.
package main

import (
	"os"

	"` + modulePath + `/kernel/host"
	"` + modulePath + `/kernel/host/innards"
	"` + modulePath + `/kernel/host/native"
	"` + modulePath + `/kernel/loader"
)

func newLoader(program string, rename func(string) string) (host.Loader, error) { return loader.New(program, rename, native.Open) }

func main() {
	if len(os.Args) == 5 && os.Args[1] == "` + checkArg + `" {
		host.Check(newLoader, os.Args[2], os.Args[3], os.Args[4])
		return
	}
	host.Main(host.Runtime{PendingTimer: innards.PendingTimer, OnExit: innards.OnExit, Panics: innards.Panics, Signal: innards.Signal, NewLoader: newLoader})
}
`

// writeSource lays out the workspace: the module's source below module/, and a
// main module around it whose only program is the host.
func (w *Workspace) writeSource() error {
	module := filepath.Join(w.Dir, "module")
	err := fs.WalkDir(goparallel.Source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !wanted(path) {
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
	if err := os.MkdirAll(filepath.Join(w.Dir, "hostmain"), 0o700); err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"go.mod":           gomod,
		"go.sum":           gosum,
		"hostmain/main.go": []byte(hostMain),
	} {
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
		f.AddRequire(modulePath, "v0.0.0"),
		f.AddReplace(modulePath, "", module, ""),
	}
	if err := errors.Join(steps...); err != nil {
		return nil, err
	}
	f.Cleanup()
	return f.Format()
}

// list compiles packages and all that they import, and
// returns the whole set.
func (w *Workspace) list(ctx context.Context, progress func(string), paths []string) (map[string]Package, error) {
	args := []string{"list", "-export", "-deps", "-trimpath", listFields, "--"}
	out, err := w.Tools.Run(ctx, w.Dir, progress, append(args, paths...)...)
	if err != nil {
		return nil, err
	}
	list, err := decodeList[listed](out)
	if err != nil {
		return nil, err
	}
	packages := make(map[string]Package)
	for _, l := range list {
		if l.Export != "" {
			packages[l.ImportPath] = l.pkg()
		}
	}
	return packages, nil
}

// compiledImports returns what a package's imports mean for compiler and linker:
// unsafe has no code, and what cgo generates imports two packages.
func compiledImports(paths []string) []string {
	var list []string
	for _, path := range paths {
		switch path {
		case "unsafe":
		case "C":
			list = append(list, "runtime/cgo", "syscall")
		default:
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// writeFileAtomic makes the file appear whole or not at all.
func writeFileAtomic(path string, data []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// lockFile waits for an exclusive lock on the file at path, which it makes.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	locked := make(chan error, 1)
	go func() { locked <- unix.Flock(int(f.Fd()), unix.LOCK_EX) }()
	select {
	case err := <-locked:
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		return func() { f.Close() }, nil
	case <-ctx.Done():
		go func() { <-locked; f.Close() }()
		return nil, fmt.Errorf("wait for another process that prepares the workspace: %w", ctx.Err())
	}
}
