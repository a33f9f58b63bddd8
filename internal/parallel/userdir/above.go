package userdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// above returns an error if one of the folders above a path lets somebody put another thing in the
// path's place: one that belongs to neither this user, root nor the owner of the root folder (who is
// not root where user ids are mapped), or that others can write to without the sticky bit. That
// a group is allowed to write counts as well, but for root's and for one of the user's number, which
// systems give to each user alone. Where a link leads is looked at, too.
func above(path string) error {
	parent := filepath.Dir(path)
	paths := []string{parent}
	for parent != "/" && parent != "." { // what is not there yet, this user makes
		real, err := filepath.EvalSymlinks(parent)
		if err == nil {
			paths = append(paths, real)
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		parent = filepath.Dir(parent)
	}
	for _, path := range paths {
		for ; ; path = filepath.Dir(path) {
			if err := trusted(path); err != nil {
				return err
			}
			if path == "/" || path == "." {
				break
			}
		}
	}
	return nil
}

// trusted returns nil where nothing is at a path.
func trusted(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	root, err := os.Lstat("/")
	if err != nil {
		return err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	first, also := root.Sys().(*syscall.Stat_t)
	if !ok || !also {
		return errors.New("the file system does not say whose " + path + " is")
	}
	if uid := int(s.Uid); uid != os.Getuid() && uid != 0 && s.Uid != first.Uid {
		return fmt.Errorf("%s belongs to user %d, who could put something else in its place", path, uid)
	}
	mode := info.Mode()
	if mode.Type() == fs.ModeSymlink || mode&fs.ModeSticky != 0 {
		return nil
	}
	ownGroup := s.Gid == 0 || int(s.Gid) == os.Getuid()
	if mode.Perm()&0o002 != 0 || mode.Perm()&0o020 != 0 && !ownGroup {
		return fmt.Errorf("others can write to the folder %s, and so put something else in its place; take the right away (chmod go-w %s)", path, path)
	}
	return nil
}
