package session

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
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
	dir := t.TempDir()
	cache, err := workspace.OpenCells(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := "import \"fmt\"\nvar x = 7"
	second := "fmt.Sprint(x)"
	compile := func(cells ...string) []*Unit {
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
		return units
	}
	before := compile(first, second)
	n := cached(t, dir)
	after := compile(first, second)
	if cached(t, dir) != n {
		t.Error("the second session compiled its cells")
	}
	for i := range before {
		a, err1 := os.ReadFile(before[i].Object)
		b, err2 := os.ReadFile(after[i].Object)
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Error("a cell differs from that of the earlier session", err1, err2)
		}
	}
	compile("import \"fmt\"\nvar x = 1", second)
	if cached(t, dir) == n {
		t.Error("a cell that means something else was taken from the cache")
	}
}

// TestTheSameCellsHaveTheSameIDs compiles a cell whose code has several things of each kind
// in two sessions: what order they are written in must not be chance.
func TestTheSameCellsHaveTheSameIDs(t *testing.T) {
	var ids []string
	for range 4 {
		s, err := Open(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		types := "type a struct{ n int }; type b struct{ n int }; type c struct{ n int }; type d struct{ n int }"
		for i, code := range []string{types, strings.ReplaceAll(types, "int", "string"), "type all struct { a; b; c; d }\nvar x all\nx.a.n"} {
			u, err := s.Compile(t.Context(), code, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if i == 2 {
				ids = append(ids, u.ID)
			}
		}
	}
	if slices.Sort(ids); ids[0] != ids[len(ids)-1] {
		t.Error("one cell was compiled as several:", ids)
	}
}
