//go:build unix

package launchers

import (
	"github.com/goparallel/goparallel/internal/parallel/userdir"
)

// cacheFolder is where jobs are kept unless somebody says otherwise.
func cacheFolder() (string, error) { return userdir.Cache("jobs") }

// stateFolder is where jobs are written down.
func stateFolder() (string, error) { return userdir.State("jobs") }

// trusted returns nil if a folder is this user's alone.
func trusted(folder string) error { return userdir.Folder(folder) }

// ownedSize is the size of a file that is this user's.
func ownedSize(path string) (int64, error) {
	info, err := userdir.Owned(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
