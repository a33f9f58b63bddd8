// Package doctor looks whether a machine has what goparallel needs, and names
// the command that mends what is missing.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/kernelspec"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// A Check is one thing looked at.
type Check struct {
	// Name says what.
	Name string
	// Detail says what was found: a path, a version, an error.
	Detail string
	// Mend is the command that mends it; empty where all is well.
	Mend string
	// Essential is false for what only some uses need.
	Essential bool
}

// OK reports whether nothing needs mending.
func (c Check) OK() bool { return c.Mend == "" }

// patience bounds each command that a check runs.
const patience = 2 * time.Minute

// Examine makes all checks. binary is the path of the goparallel command.
func Examine(ctx context.Context, binary string) []Check {
	return []Check{
		goToolchain(ctx),
		compiler(ctx),
		spec(binary),
		compiledPackages(),
		cache(),
		jupyter(ctx),
		gophernotes(binary),
	}
}

// goToolchain looks for the go command and has it fetch the release that
// compiles cells, if it is another one.
func goToolchain(ctx context.Context) Check {
	c := Check{Name: "go", Essential: true}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	t, err := toolchain.Find(ctx)
	if err != nil {
		c.Detail, c.Mend = err.Error(), installGo()
		return c
	}
	c.Detail = fmt.Sprintf("%s, by %s", toolchain.Version, t.Go)
	return c
}

func installGo() string {
	return "curl -fsSL https://go.dev/dl/" + toolchain.Version + ".linux-$(dpkg --print-architecture).tar.gz | " + asRoot("tar -C /usr/local -xz") + `; export PATH="$PATH:/usr/local/go/bin"`
}

// compiler has gcc make a shared library, as packages with code in C need. The host is linked with it where it is
// there, so one that is there must work.
func compiler(ctx context.Context) Check {
	c := Check{Name: "gcc and linker"}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	path, err := exec.LookPath("gcc")
	if err != nil {
		c.Detail, c.Mend = "gcc is not in PATH: packages with code in C cannot be imported, all else works", asRoot("apt-get install -y gcc libc6-dev")
		return c
	}
	c.Essential = true
	dir, err := os.MkdirTemp("", "goparallel-doctor-")
	if err != nil {
		c.Detail, c.Mend = err.Error(), "df -h "+os.TempDir()
		return c
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, path, "-shared", "-fPIC", "-x", "c", "-o", filepath.Join(dir, "probe.so"), "-", "-ldl", "-lpthread")
	cmd.Stdin = strings.NewReader("#include <dlfcn.h>\n#include <pthread.h>\nvoid *probe(void) { return dlopen(0, RTLD_NOW); }\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		c.Detail = fmt.Sprintf("%s cannot make a shared library: %v: %s", path, err, strings.TrimSpace(string(out)))
		c.Mend = asRoot("apt-get install -y gcc libc6-dev binutils")
		return c
	}
	version, _ := exec.CommandContext(ctx, path, "-dumpfullversion").Output()
	c.Detail = fmt.Sprintf("%s %s", path, strings.TrimSpace(string(version)))
	return c
}

// spec looks for the kernelspec, and whether it starts this binary.
func spec(binary string) Check {
	c := Check{Name: "kernelspec", Essential: true}
	dirs := dataDirs()
	for _, dir := range dirs {
		s, err := kernelspec.Goparallel.Read(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		switch {
		case err != nil:
			c.Detail, c.Mend = err.Error(), "goparallel install"
		case len(s.Argv) == 0 || !sameFile(s.Argv[0], binary):
			c.Detail, c.Mend = fmt.Sprintf("the one below %s starts another binary: %q", dir, s.Argv), binary+" install"
		default:
			c.Detail = kernelspec.Goparallel.Folder(dir)
		}
		return c
	}
	c.Detail, c.Mend = "not below "+strings.Join(dirs, ", "), binary+" install"
	return c
}

// dataDirs lists where Jupyter looks for kernelspecs, the user's own first.
func dataDirs() []string {
	var dirs []string
	if dir, err := kernelspec.UserDir(); err == nil {
		dirs = append(dirs, dir)
	}
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := os.Getenv(name); prefix != "" {
			dirs = append(dirs, kernelspec.PrefixDir(prefix))
		}
	}
	return append(dirs, kernelspec.PrefixDir("/usr/local"), kernelspec.PrefixDir("/usr"))
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// compiledPackages looks whether the packages that cells use are compiled.
func compiledPackages() Check {
	c := Check{Name: "workspace", Essential: true}
	dir, ready, err := workspace.Ready()
	c.Detail = dir
	if err != nil {
		c.Detail, c.Mend = err.Error(), "remove that folder, then: goparallel warm"
	} else if !ready {
		c.Detail, c.Mend = "not made yet: "+dir+" (the first notebook would wait for it)", "goparallel warm"
	}
	return c
}

// cache says what the cache folder holds, and what its limits are.
func cache() Check {
	c := Check{Name: "cache"}
	var err error
	if c.Detail, err = workspace.Usage(); err != nil {
		c.Detail, c.Mend = err.Error(), "goparallel warm"
	}
	return c
}

// jupyter looks for a front end. None is needed to run notebooks with
// "goparallel run".
func jupyter(ctx context.Context) Check {
	c := Check{Name: "jupyter"}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, name := range []string{"jupyter-lab", "jupyter-notebook"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if version, err := exec.CommandContext(ctx, path, "--version").Output(); err == nil {
			c.Detail = fmt.Sprintf("%s %s", path, strings.TrimSpace(string(version)))
			return c
		}
	}
	c.Detail = "neither JupyterLab nor Notebook is in PATH"
	c.Mend = asRoot("apt-get install -y pipx") + " && pipx install jupyterlab"
	return c
}

// gophernotes looks for the extended gophernotes, which nothing else needs.
func gophernotes(binary string) Check {
	c := Check{Name: "gophernotes", Detail: "not extended and installed", Mend: binary + " install --gophernotes"}
	for _, dir := range dataDirs() {
		s, err := kernelspec.Gophernotes.Read(dir)
		if err != nil || len(s.Argv) == 0 {
			continue
		}
		if _, err := os.Stat(s.Argv[0]); err == nil {
			c.Detail, c.Mend = kernelspec.Gophernotes.Folder(dir), ""
			return c
		}
	}
	return c
}

// asRoot prefixes a command with sudo where the user is not root.
func asRoot(command string) string {
	if os.Geteuid() == 0 {
		return command
	}
	return "sudo " + command
}
