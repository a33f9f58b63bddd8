package session

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/goparallel/goparallel/kernel/session/workspace"
)

// cached counts the files of a cache.
func cached(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestCellsOfEarlierSessionsAreNotCompiledAgain runs the same two cells in two
// sessions, and others that differ in what they are made of.
func TestCellsOfEarlierSessionsAreNotCompiledAgain(t *testing.T) {
	ws, err := workspace.Open(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cache, err := workspace.OpenCells(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := "import \"fmt\"\nvar x = 7"
	second := "fmt.Sprint(x)"
	compile := func(cells ...string) (*Session, []*Unit) {
		s, err := Open(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		s.cache = cache
		var units []*Unit
		for i, code := range cells {
			u, err := s.Compile(t.Context(), code, i+1)
			if err != nil {
				t.Fatal(err)
			}
			units = append(units, u)
		}
		return s, units
	}
	_, before := compile(first, second)
	n := cached(t, dir)
	s, after := compile(first, second)
	if cached(t, dir) != n {
		t.Error("the second session compiled its cells")
	}
	for i := range before {
		a, err1 := os.ReadFile(before[i].path)
		b, err2 := os.ReadFile(after[i].path)
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Error("a cell differs from that of the earlier session", err1, err2)
		}
	}
	if s, _ = compile("import \"fmt\"\nvar x = 1", second); cached(t, dir) == n {
		t.Error("a cell that means something else was taken from the cache")
	}

	// The same code with another build of a package is another cell.
	key := s.cache.Key(before[1].ID, s.index.builds(before[1].packages))
	for _, path := range []string{"fmt", "internal/fmtsort"} { // imported, and imported by that
		p := ws.Packages[path]
		p.Export = filepath.Join(filepath.Dir(p.Export), "another-d")
		s.index.packages[path], p = p, s.index.packages[path]
		if s.cache.Key(before[1].ID, s.index.builds(before[1].packages)) == key {
			t.Errorf("a cell with another build of %s has the same key", path)
		}
		s.index.packages[path] = p
	}
}
