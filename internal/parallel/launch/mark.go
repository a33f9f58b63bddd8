package launch

import (
	"encoding/binary"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// What an engine has to say about its outputs, and what it shows, travels in them, so that its place among what is printed is the
// right one: a few bytes that nobody prints, and what they are about.
//
// An engine that works for several calls says from where on what is printed belongs to another one, by a mark with the call's number. While
// there is one call there are no marks, because each wakes who reads the output: they made an empty call three times as long.
//
// What is shown goes to the standard output in parts, each of which a pipe takes whole, so that what the process and its children print
// meanwhile stands between them and not within.

// escape begins each message.
var escape = []byte("\x00\x1bgopar\x1b")

// The kinds of messages, in the byte behind the escape: a mark, behind which the call's number follows in 8 bytes; a part of what is shown, and
// the last one, behind which their lengths follow in 2 bytes, and themselves.
const (
	markKind = 'c'
	partKind = 'p'
	lastKind = 's'
)

const (
	markHead = 8 + 1
	partHead = 8 + 1 + 2
	maxPart  = 4096 - partHead // Linux writes no more to a pipe in one piece
)

// lengthOf is the length of the message at the beginning of a text, or 0 while too little of it has come.
func lengthOf(text []byte) int {
	switch {
	case len(text) < partHead:
		return 0
	case text[len(escape)] == markKind:
		return markHead + 8
	}
	return partHead + int(binary.LittleEndian.Uint16(text[len(escape)+1:]))
}

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
	m := append(append(make([]byte, 0, markHead+8), escape...), markKind)
	m = binary.LittleEndian.AppendUint64(m, call)
	for _, fd := range outputs {
		unix.Write(fd, m) // a pipe takes it whole; where it is closed, nobody reads what is printed
	}
}

// MaxShown limits the bytes of what is shown at once.
const MaxShown = 64 << 20

var showing sync.Mutex // parts of one thing follow each other

// Show sends what this process, an engine, shows to where what it prints goes. It waits until that is read.
func Show(what []byte) error {
	if len(what) > MaxShown {
		return fmt.Errorf("%d MB are more than an engine can show at once, %d MB", len(what)>>20, MaxShown>>20)
	}
	if len(outputs) == 0 {
		return fmt.Errorf("this process has no output to show it on")
	}
	showing.Lock()
	defer showing.Unlock()
	for {
		part := what[:min(len(what), maxPart)]
		what = what[len(part):]
		kind := byte(partKind)
		if len(what) == 0 {
			kind = lastKind
		}
		m := append(append(make([]byte, 0, partHead+len(part)), escape...), kind)
		m = append(binary.LittleEndian.AppendUint16(m, uint16(len(part))), part...)
		for {
			_, err := unix.Write(outputs[0], m)
			if err == unix.EINTR {
				continue
			}
			if err != nil {
				return fmt.Errorf("nobody reads what this engine shows: %w", err)
			}
			break
		}
		if len(what) == 0 {
			return nil
		}
	}
}
