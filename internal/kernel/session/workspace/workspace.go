// Package workspace makes and keeps what all sessions of one binary on one machine share.
//
// Cells are compiled against packages, and run in a host process that is linked with
// packages. Both come from the source that this binary has embedded: [Open] writes it to a
// folder of the user's cache, has the go command compile what notebooks mostly import,
// builds the host, indexes the host's symbols for the loader, and has the host load an
// object, to see that this works on this machine, before it says that the workspace is
// whole. The folder is named by a hash of the source and the Go release, so a new binary
// makes a new one, and what belongs together cannot get mixed up. That takes about a
// minute; later sessions read one file.
//
// The host's own imports of other modules are copied under import paths of their own
// (hostcopies.go), so that notebooks may use any version of those modules. Links keep the
// compiled packages when the go command clears its cache. Compiled cells are kept as well
// ([Cells]), by a hash of all that went into them.
//
// Everything here is told and does what it is told; which packages a notebook uses beyond
// these is the business of its session.
package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/goparallel/goparallel"
	"github.com/goparallel/goparallel/internal/goabi/buildid"
	"github.com/goparallel/goparallel/internal/goabi/loader/hostlink"
	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/parallel/userdir"
)

// The import paths of this module and of what generated code imports of it.
const (
	ModulePath  = "github.com/goparallel/goparallel"
	LivePath    = ModulePath + "/internal/kernel/live"
	CarryPath   = LivePath + "/carry"
	CommandPath = ModulePath + "/internal/kernel/command"
	// OverheadPath is apart from CommandPath because it is linked with plots.
	OverheadPath = CommandPath + "/overhead"
	PollPath     = ModulePath + "/internal/parallel/poll"
	RegistryPath = ModulePath + "/internal/parallel/registry"
	ParallelPath = ModulePath + "/parallel"
)

// warm lists what is compiled when the workspace is made, so that a
// notebook's first import does not wait for it.
var warm = []string{
	"std",
	ModulePath + "/parallel",
	ModulePath + "/plots",
	LivePath,
	CarryPath,
	CommandPath,
	OverheadPath,
	ModulePath + "/kernel/comms",
	ModulePath + "/kernel/display",
	ModulePath + "/kernel/widgets",
	ModulePath + "/kernel/gophernotes/display",
	"gonum.org/v1/plot", "gonum.org/v1/plot/plotter", "gonum.org/v1/plot/plotutil",
	"gonum.org/v1/plot/vg", "gonum.org/v1/plot/vg/draw", "gonum.org/v1/plot/vg/vgsvg", "gonum.org/v1/plot/vg/vgimg",
	"gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/stat", "gonum.org/v1/gonum/floats",
}

// layout counts the forms that a workspace's files have had.
const layout = 9

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
	// Embeds are the patterns of the files that such a package embeds.
	Embeds []string
}

// Fixed reports whether a package is the same in every session of the workspace:
// the host holds it.
func (p Package) Fixed() bool { return p.Module == "" || p.Module == ModulePath && p.Name != "plots" }

// Host returns the path of the host binary.
func (w *Workspace) Host() string { return filepath.Join(w.Dir, "host") }

// Open returns this binary's workspace and makes it where it does not
// exist or is not whole. Making it takes about a minute; progress, if not nil,
// receives a line for each step. Several processes may call it at once: one makes
// it, the others wait for it until ctx ends.
func Open(ctx context.Context, progress func(string)) (*Workspace, error) {
	return open(ctx, target{arch: runtime.GOARCH}, progress)
}

// target is what a workspace is made for.
type target struct {
	arch string
	// build is the id of this machine's host, where arch is another architecture.
	build string
}

// OpenFor is Open for hosts on another architecture, as GOARCH names it. They count as the same
// build as this machine's, so that the ones can be engines of the others. Whether they can load
// objects is not tried, since they need not run on this machine.
func OpenFor(ctx context.Context, arch string, progress func(string)) (*Workspace, error) {
	if !slices.Contains(architectures, arch) {
		return nil, fmt.Errorf("cells run on %s, and not on %s", strings.Join(architectures, " and "), arch)
	}
	here, err := Open(ctx, progress)
	if err != nil || arch == runtime.GOARCH {
		return here, err
	}
	f, err := os.Open(here.Host())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return open(ctx, target{arch, buildid.Of(f)}, progress)
}

// architectures are those for which there is a loader.
var architectures = []string{"amd64", "arm64"}

