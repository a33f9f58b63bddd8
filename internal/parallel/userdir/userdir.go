// Package userdir tells whether a file or folder is this user's own. Temporary and
// cache folders can be prepared by others: what lies there is looked at before it is
// trusted, read or removed, and links are not followed.
package userdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Folder returns nil if path is a folder that belongs to this user and that nobody
// else can write to, and otherwise an error that says what is wrong and how to mend it.
// An error of a path where nothing is wraps [fs.ErrNotExist].
func Folder(path string) error {
	info, err := Owned(path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder (its mode is %v); remove it", path, info.Mode())
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others can write to the folder %s, so what is in it cannot be trusted; remove it, or take the right away: chmod go-w %s", path, path)
	}
	return nil
}

// Cache returns the path of a folder in goparallel's part of the user's cache folder. It
// is an error if one of the two is there and not this user's alone, or if somebody else can put
// another in its place: what is in them is run.
func Cache(name string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder (set HOME or XDG_CACHE_HOME): %w", err)
	}
	whole := filepath.Join(cache, "goparallel")
	dir := filepath.Join(whole, name)
	err = above(whole)
	for _, path := range []string{whole, dir} {
		if wrong := Folder(path); err == nil && !errors.Is(wrong, fs.ErrNotExist) {
			err = wrong
		}
	}
	if err != nil {
		return "", fmt.Errorf("the cache is not trusted: %w; or set XDG_CACHE_HOME to another folder", err)
	}
	return dir, nil
}

// State returns the path of a folder in goparallel's part of the user's folder for what programs remember, as the XDG base
// directories have it.
func State(name string) (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the folder for what programs remember (set HOME or XDG_STATE_HOME): %w", err)
		}
		state = filepath.Join(user, ".local", "state")
	}
	return filepath.Join(state, "goparallel", name), nil
}

// Owned returns what is at a path, itself and not what a link there leads to, if it
// belongs to this user.
func Owned(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, errors.New("the file system does not say whose " + path + " is")
	}
	if int(s.Uid) != os.Getuid() {
		return nil, fmt.Errorf("%s belongs to user %d, this process runs as user %d", path, s.Uid, os.Getuid())
	}
	return info, nil
}
