package session

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// cached counts the files of a workspace's cache.
func cached(t *testing.T, s *Session) int {
	t.Helper()
	entries, err := os.ReadDir(s.cache.dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestCellsOfEarlierSessionsAreNotCompiledAgain runs the same two cells in two
// sessions, and others that differ in what they are made of.
func TestCellsOfEarlierSessionsAreNotCompiledAgain(t *testing.T) {
	ws, err := OpenWorkspace(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	cache := &cellCache{dir: t.TempDir()}
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
	s, before := compile(first, second)
	n := cached(t, s)
	s, after := compile(first, second)
	if cached(t, s) != n {
		t.Error("the second session compiled its cells")
	}
	for i := range before {
		a, err1 := os.ReadFile(before[i].path)
		b, err2 := os.ReadFile(after[i].path)
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Error("a cell differs from that of the earlier session", err1, err2)
		}
	}
	if s, _ = compile("import \"fmt\"\nvar x = 1", second); cached(t, s) == n {
		t.Error("a cell that means something else was taken from the cache")
	}

	// The same code with another build of a package is another cell.
	key := s.cache.key(before[1], s.index)
	for _, path := range []string{"fmt", "internal/fmtsort"} { // imported, and imported by that
		p := ws.Packages[path]
		p.Export = filepath.Join(filepath.Dir(p.Export), "another-d")
		s.index.packages[path], p = p, s.index.packages[path]
		if s.cache.key(before[1], s.index) == key {
			t.Errorf("a cell with another build of %s has the same key", path)
		}
		s.index.packages[path] = p
	}
}

func TestCacheForgetsTheOldest(t *testing.T) {
	c := &cellCache{dir: t.TempDir()}
	for i, name := range []string{"a", "b", "c"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.put(name, path); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(time.Duration(i-10) * time.Minute)
		if err := os.Chtimes(filepath.Join(c.dir, name), then, then); err != nil {
			t.Fatal(err)
		}
	}
	if !c.take("a", filepath.Join(t.TempDir(), "a")) {
		t.Fatal("a is gone")
	}
	if err := c.trim(250); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if got := c.take(name, filepath.Join(t.TempDir(), name)); got != want {
			t.Errorf("%s is kept: %v, want %v", name, got, want)
		}
	}
}
