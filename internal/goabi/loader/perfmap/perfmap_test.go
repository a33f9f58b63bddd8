package perfmap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A map takes the place of one that was left, for its user alone, and never follows what
// somebody has put there.
func TestWhoseAMapIs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "perf-7.map")
	if err := os.WriteFile(path, []byte("of an earlier process"), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Create(dir, 7)
	if err != nil {
		t.Fatal(err)
	}
	defer m.file.Close()
	for _, name := range []string{"main.f", "main.(*T).g"} {
		if err := m.Add([]Function{{0xabc0, 0x20, name}}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if want := "abc0 20 main.f\nabc0 20 main.(*T).g\n"; err != nil || string(text) != want {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	kept := filepath.Join(dir, "kept")
	if err := os.WriteFile(kept, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(kept, filepath.Join(dir, "perf-8.map")); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, 8); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Error(err)
	}
	if text, _ := os.ReadFile(kept); string(text) != "kept" {
		t.Errorf("%q", text)
	}
}
