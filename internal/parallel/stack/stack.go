// Package stack takes from a panic's stack what concerns the user's function.
package stack

import (
	"runtime/debug"
	"strings"
)

// ours begins the names of functions that are not the user's.
var ours = []string{
	"github.com/goparallel/goparallel/parallel.(*View).",
	"github.com/goparallel/goparallel/parallel.(*inProcess).",
	"github.com/goparallel/goparallel/internal/parallel/engine.",
	"github.com/goparallel/goparallel/internal/parallel/stack.",
	"github.com/goparallel/goparallel/internal/parallel/registry.",
	"github.com/goparallel/goparallel/internal/parallel/poll.",
	"runtime/debug.",
	"panic(",
	"created by github.com/goparallel/goparallel/internal/parallel/",
	"created by github.com/goparallel/goparallel/parallel.(*inProcess).",
}

// Carried is a panic that another goroutine recovered, on its way through this one.
type Carried struct {
	Value any
	Stack string
}

// Panic returns the stack of the panic being recovered, from where the panic
// began to the function that was called with the item: two lines for each call.
func Panic() string {
	lines := strings.Split(strings.TrimSpace(string(debug.Stack())), "\n")
	var kept []string
	for i := 1; i+1 < len(lines); i += 2 { // the first line names the goroutine
		if !Ours(lines[i]) {
			kept = append(kept, lines[i], lines[i+1])
		}
	}
	return strings.Join(kept, "\n")
}

// Ours reports whether a line names a function that is not the user's.
func Ours(line string) bool {
	for _, name := range ours {
		if strings.HasPrefix(line, name) {
			return true
		}
	}
	return false
}
