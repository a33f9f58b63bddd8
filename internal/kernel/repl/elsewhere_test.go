package repl_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/goparallel/goparallel/internal/parallel/process/emulated"
)

// anotherHost is the environment in which the command ssh runs what it is told here, as on a host
// of another architecture, which has nothing of this machine's folders.
func anotherHost(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	scripts := map[string]string{
		"ssh":   "#!/bin/sh\nfor command; do :; done\nXDG_CACHE_HOME=" + t.TempDir() + " exec /bin/sh -c \"$command\"\n",
		"uname": "#!/bin/sh\n[ \"$1\" = -m ] && echo aarch64 || echo Linux\n",
	}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return append(os.Environ(), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

const startElsewhere = `import (
	"context"; "fmt"; "os"; "runtime"; "strings"
	"github.com/goparallel/goparallel/parallel"
)
type point struct{ x, y int }
func (p point) sum() int { return p.x + p.y }
rc, err := parallel.Start(context.Background(), 2, parallel.On(parallel.SSH{Hosts: []string{"n1"}}),
	parallel.ShowProgress(func() func(parallel.Progress) { return func(parallel.Progress) {} }))
fmt.Print(strings.ToUpper(""))
`

// A session of this architecture has engines of another one: the host's program, the objects of cells, and
// the packages that they import are made for that.
func TestCellsOnEnginesOfAnotherArchitecture(t *testing.T) {
	if !*emulated.Arm64 {
		t.Skip("runs with -arm64")
	}
	n := openWith(t, repl.Options{Arch: runtime.GOARCH, Env: anotherHost(t)})
	if got, reply := n.run(startElsewhere + "err"); reply.Err != nil || !strings.HasSuffix(got, "=> <nil>") {
		t.Fatal(got, reply.Err)
	}
	n.ok("runtime.GOARCH", "=> amd64")
	n.ok("rc.All().MapSync(func(int) string { return runtime.GOARCH }, []int{1, 2})", "=> [arm64 arm64]")
	n.ok("k := 3\nrc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "=> [9 21]")
	// A package that neither the host nor the cells before have had, and a redefinition.
	n.ok("import \"container/ring\"\nrc.All().MapSync(func(i int) int { return ring.New(i).Len() }, []int{4, 5})", "=> [4 5]")
	n.ok("func (p point) sum() int { return p.x * p.y }\nrc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "=> [6 36]")
	// A type that its package does not export, and a package that is not of the workspace.
	n.ok("import \"encoding/binary\"\norder := binary.BigEndian\nrc.All().MapSync(func(i int) uint16 { return order.Uint16([]byte{0, byte(i)}) }, []int{4, 5})", "=> [4 5]")
	n.run("import \"gonum.org/v1/gonum/stat/combin\"")
	n.ok("rc.All().MapSync(func(i int) int { return combin.Binomial(i, 2) }, []int{4, 5})", "=> [6 10]")
	// Statements for engines, values that stay there, and an engine that takes the place of another.
	n.ok("_, err = rc.All().Execute(\"var here = runtime.GOARCH + `!`\").Get()\nerr", "=> <nil>")
	n.run("rc.LoadBalanced().MapSync(func(int) int { os.Exit(3); return 0 }, []int{1})")
	n.ok("rc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "=> [6 36]")
	n.ok("rc.Close()", "")
}

// What cannot be had elsewhere is an error that names host, architecture and reason, and nothing waits.
func TestWhatCannotBeHadElsewhere(t *testing.T) {
	env := anotherHost(t)
	path := strings.TrimPrefix(env[len(env)-1], "PATH=")
	dir, _, _ := strings.Cut(path, string(filepath.ListSeparator))
	if err := os.WriteFile(filepath.Join(dir, "uname"), []byte("#!/bin/sh\n[ \"$1\" = -m ] && echo riscv64 || echo Linux\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	n := openWith(t, repl.Options{Arch: runtime.GOARCH, Env: env})
	got, _ := n.run(startElsewhere + "err")
	for _, want := range []string{"ssh n1", "the host is Linux riscv64", "cells run on amd64 and arm64, and not on riscv64"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}
