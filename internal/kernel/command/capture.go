package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/goparallel/goparallel/internal/kernel/live"
)

// A Capture is what a cell has printed under %%capture.
type Capture struct{ Stdout, Stderr string }

// String returns both texts.
func (c *Capture) String() string { return c.Stdout + c.Stderr }

// capturing is the capture that runs: where standard output and standard error went
// before, and the files in which they are kept.
var capturing struct {
	sync.Mutex
	saved [2]int
	files [2]*os.File
	into  *Capture
}

// CaptureBegin begins to keep what is printed on standard output and standard error. It
// panics with a live.Failure where it cannot.
func CaptureBegin() *Capture {
	capturing.Lock()
	defer capturing.Unlock()
	capturing.into = new(Capture)
	for i := range capturing.files {
		f, err := os.CreateTemp("", "goparallel-capture-*")
		if err == nil {
			err = os.Remove(f.Name()) // it lives as long as it is open
		}
		saved := -1
		if err == nil {
			saved, err = syscall.Dup(i + 1)
		}
		if err == nil {
			syscall.CloseOnExec(saved)
			err = syscall.Dup3(int(f.Fd()), i+1, 0)
		}
		if err != nil {
			panic(live.Failure{Name: "MagicError", Value: "%%capture: " + err.Error()})
		}
		capturing.saved[i], capturing.files[i] = saved, f
	}
	return capturing.into
}

// Capturing reports whether a capture runs.
func Capturing() bool {
	capturing.Lock()
	defer capturing.Unlock()
	return capturing.into != nil
}

// CaptureEnd ends the capture of a cell, whether or not the cell came to its end. The host
// calls it after each cell.
func CaptureEnd() {
	capturing.Lock()
	defer capturing.Unlock()
	var texts [2]string
	for i, f := range capturing.files {
		if f == nil {
			continue
		}
		err := errors.Join(syscall.Dup3(capturing.saved[i], i+1, 0), syscall.Close(capturing.saved[i]))
		_, seekErr := f.Seek(0, io.SeekStart)
		data, readErr := io.ReadAll(f)
		texts[i] = string(data)
		capturing.files[i] = nil
		if err := errors.Join(err, seekErr, readErr, f.Close()); err != nil {
			fmt.Fprintf(os.Stderr, "%%%%capture: %v\n", err)
		}
	}
	if capturing.into != nil {
		capturing.into.Stdout, capturing.into.Stderr = texts[0], texts[1]
		capturing.into = nil
	}
}
