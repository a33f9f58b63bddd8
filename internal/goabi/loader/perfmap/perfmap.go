// Package perfmap tells perf where functions are that no file has.
//
// Perf looks them up, for a process of number N, in the file /tmp/perf-N.map, which has a
// line for each: its address and size, hexadecimal, and its name. It trusts files of the
// user's own alone.
//
// Assumed: nothing of a Go release; the form of the file is perf's.
package perfmap

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Variable is the variable of the environment that asks for a map, by any text.
const Variable = "GOPARALLEL_PERF"

// A Map is the file for a process. It stays when the process has ended, because perf
// reads it afterwards.
type Map struct{ file *os.File }

// Create makes the file for a process, which only its user may read, in the place of one
// that an earlier process of that number has left. What somebody else has put there is an
// error.
func Create(dir string, pid int) (*Map, error) {
	path := filepath.Join(dir, fmt.Sprintf("perf-%d.map", pid))
	if info, err := os.Lstat(path); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); !info.Mode().IsRegular() || ok && int(stat.Uid) != os.Geteuid() {
			return nil, fmt.Errorf("%s is not a file of this user's: remove it, or unset %s", path, Variable)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// Exclusive: what is put there meanwhile is not followed.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &Map{f}, nil
}

// A Function is one that was loaded.
type Function struct {
	Addr uintptr
	Size uint32
	Name string
}

// Add adds functions.
func (m *Map) Add(list []Function) error {
	w := bufio.NewWriter(m.file)
	for _, f := range list {
		fmt.Fprintf(w, "%x %x %s\n", f.Addr, f.Size, f.Name)
	}
	return w.Flush()
}
