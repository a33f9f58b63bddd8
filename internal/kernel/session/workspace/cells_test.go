package workspace

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCacheForgetsTheOldest(t *testing.T) {
	c := &Cells{dir: t.TempDir()}
	for i, name := range []string{"a", "b", "c"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.Put(name, path); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(time.Duration(i-10) * time.Minute)
		if err := os.Chtimes(filepath.Join(c.dir, name), then, then); err != nil {
			t.Fatal(err)
		}
	}
	if !c.Take("a", filepath.Join(t.TempDir(), "a")) {
		t.Fatal("a is gone")
	}
	if err := c.trim(250); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if got := c.Take(name, filepath.Join(t.TempDir(), name)); got != want {
			t.Errorf("%s is kept: %v, want %v", name, got, want)
		}
	}
}
