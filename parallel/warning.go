package parallel

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/format"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

// worthAWord is the least that a chunk size must cost before it is worth a warning.
const worthAWord = 2 * time.Millisecond

// warned holds the places in the caller's code that were told already.
var warned sync.Map

// warnOfChunk tells the caller, once for each place in the code, that the chunk size
// asked for there costs more than half of the call's time. An empty place is that of the call in the code.
func warnOfChunk(e Explanation, place string) {
	least, most := e.Planned()
	if !e.chunkCosts() || e.Elapsed-most < worthAWord {
		return
	}
	if place == "" {
		place = callSite()
	}
	if _, told := warned.LoadOrStore(place, true); !told {
		hooks.Warn(fmt.Sprintf("%s: ChunkSize(%d) costs %s or more of %s: %d frames of %s. Without it, this call would take %s.",
			place, e.Chunk, short(e.Elapsed-most), short(e.Elapsed), e.Frames, format.Count(e.Chunk, "item"), between(least, most)))
	}
}

// callSite is the file and line of the first caller outside of this package.
func callSite() string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "github.com/goparallel/goparallel/parallel.") || strings.HasSuffix(f.File, "_test.go") {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "unknown"
		}
	}
}
