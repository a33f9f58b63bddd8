package modules

import (
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Packages beyond the workspace are compiled for another architecture as its files and
// constraints have them; one of which nothing is left is named.
func TestPackagesOfAnotherArchitecture(t *testing.T) {
	ws, err := workspace.Open(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	notebook := t.TempDir()
	for _, f := range txtar.Parse([]byte(`
-- go.mod --
module example.com/m
go 1.27
-- plain/plain.go --
package plain
func Word() string { return word }
-- plain/plain_amd64.go --
package plain
const word = "this is x86-64"
-- plain/plain_arm64.go --
package plain
const word = "this is arm64"
-- inc/inc.go --
package inc
// int one(void) { return 1; }
import "C"
func One() int { return int(C.one()) }
`)).Files {
		file := filepath.Join(notebook, f.Name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	x, err := New(ws, t.TempDir(), notebook, token.NewFileSet())
	if err != nil {
		t.Fatal(err)
	}
	progress := func(line string) { t.Log(line) }
	elsewhere := x.Elsewhere(&workspace.Workspace{Tools: ws.Tools.For("arm64"), Packages: ws.Packages}, t.TempDir())
	load := func(path string) {
		t.Helper()
		if wrong := x.Resolve(t.Context(), []string{path}, progress); len(wrong) > 0 {
			t.Fatal(wrong)
		}
		x.Load([]string{path})
	}
	before, err := elsewhere.Config(t.Context(), progress)
	if err != nil {
		t.Fatal(err)
	}
	load("example.com/m/plain")
	config, err := elsewhere.Config(t.Context(), progress)
	if err != nil || config != before {
		t.Fatal(config, before, err)
	}
	list, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	_, archive, _ := strings.Cut(string(list), "packagefile example.com/m/plain=")
	archive, _, _ = strings.Cut(archive, "\n")
	code, err := os.ReadFile(archive)
	if err != nil || !strings.Contains(string(code), "this is arm64") || strings.Contains(string(code), "this is x86-64") {
		t.Errorf("%q is not the package for arm64: %v", archive, err)
	}
	if own := x.Package("example.com/m/plain").Export; own == archive || !elsewhere.Has(archive) || elsewhere.Has(own) {
		t.Errorf("%q and %q: the packages of one architecture are taken for the other's", own, archive)
	}
	if ws.Tools.CC == "" {
		t.Skip("without a C compiler there is no code in C here either")
	}
	load("example.com/m/inc")
	if _, err := elsewhere.Config(t.Context(), progress); err != nil {
		t.Fatal(err)
	}
	if err := elsewhere.Lacks([]string{"example.com/m/plain"}); err != nil {
		t.Error(err)
	}
	if err := elsewhere.Lacks([]string{"example.com/m/inc"}); err == nil || !strings.Contains(err.Error(), "package example.com/m/inc cannot be compiled for arm64, for which there is no C compiler") {
		t.Errorf("code in C: %v", err)
	}
}
