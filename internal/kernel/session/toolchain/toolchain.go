// Package toolchain is the Go release that compiles cells: which one it is, where
// its go command, compiler and linker lie, and how they are run.
//
// Cells, the host that loads them and the program that compiles them must be of one
// release, since the form of objects and the layout of the runtime are those of a
// release. So the release is fixed when this program is built, [Version], and no setting of the user's shell
// or of go env reaches the commands: [Find] takes whichever go command there is and
// lets it fetch that release, and [Toolchain.Env] takes out what would change how
// packages are compiled. What a cell may write follows from the release as well,
// [Language].
//
// A command that is run here ends with its context, and so does all that it has
// started.
package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/goparallel/goparallel/internal/parallel/process"
)

// Version is the Go release that compiles cells. Cells, host and kernel binary
// must agree on it, since the form of objects is that of a release. Nothing assigns it; it is
// a variable so that a build for another patch release can set it, by the linker's -X, without an edit.
var Version = "go1.27.4"

// Language is the version of the language that cells are written in.
var Language = version.Lang(Version)

// A Toolchain is the Go command and the compiler and linker below it.
type Toolchain struct {
	// Go is the absolute path of the go command that was found, of any release.
	Go string
	// Root is GOROOT of release Version.
	Root string
	// Tools is the folder with compile and link.
	Tools string
	// Arch is the architecture that is compiled for, as GOARCH names it.
	Arch string
	// CC is the C compiler for it, "" where there is none.
	CC string
}

// For returns the same toolchain compiling for another architecture. It has no C compiler
// then: the one of this machine makes code for this machine.
func (t *Toolchain) For(arch string) *Toolchain {
	if arch == t.Arch {
		return t
	}
	other := *t
	other.Arch, other.CC = arch, ""
	return &other
}

// Find locates the go command and lets it fetch release Version through the module
// proxy where the installed Go is another one. It compiles for this machine.
func Find(ctx context.Context) (*Toolchain, error) {
	path, err := findGo()
	if err != nil {
		return nil, err
	}
	t := &Toolchain{Go: path, Arch: runtime.GOARCH, CC: CCompiler()}
	out, err := t.Run(ctx, "", nil, "env", "-json", "GOVERSION", "GOROOT", "GOTOOLDIR")
	if err != nil {
		return nil, fmt.Errorf("the go command at %s cannot provide %s: %w", path, Version, err)
	}
	var env struct{ GOVERSION, GOROOT, GOTOOLDIR string }
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	if env.GOVERSION != Version {
		return nil, fmt.Errorf("need %s, but %s is %s", Version, path, env.GOVERSION)
	}
	t.Root, t.Tools = env.GOROOT, env.GOTOOLDIR
	return t, nil
}

// findGo looks for the go command in PATH and in the places where it is usually
// installed: a Jupyter server started by a desktop or a service often has a bare
// PATH.
func findGo() (string, error) {
	if path, err := exec.LookPath("go"); err == nil {
		return filepath.Abs(path)
	}
	home, _ := os.UserHomeDir()
	for _, path := range []string{
		"/usr/local/go/bin/go", "/usr/lib/go/bin/go", "/usr/lib/go-1.27/bin/go", "/usr/lib/go-1.26/bin/go",
		"/snap/bin/go", "/opt/go/bin/go", filepath.Join(home, "go/bin/go"), filepath.Join(home, ".local/go/bin/go"),
	} {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return "", errors.New("the go command is not in PATH or in a usual place: install Go from https://go.dev/dl or with apt-get install golang-go")
}

// Command is the path of the go command: the release's own, once that is known. The
// one that was found would look for the release anew each time, and not find it
// where a user's GOMODCACHE is another one.
func (t *Toolchain) Command() string {
	if t.Root == "" {
		return t.Go
	}
	return filepath.Join(t.Root, "bin", "go")
}

// Env is the environment of every go command (for the tag, see parallel/engines_linux.go): settings of the user's shell that
// would change how packages are compiled are taken out, since units and host
// must be compiled alike.
func (t *Toolchain) Env() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch name {
		case "GOFLAGS", "GOTOOLCHAIN", "GOEXPERIMENT", "GOOS", "GOARCH", "GOROOT", "GO111MODULE", "GOWORK",
			"CGO_ENABLED", "GOAMD64", "GOARM64", "GODEBUG", "GOTOOLDIR", "GOFIPS140":
		default:
			env = append(env, kv)
		}
	}
	// Set here, they also win over what go env -w has set.
	env = append(env, "GO111MODULE=on", "GOOS="+runtime.GOOS, "GOARCH="+t.Arch, "GOFIPS140=off")
	env = append(env, "GOTOOLCHAIN="+Version, "GOFLAGS=-mod=mod -tags=goparallel_cell", "GOWORK=off")
	if t.CC != "" {
		env = append(env, "CGO_ENABLED=1")
	} else {
		env = append(env, "CGO_ENABLED=0")
	}
	if t.Root != "" {
		env = append(env, "GOROOT="+t.Root)
	}
	return env
}

// CCompiler is the command of the C compiler that the go command takes, "" where there is
// none. Without one, packages are compiled as the go command compiles them then: those of
// the standard library without their code in C, and modules' as far as they can do without.
func CCompiler() string {
	command := strings.Fields(os.Getenv("CC"))
	if len(command) == 0 {
		command = []string{"gcc"}
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		return ""
	}
	return strings.Join(command, " ")
}

// Run executes the go command in dir and returns its standard output. Each line
// that it prints on standard error is handed to progress, if not nil, and is part
// of the error.
func (t *Toolchain) Run(ctx context.Context, dir string, progress func(string), args ...string) ([]byte, error) {
	return t.RunWith(ctx, nil, dir, progress, args...)
}

// RunWith is Run with more environment variables, the last of a name wins.
func (t *Toolchain) RunWith(ctx context.Context, env []string, dir string, progress func(string), args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, t.Command(), args...)
	cmd.Dir, cmd.Env = dir, append(t.Env(), env...)
	process.Whole(cmd) // git, compilers
	var stdout bytes.Buffer
	stderr := &lineWriter{each: progress}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, strings.TrimSpace(stderr.all.String()))
	}
	return stdout.Bytes(), nil
}

// lineWriter keeps what is written and passes on each finished line.
type lineWriter struct {
	all  bytes.Buffer
	rest []byte
	each func(string)
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.all.Write(p)
	if w.each == nil {
		return len(p), nil
	}
	w.rest = append(w.rest, p...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		w.rest = rest
		w.each(string(line))
	}
}
