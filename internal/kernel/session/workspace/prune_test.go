package workspace

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Of the workspaces of earlier builds a few are kept, those used lately, and those in use.
func TestOldWorkspacesAreRemoved(t *testing.T) {
	root := t.TempDir()
	now := time.Now()
	make := func(name string, days int) string {
		dir := filepath.Join(root, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, usedFile), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		used := now.Add(-time.Duration(days) * 24 * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, usedFile), used, used); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	current := make("0000000000000000", 30)
	kept := []string{
		current, make("0000000000000001", 1), make("0000000000000002", 2), make("0000000000000003", 3), make("0000000000000004", 40),
		make("gophernotes", 99), make("other", 99),
	}
	gone := []string{make("0000000000000005", 8), make("0000000000000006", 50)}
	inUse, err := lockUse(filepath.Join(kept[4], usedFile), unix.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	defer inUse.Close()
	if err := prune(current, now); err != nil {
		t.Fatal(err)
	}
	for _, dir := range kept {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
	for _, dir := range gone {
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s is still there", dir)
		}
	}
}

// A process that opens a workspace holds it until its end, also one that was removed meanwhile.
func TestWorkspacesInUseAreHeld(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0123456789abcdef")
	for range 2 {
		if err := hold(dir); err != nil {
			t.Fatal(err)
		}
		if f, err := lockUse(filepath.Join(dir, usedFile), unix.LOCK_EX|unix.LOCK_NB); err == nil {
			f.Close()
			t.Fatal("it can be removed")
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}
