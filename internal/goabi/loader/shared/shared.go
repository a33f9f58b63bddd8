// Package shared links what a package has that is not Go's, such as the objects of
// a C compiler, which loads into a process by the dynamic linker alone.
//
// Assumed: cmd/cgo writes what Go refers to in C, what C calls of Go, and the linker's flags as
// the directives cgo_import_static, cgo_export_static and cgo_ldflag, which the compiler keeps in
// the archive.
//
// Where a release has it otherwise: the C compiler does not link, or the loader does not find what
// the one side means of the other; either error names package and symbol. The loader's
// tests have a package with code in C.
package shared

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// Name is the name of the shared object that goes with a package's archive.
func Name(archive string) string { return filepath.Base(archive) + ".so" }

// Imports are the symbols that a package's Go code refers to in its other code.
func Imports(a *goobj.Archive) []string { return directed(a, "cgo_import_static") }

// Exports are the functions of a package that its code in C calls. It does so by way
// of words of its own, Slot(name), to which the functions' addresses are written.
func Exports(a *goobj.Archive) []string { return directed(a, "cgo_export_static") }

// Slot is the symbol of the word for a function's address.
func Slot(function string) string { return "goparallel_slot_" + function }

// directed returns the first arguments of a directive.
func directed(a *goobj.Archive, word string) (list []string) {
	for _, d := range a.Directives {
		if len(d) > 1 && d[0] == word {
			list = append(list, d[1])
		}
	}
	return list
}

// Link has a C compiler link the other code of the package in archive into the
// shared object out. Compiler is its command, perhaps with arguments.
func Link(ctx context.Context, compiler []string, archive, out string) error {
	data, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	a, err := goobj.ReadArchive(data)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	if len(a.Foreign) == 0 {
		return fmt.Errorf("%s has no code but Go's", archive)
	}
	dir, err := os.MkdirTemp(filepath.Dir(out), "link-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	args := append(compiler[1:len(compiler):len(compiler)], "-shared", "-o", filepath.Join(dir, "out.so"))
	for i, m := range a.Foreign {
		file := filepath.Join(dir, fmt.Sprintf("%d.o", i))
		if err := os.WriteFile(file, m.Data, 0o600); err != nil {
			return err
		}
		args = append(args, file)
	}
	file := filepath.Join(dir, "exports.s")
	if err := os.WriteFile(file, []byte(exportsText(a)), 0o600); err != nil {
		return err
	}
	args = append(append(args, file), directed(a, "cgo_ldflag")...)
	cmd := exec.CommandContext(ctx, compiler[0], args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s cannot link the package's code in C: %w\n%s", compiler[0], err, strings.TrimSpace(string(text)))
	}
	return os.Rename(filepath.Join(dir, "out.so"), out)
}

// jumps are the instructions that go on to where a word says, for each architecture.
var jumps = map[string]string{
	"amd64": "jmp *%s(%%rip)",
	"arm64": "adrp x16, %[1]s\nldr x16, [x16, :lo12:%[1]s]\nbr x16",
}

// exportsText is the code by which C calls Go's functions: the package cannot be loaded
// before the functions are, nor they before the package.
func exportsText(a *goobj.Archive) string {
	var b strings.Builder
	for _, name := range Exports(a) {
		fmt.Fprintf(&b, ".text\n.globl %[1]s\n%[1]s: %[3]s\n.data\n.balign 8\n.globl %[2]s\n.hidden %[1]s\n.protected %[2]s\n%[2]s: .quad 0\n", name, Slot(name), fmt.Sprintf(jumps[runtime.GOARCH], Slot(name)))
	}
	return b.String() + ".section .note.GNU-stack,\"\",@progbits\n"
}
