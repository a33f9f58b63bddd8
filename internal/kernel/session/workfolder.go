package session

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/userdir"
)

// folderPrefix begins the name of a session's folder in the temporary folder.
const folderPrefix = "goparallel-session-"

// A workFolder holds a session's files: generated code, objects.
type workFolder struct {
	path string
	lock *flock.Flock // locked as long as the session's process lives
}

// newWorkFolder makes a session's folder, and removes those of sessions that ended
// without doing so.
func newWorkFolder() (*workFolder, error) {
	removeAbandoned()
	path, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(path, "lock"))
	if _, err := lock.TryLock(); err != nil {
		os.RemoveAll(path)
		return nil, fmt.Errorf("make the session's folder: %w", err)
	}
	return &workFolder{path, lock}, nil
}

// remove deletes the folder.
func (f *workFolder) remove() error {
	defer f.lock.Close()
	return os.RemoveAll(f.path)
}

// removeAbandoned deletes the folders of this user whose lock nobody holds. What
// cannot be removed is left: it is in the way of nothing. What belongs to others, or is a
// link, is not touched.
func removeAbandoned() {
	paths, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	for _, path := range paths {
		if userdir.Folder(path) != nil {
			continue
		}
		lock := flock.New(filepath.Join(path, "lock"), flock.SetFlag(os.O_RDWR|unix.O_NOFOLLOW))
		free, err := lock.TryLock()
		if err != nil {
			if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
				os.RemoveAll(path) // older than locks, or made by a process that died at once
			}
			continue
		}
		if free {
			os.RemoveAll(path)
		}
		lock.Close()
	}
}
