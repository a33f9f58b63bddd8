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

// A Capture is what a cell has printed under %%capture, and what it has displayed, its value
// included.
type Capture struct {
	Stdout, Stderr string
	Outputs        []Shown
}

// A Shown is one thing that was displayed: what it is by MIME type, as it travels to the front
// end. It shows itself.
type Shown struct{ Data, Metadata map[string]any }

// MIME returns the data.
func (s Shown) MIME() map[string]any { return s.Data }

// String returns the text form.
func (s Shown) String() string { return fmt.Sprint(s.Data["text/plain"]) }

// String returns both texts.
func (c *Capture) String() string { return c.Stdout + c.Stderr }

// capturing is the capture that runs: where standard output and standard error went
// before, the files in which they are kept, and the handles of what is displayed.
var capturing struct {
	sync.Mutex
	saved    [2]int
	files    [2]*os.File
	into     *Capture
	displays bool
	ids      map[string]int // of Outputs, by handle
}

// CaptureBegin begins to keep what is printed on standard output and standard error, and what is
// displayed. It panics with a live.Failure where it cannot.
func CaptureBegin(stdout, stderr, displays bool) *Capture {
	capturing.Lock()
	defer capturing.Unlock()
	capturing.into, capturing.displays, capturing.ids = new(Capture), displays, make(map[string]int)
	for i, wanted := range []bool{stdout, stderr} {
		if !wanted {
			continue
		}
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

// Keep keeps what is displayed, and reports whether a capture takes it. The id is that of a handle, or
// empty.
func Keep(data, metadata map[string]any, id string) bool {
	capturing.Lock()
	defer capturing.Unlock()
	if capturing.into == nil || !capturing.displays {
		return false
	}
	if id != "" {
		capturing.ids[id] = len(capturing.into.Outputs)
	}
	capturing.into.Outputs = append(capturing.into.Outputs, Shown{data, metadata})
	return true
}

// KeepUpdate puts what is displayed in the place of what a handle has shown, and reports whether
// that was kept.
func KeepUpdate(data, metadata map[string]any, id string) bool {
	capturing.Lock()
	defer capturing.Unlock()
	i, ok := capturing.ids[id]
	if ok {
		capturing.into.Outputs[i] = Shown{data, metadata}
	}
	return ok
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
		capturing.into, capturing.ids = nil, nil
	}
}
