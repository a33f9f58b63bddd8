package launch

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// An engine that works for several calls says in its outputs from where on what is printed belongs to another one,
// by a mark: a few bytes that nobody prints, and the call's number. While there is one call there are no marks,
// because each wakes who reads the output: they made an empty call three times as long.

// markSize is the length of a mark.
const markSize = 16

// mark begins each.
var mark = []byte("\x00\x1bcall\x1b\x00")

// outputs are the descriptors of an engine's standard output and error, whatever becomes of 1 and 2.
var outputs []int

// KeepOutputs notes where this process, an engine, prints.
func KeepOutputs() {
	for fd := range 2 {
		if kept, err := unix.FcntlInt(uintptr(fd+1), unix.F_DUPFD_CLOEXEC, 10); err == nil {
			outputs = append(outputs, kept)
		}
	}
}

// Mark says that what this process prints from now on belongs to a call; 0 means the one that it works for.
func Mark(call uint64) {
	m := binary.LittleEndian.AppendUint64(bytes.Clone(mark), call)
	for _, fd := range outputs {
		unix.Write(fd, m) // a pipe takes it whole; where it is closed, nobody reads what is printed
	}
}
