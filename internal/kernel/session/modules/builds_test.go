package modules

import (
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// TestBuildsNameWhatIsImportedToo: the same code with another build of a package that is
// imported, or imported by that, is another cell.
func TestBuildsNameWhatIsImportedToo(t *testing.T) {
	ws, err := workspace.Open(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	x, err := New(ws, t.TempDir(), t.TempDir(), token.NewFileSet())
	if err != nil {
		t.Fatal(err)
	}
	before := x.Builds([]string{"fmt"})
	for path, counts := range map[string]bool{"fmt": true, "internal/fmtsort": true, "net/http": false} {
		was := x.packages[path]
		other := was
		other.Export = filepath.Join(filepath.Dir(was.Export), "another-d")
		x.packages[path] = other
		if changed := !slices.Equal(x.Builds([]string{"fmt"}), before); changed != counts {
			t.Errorf("another build of %s makes another list: %v, want %v", path, changed, counts)
		}
		x.packages[path] = was
	}
}

// TestWhatPackagesImportIsCurrent: what was found out of packages is not remembered beyond a change of the
// index.
func TestWhatPackagesImportIsCurrent(t *testing.T) {
	ws, err := workspace.Open(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	x, err := New(ws, t.TempDir(), t.TempDir(), token.NewFileSet())
	if err != nil {
		t.Fatal(err)
	}
	lists := func(path string, in ...string) bool { return slices.Contains(x.closure(in), path) }
	if !lists("internal/fmtsort", "fmt") || !lists("net", "net/http") || lists("net", "fmt") {
		t.Error("what packages import is not listed")
	}
	x.drop([]string{"internal/fmtsort"}) // and fmt, which imports it
	if lists("fmt", "fmt") || !lists("sort", "sort") {
		t.Error("a package that was dropped is listed")
	}
}
