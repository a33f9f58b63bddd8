// Package sessiontest has the declarations of a session without its workspace, for tests of the
// packages that a cell passes through: cells are checked, and code is made of them, but nothing
// is compiled, and there is no host. Packages are those that generated code refers to, and what they
// import, compiled by the go command from its cache.
package sessiontest

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// A Notebook is what cells have declared so far. It serves one test.
type Notebook struct {
	*check.Checker
	State *decl.State

	t      testing.TB
	memory *rewrite.Memory
	count  int
}

// packages are compiled once in a process.
var packages = sync.OnceValues(func() (*workspace.Workspace, error) {
	tools, err := toolchain.Find(context.Background())
	if err != nil {
		return nil, err
	}
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	out, err := tools.Run(context.Background(), root, nil, "list", "-export", "-deps", "-trimpath", golist.Fields, "--",
		workspace.LivePath, workspace.CommandPath, workspace.PollPath, workspace.RegistryPath, workspace.ParallelPath)
	if err != nil {
		return nil, err
	}
	list, err := golist.Decode[golist.Package](out)
	if err != nil {
		return nil, err
	}
	w := &workspace.Workspace{Dir: root, Tools: tools, Packages: make(map[string]workspace.Package)}
	for _, p := range list {
		if p.Export != "" {
			w.Packages[p.ImportPath] = workspace.Compiled(p)
		}
	}
	return w, nil
})

// moduleRoot is the folder of this module, in which tests run somewhere.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, statErr := os.Stat(filepath.Join(dir, "go.sum")); statErr == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			err = fmt.Errorf("the test does not run in a folder of this module")
		}
	}
	return "", err
}

// New returns a notebook without cells.
func New(t testing.TB) *Notebook {
	t.Helper()
	w, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	index, err := modules.New(w, t.TempDir(), t.TempDir(), fset)
	if err != nil {
		t.Fatal(err)
	}
	return &Notebook{
		Checker: check.NewChecker(index, fset), State: decl.NewState(types.NewPackage(compiler.SymbolPath, "main")),
		t: t, memory: rewrite.NewMemory(),
	}
}

// Env is what a question about code goes by.
func (n *Notebook) Env() check.Env { return check.Env{Checker: n.Checker, State: n.State} }

// Check checks a cell, which the notebook does not get.
func (n *Notebook) Check(source string) (*check.Cell, error) {
	n.count++
	key := check.KeyOf(fmt.Sprint(n.count, source))
	n.Cells.Put(key, []byte(source), n.count)
	env := check.Env{Checker: n.Checker, State: n.State.Next()}
	c := check.NewCell(n.t.Context(), env, syntax.NewCell(key, []byte(source)), func(string) {})
	return c, c.Check()
}

// Run checks a cell, makes its code, and adds what it declares to the notebook. The test ends
// where the cell is wrong.
func (n *Notebook) Run(source string) (*check.Cell, *rewrite.Code) {
	n.t.Helper()
	c, err := n.Check(source)
	if err != nil {
		n.t.Fatalf("%s\n%v", source, err)
	}
	code, err := rewrite.Generate(c, n.memory, rewrite.Options{})
	if err != nil {
		n.t.Fatalf("%s\n%v", source, err)
	}
	code.Order = n.count
	maps.Copy(c.State.Imports, c.Imports)
	for name := range c.Dropped {
		c.State.Drop(name)
	}
	for name, d := range code.Names {
		c.State.Set(name, d)
	}
	c.State.Shares = code.Shares
	n.State = c.State
	return c, code
}
