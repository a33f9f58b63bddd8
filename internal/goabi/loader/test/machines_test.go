package test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goparallel/goparallel/internal/goabi/loader/hostlink"
	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
)

var arm64 = flag.Bool("arm64", false, "also load programs on arm64, by qemu-aarch64: the standard library is compiled for it, which takes minutes at first")

// TestHostsThatGoLinksAlone loads programs into hosts that were linked without a C
// compiler, here and on another architecture.
func TestHostsThatGoLinksAlone(t *testing.T) {
	for _, machine := range []struct {
		arch     string
		emulator []string
		asked    bool
	}{
		{arch: "amd64", asked: true},
		{arch: "arm64", emulator: []string{"qemu-aarch64"}, asked: *arm64},
	} {
		t.Run(machine.arch, func(t *testing.T) {
			if !machine.asked {
				t.Skip("runs with -" + machine.arch)
			}
			if len(machine.emulator) > 0 {
				if _, err := exec.LookPath(machine.emulator[0]); err != nil {
					t.Fatal("apt-get install -y qemu-user: ", err)
				}
			}
			t.Setenv("GOARCH", machine.arch)
			t.Setenv("CGO_ENABLED", "0")
			dir := t.TempDir()
			host, config := filepath.Join(dir, "host"), filepath.Join(dir, "importcfg")
			files, err := filepath.Glob("testdata/programs/*.go")
			if err != nil || len(files) == 0 {
				t.Fatal("no programs", err)
			}
			// C is not for these hosts.
			files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == "native.go" })
			archives := link(t, dir, host, files)
			if err := os.WriteFile(config, hostlink.Importcfg(archives), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".go")
				alone := filepath.Join(dir, name)
				if _, err := run(".", "go", "build", "-o", alone, file); err != nil {
					t.Fatal(err)
				}
				want, err := run(".", append(machine.emulator, alone)...)
				if err != nil {
					t.Fatal(err)
				}
				args, all := append(machine.emulator, host, config), ""
				for i := range 3 {
					again := filepath.Join(dir, fmt.Sprintf("%s-%d.o", name, i))
					path := fmt.Sprint("unit", i)
					if _, err := run(".", "go", "tool", "compile", "-p", path, "-complete", "-trimpath", filepath.Dir(file), "-importcfg", config, "-o", again, file); err != nil {
						t.Fatal(err)
					}
					args, all = append(args, path+".main="+again), all+want
				}
				got, err := run(".", args...)
				if err != nil {
					t.Fatalf("%s: %v\n%s", name, err, got)
				}
				if diff := cmp.Diff(all, got); diff != "" {
					t.Errorf("%s: -built +loaded:\n%s", name, diff)
				}
			}
		})
	}
}

// link links the host and returns the packages that it is made of, and that programs
// may use.
func link(t *testing.T, dir, host string, programs []string) map[string]string {
	t.Helper()
	ask := func(command ...string) string {
		out, err := run(".", command...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	archives := make(map[string]string)
	list := []string{"go", "list", "-export", "-deps", "-trimpath", "-f", "{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}"}
	for _, arg := range append(programs, "./testdata/host") {
		for line := range strings.Lines(ask(append(list, arg)...)) {
			path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
			if path != "command-line-arguments" && !strings.HasSuffix(path, "/testdata/host") {
				archives[path] = file
			}
		}
	}
	source, err := os.ReadFile("testdata/host/main.go")
	if err != nil {
		t.Fatal(err)
	}
	root := ask("go", "env", "GOROOT")
	linker := hostlink.Linker{Tools: ask("go", "env", "GOTOOLDIR"), Env: os.Environ(), Arch: ask("go", "env", "GOARCH"), Root: root, Archives: archives}
	if err := linker.Link(t.Context(), string(source), dir, host); err != nil {
		t.Fatal(err)
	}
	if err := symbols.Write(host, root, slices.Collect(maps.Values(archives))); err != nil {
		t.Fatal(err)
	}
	return archives
}
