package repl_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// Commands of cells have the go command that compiles cells, where the PATH has another one that may not fetch it.
func TestCommandsHaveTheKernelsGo(t *testing.T) {
	first := t.TempDir()
	for _, name := range []string{"go", "mine"} {
		if err := os.WriteFile(filepath.Join(first, name), []byte("#!/bin/sh\necho first\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	env := append(os.Environ(), "PATH="+first+string(filepath.ListSeparator)+os.Getenv("PATH"), "GOTOOLCHAIN=local")
	n := openWith(t, repl.Options{Env: env})
	n.ok("!go env GOVERSION", toolchain.Version+"\n")
	n.ok("!mine", "first\n")
	n.ok("import \"os/exec\"\nout, err := exec.Command(\"go\", \"env\", \"GOVERSION\").Output()\nerr == nil, string(out)", "=> true "+toolchain.Version+"\n")
}
