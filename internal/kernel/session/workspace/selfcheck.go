package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
)

// checkArg has the host load one object and end; see hostMain.
const checkArg = "-check"

// checkText is what it loads: a package that uses what a loader can get wrong.
const checkText = `package main

import (
	"errors"
	"fmt"
	"runtime"
	"sort"
	"text/scanner"
)

type fault struct{ code int }

func (f fault) Error() string { return fmt.Sprint("fault ", f.code) }

var kept = map[any]*[100]int{}

func deep(n int) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = v.(error)
		}
	}()
	if n == 0 {
		panic(fault{7})
	}
	return deep(n - 1)
}

func main() {
	kept[fault{1}] = &[100]int{42}
	done := make(chan error)
	go func() { done <- deep(10000) }()
	err := <-done
	runtime.GC()
	var f fault
	names := []string{"b", "a"}
	sort.Strings(names)
	if !errors.As(err, &f) || f.code != 7 || kept[fault{1}][0] != 42 || names[0] != "a" || scanner.TokenString(scanner.Int) != "Int" {
		panic(fmt.Sprint("loaded code gives wrong answers: ", err, kept, names))
	}
}
`

// checkTimeout bounds the check, which takes a moment.
const checkTimeout = time.Minute

// checkLoader has the host load an object, and reports what is wrong where it does
// not do what the object says.
func (w *Workspace) checkLoader(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	dir := filepath.Join(w.Dir, "check")
	defer os.RemoveAll(dir)
	file, config, object := filepath.Join(dir, "check.go"), filepath.Join(dir, "importcfg"), filepath.Join(dir, "check.o")
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = errors.Join(os.WriteFile(file, []byte(checkText), 0o600), os.WriteFile(config, Importcfg(w.Packages), 0o600))
	}
	if err != nil {
		return err
	}
	for _, cmd := range []*exec.Cmd{
		exec.CommandContext(ctx, filepath.Join(w.Tools.Tools, "compile"), append(compiler.Flags(dir), "-importcfg", config, "-p", compiler.SymbolPath, "-complete", "-o", object, file)...),
		exec.CommandContext(ctx, w.Host(), checkArg, object, config, compiler.SymbolPath+".main"),
	} {
		cmd.Env = w.Tools.Env()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %.1000s", filepath.Base(cmd.Path), err, bytes.TrimSpace(out))
		}
	}
	return nil
}
