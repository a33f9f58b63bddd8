package session

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestOnlyOnesOwnFoldersAreRemoved: others can prepare what lies in a temporary folder.
func TestOnlyOnesOwnFoldersAreRemoved(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", dir)
	long := time.Now().Add(-2 * time.Hour)
	make := func(name string, mode os.FileMode, lock bool) string {
		path := filepath.Join(dir, folderPrefix+name)
		err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, mode))
		if lock {
			err = errors.Join(err, os.WriteFile(filepath.Join(path, "lock"), nil, 0o600))
		}
		if err = errors.Join(err, os.Chtimes(path, long, long)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	gone := []string{make("locked by nobody", 0o700, true), make("without a lock", 0o700, false)}
	left := []string{make("open to others", 0o777, true), filepath.Join(dir, folderPrefix+"link"), elsewhere}
	if err := errors.Join(os.Symlink(elsewhere, left[1]), os.WriteFile(filepath.Join(elsewhere, "lock"), nil, 0o600), os.Chtimes(elsewhere, long, long)); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		others := make("of another user", 0o700, true)
		if err := os.Chown(others, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		left = append(left, others)
	}
	// A lock that is a link would be opened, and so made known, elsewhere.
	trap := make("a link for a lock", 0o700, false)
	if err := errors.Join(os.Symlink(filepath.Join(elsewhere, "lock"), filepath.Join(trap, "lock")), os.Chtimes(trap, time.Now(), time.Now())); err != nil {
		t.Fatal(err)
	}
	left = append(left, trap, filepath.Join(elsewhere, "lock"))
	removeAbandoned()
	for _, path := range gone {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
	for _, path := range left {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}