func open(ctx context.Context, t target, progress func(string)) (*Workspace, error) {
	dir, err := cacheFolder(t)
	if err != nil {
		return nil, err
	}
	if err := hold(dir); err != nil {
		return nil, fmt.Errorf("make the workspace: %w", err)
	}
	if w, err := load(dir); err == nil {
		return w, nil
	}
	unlock, err := lockFile(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if w, err := load(dir); err == nil {
		return w, nil // somebody else has made it meanwhile
	}
	if progress == nil {
		progress = func(string) {}
	}
	w, err := create(ctx, dir, t, progress)
	if err != nil {
		return nil, err
	}
	if err := prune(dir, time.Now()); err != nil {
		progress(fmt.Sprintf("compiled packages of earlier builds cannot be removed: %v", err))
	}
	return w, nil
}

// RemoveAll deletes the workspaces of this and of all earlier binaries.
func RemoveAll() error {
	dir, err := userdir.Cache("")
	if err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// Ready reports whether the workspace exists and is whole, and where
// it is or would be. It is an error if there is a folder that cannot be trusted.
func Ready() (dir string, ready bool, err error) {
	dir, err = cacheFolder(target{arch: runtime.GOARCH})
	if err != nil {
		return "", false, err
	}
	_, err = load(dir)
	return dir, err == nil, nil
}

func cacheFolder(t target) (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, layout, toolchain.Version, runtime.GOOS, t, toolchain.CCompiler() != "", warm)
	err := fs.WalkDir(goparallel.Source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !InBuild(path) {
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
	return userdir.Cache(hex.EncodeToString(hash.Sum(nil))[:16])
}

// InBuild reports whether a file, by its path, is part of a build: Go and assembler
// source that is no test, go.mod and go.sum.
func InBuild(path string) bool {
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
	Go, Root, Tools, Arch, CC string
	Packages                  map[string]Package
}

func load(dir string) (*Workspace, error) {
	data, err := os.ReadFile(filepath.Join(dir, "workspace.json"))
	if err != nil {
		return nil, err
	}
	var st state
	if err := json.Unmarshal(data, &st); err != nil {
		return nil, err
	}
	w := &Workspace{Dir: dir, Tools: &toolchain.Toolchain{Go: st.Go, Root: st.Root, Tools: st.Tools, Arch: st.Arch, CC: st.CC}, Packages: st.Packages}
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

func create(ctx context.Context, dir string, t target, progress func(string)) (*Workspace, error) {
	progress("finding " + toolchain.Version)
	tools, err := toolchain.Find(ctx)
	if err != nil {
		return nil, err
	}
	tools = tools.For(t.arch)
	w := &Workspace{Dir: dir, Tools: tools}
	if err := w.writeSource(); err != nil {
		return nil, fmt.Errorf("write the workspace: %w", err)
	}
	packages := append(slices.Clone(hostImports), warm...)
	progress("fetching modules")
	if _, err := tools.Run(ctx, dir, progress, append([]string{"list", "-deps", "--"}, packages...)...); err != nil {
		return nil, err
	}
	if err := w.copyForHost(ctx, progress); err != nil {
		return nil, fmt.Errorf("copy what the host imports: %w", err)
	}
	// The copy requires no versions any more: what a notebook uses is up to it.
	if err := os.WriteFile(filepath.Join(dir, "module", "go.mod"), []byte("module "+ModulePath+"\n\ngo "+strings.TrimPrefix(toolchain.Language, "go")+".0\n"), 0o600); err != nil {
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
	if err := w.linkHost(ctx, t.build); err != nil {
		return nil, fmt.Errorf("build the host: %w", err)
	}
	if err := symbols.Write(w.Host(), tools.Root, slices.Collect(maps.Values(archives(w.Packages)))); err != nil {
		return nil, err
	}
	if t.arch == runtime.GOARCH {
		if err := w.checkLoader(ctx); err != nil {
			return nil, fmt.Errorf("compiled cells cannot be loaded on this machine: %w\nIt is taken for granted that objects and the runtime of %s are as internal/goabi/loader/release.go says", err, toolchain.Version)
		}
	}
	data, err := json.Marshal(state{Go: tools.Go, Root: tools.Root, Tools: tools.Tools, Arch: tools.Arch, CC: tools.CC, Packages: w.Packages})
	if err != nil {
		return nil, err
	}
	return w, WriteFileAtomic(filepath.Join(dir, "workspace.json"), data)
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
		if err := LinkOrCopy(p.Export, kept); err != nil {
			return err
		}
		p.Export = kept
		w.Packages[path] = p
	}
	return nil
}

// list compiles packages and all that they import, and
// returns the whole set.
func (w *Workspace) list(ctx context.Context, progress func(string), paths []string) (map[string]Package, error) {
	args := []string{"list", "-export", "-deps", "-trimpath", golist.Fields, "--"}
	out, err := w.Tools.Run(ctx, w.Dir, progress, append(args, paths...)...)
	if err != nil {
		return nil, err
	}
	list, err := golist.Decode[golist.Package](out)
	if err != nil {
		return nil, err
	}
	packages := make(map[string]Package)
	for _, l := range list {
		if l.Export != "" {
			packages[l.ImportPath] = Compiled(l)
		}
	}
	return packages, nil
}

// Compiled is a package of the go command's list as the workspace and the index of a
// session keep it.
func Compiled(l golist.Package) Package {
	p := Package{Name: l.Name, Export: l.Export, Imports: compiledImports(l.Imports), Cgo: len(l.CgoFiles) > 0, CXX: len(l.CXXFiles) > 0}
	if m := l.Module; m != nil {
		p.Module, p.Version = m.Path, m.Selected()
		if m.Replace != nil && m.Replace.Version == "" && m.Path != ModulePath {
			p.Dir, p.Embeds = l.Dir, l.EmbedPatterns
		}
	}
	return p
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

// Importcfg is the text of the file that tells compiler and linker where packages are.
func Importcfg(packages map[string]Package) []byte { return hostlink.Importcfg(archives(packages)) }

func archives(packages map[string]Package) map[string]string {
	list := make(map[string]string, len(packages))
	for path, p := range packages {
		list[path] = p.Export
	}
	return list
}
