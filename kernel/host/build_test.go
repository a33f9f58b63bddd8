package host_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/kernel/host"
	"github.com/goparallel/goparallel/parallel/registry"
)

// workspace is a module of its own in which the tests build a host binary and
// plugins, as a session does.
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
			if strings.Contains(stack, "kernel/host.") && !strings.Contains(stack, "TestMain") {
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

func prepare() error {
	dir, err := os.MkdirTemp("", "goparallel-host-test-")
	if err != nil {
		return err
	}
	workspace.dir = dir
	root, err := filepath.Abs("../..")
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
	main := "package main\n\nimport (\n\t\"github.com/goparallel/goparallel/kernel/host\"\n\t\"github.com/goparallel/goparallel/kernel/host/innards\"\n\t\"github.com/goparallel/goparallel/kernel/host/plugins\"\n)\n\n" +
		"func main() { host.Main(host.Runtime{PendingTimer: innards.PendingTimer, OnExit: innards.OnExit, Panics: innards.Panics, Signal: innards.Signal, Open: plugins.Open}) }\n"
	for name, data := range map[string]string{"go.mod": text, "go.sum": string(sums), "hostmain/main.go": main} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			return err
		}
	}
	return goBuild("-ldflags=-checklinkname=0", "-o", "host", "./hostmain")
}

func goBuild(args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-trimpath"}, args...)...)
	cmd.Dir = workspace.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build %v: %w\n%s", args, err, out)
	}
	return nil
}

// compile builds a unit the way a session generates it: imports, declarations,
// and the statements that run when the unit does.
func compile(t *testing.T, id, imports, declarations, statements string) registry.Module {
	t.Helper()
	hostBinary(t)
	source := fmt.Sprintf(`package main

import (
	ᐧlive "github.com/goparallel/goparallel/kernel/live"
	ᐧpoll "github.com/goparallel/goparallel/parallel/poll"
	%s
)

var _ = ᐧpoll.Flag.Load

func init() { ᐧlive.Loaded(%q, ᐧrun_%s) }

%s

func ᐧrun_%s() {
//line cell-%s:1
%s
}
`, imports, id, id, declarations, id, id, statements)
	dir := filepath.Join(workspace.dir, "cell", id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cell.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "cell.so")
	if err := goBuild("-buildmode=plugin", "-o", path, "./cell/"+id); err != nil {
		t.Fatal(err)
	}
	return registry.Module{ID: id, Path: path}
}
