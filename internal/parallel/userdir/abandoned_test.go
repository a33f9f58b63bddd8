package userdir

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// What looks like a folder of a process that was killed is removed only if it is this user's alone, and nobody
// listens there.
func TestFoldersOfKilledProcessesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	make := func(folder string, listens bool) string {
		t.Helper()
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		socket := filepath.Join(folder, "socket")
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
		if err != nil {
			t.Fatal(err)
		}
		if listens {
			t.Cleanup(func() { l.Close() })
		} else {
			l.SetUnlinkOnClose(false)
			l.Close()
		}
		return socket
	}
	mine, open, other := filepath.Join(dir, "test-mine"), filepath.Join(dir, "test-open"), filepath.Join(dir, "test-other")
	empty, target, link := filepath.Join(dir, "test-empty"), filepath.Join(dir, "target"), filepath.Join(dir, "test-link")
	make(mine, false)
	left := []string{
		make(open, false), make(filepath.Join(dir, "test-used"), true), make(target, false), make(filepath.Join(dir, "another"), false), empty, link,
	}
	os.Mkdir(empty, 0o700) // its process has just begun
	os.Symlink(target, link)
	os.Chmod(open, 0o777)
	others := make(other, false)
	if os.Chown(other, 12345, 12345) == nil {
		left = append(left, others)
	}
	folder, err := Temporary("test-", "socket")
	if err != nil {
		t.Fatal(err)
	}
	if err := Folder(folder); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(mine); err == nil {
		t.Error("this user's folder is left")
	}
	for _, path := range left {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}
