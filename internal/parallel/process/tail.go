package process

import (
	"strings"
	"sync"
)

// Lines that a [Tail] keeps, and bytes of each.
const (
	tailLines = 12
	tailLine  = 300
)

// Tail keeps the last lines that a process has printed, for what is said of its end. Its methods may be called from any
// goroutine.
type Tail struct {
	mu    sync.Mutex
	lines []string
}

// Add adds a line, without its line feed.
func (t *Tail) Add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, Short(line))
	if len(t.lines) > tailLines {
		t.lines = t.lines[1:]
	}
}

// String is the last lines.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}

// Short is as much of a line as is kept.
func Short[T string | []byte](line T) string { return string(line[:min(len(line), tailLine)]) }
