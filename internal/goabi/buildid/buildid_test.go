package buildid_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/goabi/buildid"
)

// The id is what the go command says, and a file without one has none.
func TestIDOfAProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	source := program + ".go"
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := exec.Command("go", "tool", "buildid", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{program: strings.TrimSpace(string(want)), source: ""} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if id := buildid.Of(f); id != want {
			t.Errorf("%s: %q, want %q", path, id, want)
		}
	}
}
