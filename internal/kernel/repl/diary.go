package repl

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// maxDiary is the size at which the older half of a diary is left out.
const maxDiary = 8 << 20

// A diary keeps the cells of all sessions of a user in a file, a JSON text for each line.
// Several kernels write to it at once.
type diary struct{ path string }

// line is one cell of the file.
type diaryLine struct {
	Count int    `json:"n"`
	Code  string `json:"c"`
}

// openDiary opens the file, which only its owner can read, and shortens it where it is
// long.
func openDiary(path string) (*diary, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	d := &diary{path}
	info, err := os.Stat(path)
	if err != nil || info.Size() < maxDiary {
		return d, nil // it begins with the first cell
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	data = data[len(data)/2:]
	data = data[bytes.IndexByte(data, '\n')+1:]
	next := path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return nil, err
	}
	return d, os.Rename(next, path)
}

// add appends a cell, in one write, so that those of several kernels do not mix.
func (d *diary) add(count int, code string) error {
	if d == nil {
		return nil
	}
	text, err := json.Marshal(diaryLine{count, code})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(d.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

// Earlier returns the cells that are kept in a file of history, the oldest first; there
// are none where the file is not there.
func Earlier(path string) ([]cell.Past, error) { return (&diary{path}).read() }

// read returns the cells, the oldest first.
func (d *diary) read() (list []cell.Past, err error) {
	data, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for text := range bytes.Lines(data) {
		var line diaryLine
		if json.Unmarshal(text, &line) == nil {
			list = append(list, cell.Past{Count: line.Count, Code: line.Code})
		}
	}
	return list, err
}
