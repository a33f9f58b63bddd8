package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/parallel"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

func TestCount(t *testing.T) {
	dir := t.TempDir()
	for i := range 200 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".txt")), []byte("Go, go!\nparallel\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "long.txt"), []byte(strings.Repeat("x", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	words, failed, err := countAll(dir)
	if err != nil || words["go"] != 400 || words["parallel"] != 200 || len(words) != 2 {
		t.Error(words, err)
	}
	if len(failed) != 1 || !strings.Contains(failed[0].Error(), "token too long") {
		t.Error(failed)
	}
	if _, _, err := countAll(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Error(err)
	}
}
