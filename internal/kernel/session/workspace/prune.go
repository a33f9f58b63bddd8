package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Each build of goparallel has a workspace of its own. Older ones are removed when a new one
// is made, but for a few, those that were used lately, and those that a session uses: it
// holds a lock, so kernels that run while goparallel is updated keep what they need.
const (
	keptBuilds = 3
	keptFor    = 7 * 24 * time.Hour
)

// usedFile is locked by the processes that use a workspace; its time is that of the last use.
const usedFile = "used"

var workspaceName = regexp.MustCompile(`^[0-9a-f]{16}$`)

// held are the workspaces that this process uses until its end.
var held struct {
	sync.Mutex
	files map[string]*os.File
}

// hold marks a workspace as used until this process ends. It makes the folder where there is
// none.
func hold(dir string) error {
	held.Lock()
	defer held.Unlock()
	path := filepath.Join(dir, usedFile)
	for {
		if f := held.files[dir]; f != nil && isAt(f, path) {
			return touch(path)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		f, err := lockUse(path, unix.LOCK_SH)
		if err != nil {
			return err
		}
		if old := held.files[dir]; old != nil {
			old.Close()
		}
		if held.files == nil {
			held.files = make(map[string]*os.File)
		}
		held.files[dir] = f // unless it was removed meanwhile
	}
}

func touch(path string) error {
	now := time.Now()
	return os.Chtimes(path, now, now)
}

// isAt reports whether an open file is still the one at a path.
func isAt(f *os.File, path string) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(have, there)
}

// lockUse opens and locks a workspace's file.
func lockUse(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "flock", Path: path, Err: err}
	}
	return f, nil
}

// prune removes the workspaces beside one that nobody needs any more.
func prune(dir string, now time.Time) error {
	all, err := builds(filepath.Dir(dir))
	if err != nil {
		return err
	}
	var errs []error
	kept := 0
	for _, b := range all {
		if b.dir == dir || kept < keptBuilds-1 || now.Sub(b.used) < keptFor {
			if b.dir != dir {
				kept++
			}
			continue
		}
		f, err := lockUse(filepath.Join(b.dir, usedFile), unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.EWOULDBLOCK) {
			continue // a session uses it
		}
		if err == nil {
			err = errors.Join(os.RemoveAll(b.dir), f.Close())
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// A build is the workspace of one, and when it was used last.
type build struct {
	dir  string
	used time.Time
}

// builds lists the workspaces in a folder, those that were used last first.
func builds(root string) (list []build, err error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() || !workspaceName.MatchString(e.Name()) {
			continue
		}
		b := build{dir: filepath.Join(root, e.Name())}
		info, err := os.Stat(filepath.Join(b.dir, usedFile))
		if err != nil {
			info, err = e.Info()
		}
		if err == nil { // else somebody else has removed it
			b.used = info.ModTime()
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b build) int { return b.used.Compare(a.used) })
	return list, nil
}

// Usage says what lies in the cache folder: how many workspaces, and how many bytes they and
// the compiled cells in them have.
func Usage() (text string, err error) {
	dir, err := cacheFolder(target{arch: runtime.GOARCH})
	if err != nil {
		return "", err
	}
	all, err := builds(filepath.Dir(dir))
	if err != nil {
		return "", err
	}
	total, cells := int64(0), int64(0)
	for _, b := range all {
		total += bytesIn(b.dir)
		cells = max(cells, bytesIn(filepath.Join(b.dir, "cells")))
	}
	const mb = 1 << 20
	return fmt.Sprintf("%s: %d MB of %d builds, of which %d are kept, others for %d days after their last use; compiled cells up to %d MB of at most %d MB in each",
		filepath.Dir(dir), total/mb, len(all), keptBuilds, keptFor/(24*time.Hour), cells/mb, cacheLimit/mb), nil
}

// bytesIn is the size of all files below a folder, each counted once.
func bytesIn(dir string) (size int64) {
	seen := make(map[[2]uint64]bool)
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		var st unix.Stat_t
		if err != nil || d.IsDir() || unix.Lstat(path, &st) != nil { // it may be removed just now
			return nil
		}
		if id := [2]uint64{st.Dev, st.Ino}; !seen[id] {
			seen[id] = true
			size += st.Size
		}
		return nil
	})
	return size
}
