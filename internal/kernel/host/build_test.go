package host_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// workspace is a module of its own in which the tests build a host binary and
// units, as a session does.
var workspace struct {
	sync.Once
	dir string
	err error
}

// kernelVariable, in the environment, holds the path of a host binary for a
// process that only starts it and waits to be killed.
const kernelVariable = "GOPARALLEL_TEST_HOST"

func TestMain(m *testing.M) {
	if path := os.Getenv(kernelVariable); path != "" {
		p, err := host.Start(context.Background(), host.Options{Path: path})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(p.Pid())
		select {}
	}
	code := m.Run()
	if workspace.dir != "" {
		os.RemoveAll(workspace.dir)
	}
	if left := goroutinesLeft(); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines are left behind:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// goroutinesLeft returns the stacks of the package's goroutines that do not
// end.
func goroutinesLeft() (left string) {
	for range 500 {
		left = ""
		buf := make([]byte, 1<<20)
		for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, "internal/kernel/host.") && !strings.Contains(stack, "TestMain") {
				left += stack + "\n\n"
			}
		}
		if left == "" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return left
}

// hostBinary builds the host once and returns its path.
func hostBinary(t *testing.T) string {
	t.Helper()
	workspace.Do(func() { workspace.err = prepare() })
	if workspace.err != nil {
		t.Fatal(workspace.err)
	}
	return filepath.Join(workspace.dir, "host")
}

// hostMain is the path of the program that the tests run.
const hostMain = "github.com/goparallel/goparallel/hostmain"

func prepare() error {
	dir, err := os.MkdirTemp("", "goparallel-host-test-")
	if err != nil {
		return err
	}
	workspace.dir = dir
	root, err := filepath.Abs("../../..")
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	text := strings.Replace(string(mod), "module github.com/goparallel/goparallel", "module session", 1)
	text += fmt.Sprintf("\nrequire github.com/goparallel/goparallel v0.0.0\n\nreplace github.com/goparallel/goparallel => %s\n", root)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	main := `package main

import (
	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/goabi/goruntime"
	"github.com/goparallel/goparallel/internal/kernel/host/native"
	"github.com/goparallel/goparallel/internal/goabi/loader"
	"github.com/goparallel/goparallel/internal/parallel/fetch"
)

func newLoader(program string, rename func(string) string) (host.Loader, error) { return loader.New(program, rename, fetch.Local, native.Open) }

func main() {
	host.Main(host.Runtime{PendingTimer: goruntime.PendingTimer, OnExit: goruntime.OnExit, Panics: goruntime.Panics, Signal: goruntime.Signal, NewLoader: newLoader})
}
`
	// The program is a package of this module, so that it can import what is internal.
	overlay := fmt.Sprintf(`{"Replace": {%q: %q}}`, filepath.Join(root, "hostmain", "main.go"), filepath.Join(dir, "main.go"))
	for name, data := range map[string]string{"go.mod": text, "go.sum": string(sums), "main.go": main, "overlay.json": overlay} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			return err
		}
	}
	if _, err := output("go", "build", "-overlay=overlay.json", "-trimpath", "-ldflags=-checklinkname=0", "-o", "host", hostMain); err != nil {
		return err
	}
	list, err := output("go", "list", "-overlay=overlay.json", "-export", "-deps", "-trimpath", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}",
		hostMain, "github.com/goparallel/goparallel/kernel/display")
	if err != nil {
		return err
	}
	var archives []string
	for line := range strings.Lines(list) {
		if _, file, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			archives = append(archives, file)
		}
	}
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, "importcfg"), []byte(list), 0o600),
		symbols.Write(filepath.Join(dir, "host"), strings.TrimSpace(goroot), archives))
}

func output(command ...string) (string, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = workspace.dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s%s", command, err, out, stderr.String())
	}
	return string(out), nil
}

// compile builds a unit the way a session generates it: imports, declarations,
// and the statements that run when the unit does.
func compile(t *testing.T, id, imports, declarations, statements string) registry.Module {
	t.Helper()
	hostBinary(t)
	source := fmt.Sprintf(`package main

import (
	ᐧlive "github.com/goparallel/goparallel/internal/kernel/live"
	ᐧpoll "github.com/goparallel/goparallel/internal/parallel/poll"
	%s
)

var _ = ᐧpoll.Flag.Load

func ᐧbind_%s() { ᐧlive.Loaded(%q, ᐧrun_%s) }

%s

func ᐧrun_%s() {
//line cell-%s:1
%s
}
`, imports, id, id, id, declarations, id, id, statements)
	file, path := filepath.Join(workspace.dir, id+".go"), filepath.Join(workspace.dir, id+".o")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := output("go", "tool", "compile", "-p", "session", "-complete", "-trimpath", workspace.dir, "-importcfg", "importcfg", "-o", path, file); err != nil {
		t.Fatal(err)
	}
	return registry.Module{ID: id, Path: path}
}
