package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/kernelspec"
)

func examine(t *testing.T, binary string) map[string]Check {
	t.Helper()
	checks := map[string]Check{}
	for _, c := range Examine(context.Background(), binary) {
		if !c.OK() && c.Detail == "" {
			t.Errorf("%s: no detail", c.Name)
		}
		checks[c.Name] = c
	}
	return checks
}

func TestWhatIsThereIsFound(t *testing.T) {
	data := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", data)
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kernelspec.Goparallel.Install(data, binary); err != nil {
		t.Fatal(err)
	}
	if _, err := kernelspec.Gophernotes.Install(data, binary); err != nil {
		t.Fatal(err)
	}
	checks := examine(t, binary)
	if c := checks["gophernotes"]; !c.OK() || c.Essential {
		t.Errorf("%+v", c)
	}
	if c := checks["cache"]; !c.OK() || !strings.Contains(c.Detail, "of at most 1024 MB") {
		t.Errorf("%+v", c)
	}
	for _, name := range []string{"go", "gcc and linker", "kernelspec"} {
		if c := checks[name]; !c.OK() || !c.Essential {
			t.Errorf("%+v", c)
		}
	}
}

// On a bare machine each check names what mends it, and the commands are valid
// for a shell.
func TestWhatIsMissingIsNamedWithItsRemedy(t *testing.T) {
	modules, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMODCACHE", strings.TrimSpace(string(modules))) // where the toolchain is
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("JUPYTER_DATA_DIR", t.TempDir())
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("CONDA_PREFIX", "")
	checks := examine(t, "/somewhere/goparallel")
	for name, want := range map[string]string{
		"gcc and linker": "apt-get install -y gcc",
		"kernelspec":     "/somewhere/goparallel install",
		"workspace":      "goparallel warm",
		"jupyter":        "jupyterlab",
		"gophernotes":    "/somewhere/goparallel install --gophernotes",
	} {
		c := checks[name]
		if !strings.Contains(c.Mend, want) {
			t.Errorf("%s: %q, want %q", name, c.Mend, want)
		}
	}
	if checks["gcc and linker"].Essential {
		t.Error("only packages with code in C need a C compiler")
	}
	for _, c := range checks {
		if out, err := exec.Command("/bin/sh", "-n", "-c", c.Mend).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", c.Mend, out)
		}
	}
}

func TestKernelspecOfAnotherBinaryIsNoticed(t *testing.T) {
	data := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", data)
	if _, err := kernelspec.Goparallel.Install(data, "/gone/goparallel"); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "goparallel")
	if err := os.WriteFile(binary, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if c := spec(binary); c.OK() || !strings.Contains(c.Detail, "/gone/goparallel") {
		t.Errorf("%+v", c)
	}
}

func TestCompilerThatCannotLinkIsNoticed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gcc"), []byte("#!/bin/sh\necho 'cannot find crti.o' >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if c := compiler(context.Background()); c.OK() || !strings.Contains(c.Detail, "cannot find crti.o") || !strings.Contains(c.Mend, "libc6-dev") {
		t.Errorf("%+v", c)
	}
}
