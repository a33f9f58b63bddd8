package userdir

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Temporary makes a folder of this user's alone in the folder for temporary files. Its name begins with prefix, and its
// process listens at a socket of the given name in it. Folders of processes that were killed are removed first:
// nobody listens there any longer.
func Temporary(prefix, socket string) (string, error) {
	removeAbandoned(prefix, socket)
	return os.MkdirTemp("", prefix)
}

// removeAbandoned removes folders that [Temporary] made.
func removeAbandoned(prefix, socket string) {
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		if Folder(folder) == nil && Abandoned(filepath.Join(folder, socket)) {
			os.RemoveAll(folder)
		}
	}
}

// Abandoned reports whether a path is a socket of this user at which nobody listens.
func Abandoned(path string) bool {
	info, err := Owned(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return false
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
