// Package printed is what engines print for a call, as whoever made the call has it: each engine's lines by themselves, or
// with the engine's number.
package printed

import (
	"bytes"
	"fmt"
	"sync"
)

// Most limits what is kept of an engine's output in a call, in bytes of each stream.
const Most = 256 << 10

// Texts are what the items of a call print on one of the outputs. Its methods may be called from any goroutine.
type Texts struct {
	mu    sync.Mutex
	texts map[int]*bytes.Buffer // by engine
	full  map[int]bool
}

// Keep keeps lines of an engine, unless there are too many.
func (t *Texts) Keep(engine int, lines []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.texts[engine]
	if text == nil {
		if t.texts == nil {
			t.texts, t.full = map[int]*bytes.Buffer{}, map[int]bool{}
		}
		text = new(bytes.Buffer)
		t.texts[engine] = text
	}
	for line := range bytes.Lines(lines) {
		switch {
		case t.full[engine]:
			return
		case text.Len()+len(line) > Most:
			fmt.Fprintf(text, "… it prints more than %d KB in one call: the rest is not kept\n", Most>>10)
			t.full[engine] = true
		default:
			text.Write(line)
		}
	}
}

// All returns what each engine has printed.
func (t *Texts) All() map[int]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	texts := make(map[int]string, len(t.texts))
	for engine, text := range t.texts {
		texts[engine] = text.String()
	}
	return texts
}

// Streams are the names of the outputs of which engines print on one or the other.
var Streams = [2]string{"stdout", "stderr"}

// Prefixed returns an engine's lines as people see them, each with the engine's number: [stdout:2] and the line.
func Prefixed(stream string, engine int, lines []byte) []byte {
	prefix := Prefix(stream, engine)
	out := make([]byte, 0, len(lines)+len(prefix)*(1+bytes.Count(lines, []byte("\n"))))
	for line := range bytes.Lines(lines) {
		out = append(append(out, prefix...), line...)
	}
	return out
}

// Prefix is what stands before an engine's lines.
func Prefix(stream string, engine int) string {
	return fmt.Sprintf("[%s:%d] ", stream, engine)
}
