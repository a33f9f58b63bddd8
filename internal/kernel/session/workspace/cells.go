package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// cacheLimit is how many bytes of compiled cells a workspace keeps.
const cacheLimit = 1 << 30

// Cells keeps compiled cells for later sessions, which mostly run the same
// cells again. Its files are named by a hash of all that went into them.
type Cells struct {
	dir string
	// builder tells apart the programs that compile cells: another one may
	// generate other code, or finish an object in another way.
	builder string
}

// OpenCells returns the cache in a folder, which it makes, after it has removed the cells that
// were not used for the longest time, where they are more than 1 GB.
func OpenCells(dir string) (*Cells, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	c := &Cells{dir: dir, builder: fmt.Sprint(info.Size(), info.ModTime().UnixNano())}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the cache of compiled cells: %w", err)
	}
	return c, c.trim(cacheLimit)
}

// trim removes the oldest files until the rest is not larger than limit.
func (c *Cells) trim(limit int64) error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil { // else another session removed it
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	size := int64(0)
	for _, f := range files {
		if size += f.Size(); size > limit {
			if err := os.Remove(filepath.Join(c.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// Take puts the cell of that key at path, and reports whether there is one.
func (c *Cells) Take(key, path string) bool {
	kept := filepath.Join(c.dir, key)
	if LinkOrCopy(kept, path) != nil {
		return false
	}
	now := time.Now()
	_ = os.Chtimes(kept, now, now) // it only decides what is removed first
	return true
}

// Put keeps the cell at path under a key.
func (c *Cells) Put(key, path string) error {
	return LinkOrCopy(path, filepath.Join(c.dir, key))
}

// Key is the hash of all that a unit's object is made of: its code, which the unit's id
// stands for, the builds of the packages that it is compiled with, and what makes it.
func (c *Cells) Key(id string, builds []string) string {
	sum := sha256.Sum256(fmt.Appendln(nil, id, c.builder, builds))
	return hex.EncodeToString(sum[:16])
}
