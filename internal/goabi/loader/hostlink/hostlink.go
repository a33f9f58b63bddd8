// Package hostlink links the programs that load cells.
//
// It does what go build would, apart from one thing. Go's linker keeps and names what
// loaded code may use only in a program that imports packages plugin and runtime/cgo,
// and the second cannot be linked without C. So where there is no C compiler an empty
// package has its place, and nothing in the program takes it for one that has code in C.
//
// Assumed: the linker goes by the import of packages plugin and runtime/cgo, and by nothing that
// the second contains; flags, importcfg files and build ids are as the go command
// writes them (cmd/go/internal/work), what debug.ReadBuildInfo reads stands between the marks of
// cmd/go/internal/modload, and GOROOT is the variable runtime.defaultGOROOT.
//
// Where a release has it otherwise: the link fails, with the tool's own words, when the
// workspace is made; or symbols are missing, which the check of the loader finds then.
package hostlink

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// A Linker knows what programs are made of.
type Linker struct {
	// Tools is the folder with Go's compiler and linker, and Env their environment, which
	// names the architecture, as Arch does.
	Tools string
	Env   []string
	Arch  string
	// Root is GOROOT to the program: with -trimpath it would have none.
	Root string
	// CC is the command of the C compiler, which links programs that have code in C; "" for
	// programs that have none.
	CC string
	// Build is the id that the program gets; "" means one that its packages decide.
	Build string
	// Archives are the compiled packages, by import path.
	Archives map[string]string
}

// cgoPath is the package by which the linker tells whether a program has code in C.
const cgoPath = "runtime/cgo"

// Link links the program of a main package into the file out. Source is its text, and
// imports packages plugin and runtime/cgo. Dir is a folder for what is needed on the way.
func (l Linker) Link(ctx context.Context, source, dir, out string) error {
	in := func(name string) string { return filepath.Join(dir, name) }
	archives := l.Archives
	compile := func(path, text, object string, flags ...string) error {
		file := object + ".go"
		if err := errors.Join(os.WriteFile(file, []byte(text), 0o600), os.WriteFile(in("importcfg"), Importcfg(archives), 0o600)); err != nil {
			return err
		}
		flags = append(flags, "-p", path, "-complete", "-trimpath", dir, "-importcfg", in("importcfg"), "-o", object, file)
		return l.run(ctx, "compile", flags...)
	}
	flags := []string{"-importcfg", in("importcfg.link"), "-buildmode=exe", "-checklinkname=0"}
	if l.CC != "" {
		flags = append(flags, "-extld="+l.CC)
	} else {
		if err := compile(cgoPath, "package cgo", in("cgo.a"), "-std"); err != nil {
			return err
		}
		archives = maps.Clone(archives)
		archives[cgoPath] = in("cgo.a")
	}
	if err := compile("main", source, in("main.a")); err != nil {
		return err
	}
	build := l.Build
	if build == "" {
		main, err := os.ReadFile(in("main.a"))
		if err != nil {
			return err
		}
		// Archives are named by their content, so each build has another number; engines
		// compare it. It has the form of the go command's.
		build = fmt.Sprintf("%x", sha256.Sum256(append(Importcfg(archives), main...)))[:20]
		build = fmt.Sprintf("%[1]s/%[1]s/%[1]s/%[1]s", build)
	}
	if err := os.WriteFile(in("importcfg.link"), fmt.Appendf(Importcfg(archives), "modinfo %q\n", l.modinfo()), 0o600); err != nil {
		return err
	}
	return l.run(ctx, "link", append(flags, "-buildid="+build, "-X", "runtime.defaultGOROOT="+l.Root, "-o", out, in("main.a"))...)
}

// modinfo is what debug.ReadBuildInfo reads in the program, between marks of the go command: what
// go run has there for files. Which modules cells will import, nobody knows yet.
func (l Linker) modinfo() string {
	const begin, end = "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"
	return begin + "path\tcommand-line-arguments\nbuild\t-buildmode=exe\nbuild\t-compiler=gc\n" +
		fmt.Sprintf("build\tGOARCH=%s\nbuild\tGOOS=%s\n", l.Arch, runtime.GOOS) + end
}

// run runs a program of the toolchain.
func (l Linker) run(ctx context.Context, tool string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(l.Tools, tool), args...)
	cmd.Env = l.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.1000s", tool, err, out)
	}
	return nil
}

// Importcfg is the text of the file that tells compiler and linker where packages are.
func Importcfg(archives map[string]string) (text []byte) {
	for _, path := range slices.Sorted(maps.Keys(archives)) {
		text = fmt.Appendf(text, "packagefile %s=%s\n", path, archives[path])
	}
	return text
}
