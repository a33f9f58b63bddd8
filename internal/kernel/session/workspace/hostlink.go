package workspace

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
)

// cgoPath is the package by which the linker tells whether a program has code in C.
const cgoPath = "runtime/cgo"

// linkHost links the host's program of the compiled packages, by Go's linker alone where
// there is no C compiler. It does what go build would, apart from one thing: the linker
// keeps and names what loaded code may use in a program that imports packages plugin and
// runtime/cgo, and package runtime/cgo cannot be linked without C. So then an empty one
// has its place, and nothing in the program takes it for one that has code in C.
func (w *Workspace) linkHost(ctx context.Context) error {
	dir := filepath.Join(w.Dir, "hostmain")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	in := func(name string) string { return filepath.Join(dir, name) }
	list := w.Packages
	compile := func(source, path, object string, flags ...string) error {
		file := object + ".go"
		err := errors.Join(os.WriteFile(file, []byte(source), 0o600), os.WriteFile(in("importcfg"), Importcfg(list), 0o600))
		if err != nil {
			return err
		}
		flags = slices.Concat(compiler.Flags(dir), []string{"-p", path, "-complete", "-importcfg", in("importcfg"), "-o", object}, flags, []string{file})
		return w.run(ctx, filepath.Join(w.Tools.Tools, "compile"), flags...)
	}
	link := []string{"-importcfg", in("importcfg"), "-buildmode=exe", "-checklinkname=0"}
	if w.Tools.CC != "" {
		link = append(link, "-extld="+w.Tools.CC)
	} else {
		list = maps.Clone(w.Packages)
		if err := compile("package cgo", cgoPath, in("cgo.a"), "-std"); err != nil {
			return err
		}
		list[cgoPath] = Package{Export: in("cgo.a")}
	}
	if err := compile(hostMain, "main", in("main.a")); err != nil {
		return err
	}
	main, err := os.ReadFile(in("main.a"))
	if err != nil {
		return err
	}
	// Archives are named by their content, so this is another one for each build; engines
	// compare it. It has the form of the go command's.
	build := fmt.Sprintf("%x", sha256.Sum256(append(Importcfg(list), main...)))[:20]
	build = fmt.Sprintf("%[1]s/%[1]s/%[1]s/%[1]s", build)
	// Without the root, which -trimpath leaves out, cells could not use go/importer
	// and go/build.
	link = append(link, "-buildid="+build, "-X", "runtime.defaultGOROOT="+w.Tools.Root, "-o", w.Host(), in("main.a"))
	return w.run(ctx, filepath.Join(w.Tools.Tools, "link"), link...)
}

// run runs a program of the toolchain, or the host.
func (w *Workspace) run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = w.Tools.Env()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.1000s", filepath.Base(program), err, out)
	}
	return nil
}
