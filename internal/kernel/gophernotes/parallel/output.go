package parallel

import (
	"encoding/json"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/gophernotes/source"
	"github.com/goparallel/goparallel/internal/parallel/printed"
)

// output is where what engines print and show goes: to the outputs of this process, which the interpreter replaces for each cell. It
// has text alone, in which stacks have the names that people know.
type output struct{ compiler *source.Compiler }

// Print prints an engine's lines.
func (o output) Print(stderr bool, engine int, lines []byte) {
	stream, file := printed.Streams[0], os.Stdout
	if stderr {
		stream, file = printed.Streams[1], os.Stderr
	}
	file.Write(printed.Prefixed(stream, engine, []byte(o.compiler.KnownNames(string(lines))))) // where output cannot be written, nobody can be told
}

// Show prints what an engine shows, as far as it is text.
func (o output) Show(engine int, what []byte) {
	var shown struct {
		Data map[string]any `json:"data"`
	}
	if json.Unmarshal(what, &shown) != nil {
		return // it is no display
	}
	if text, ok := shown.Data["text/plain"].(string); ok {
		o.Print(false, engine, []byte(text+"\n"))
	}
}
