package host

import (
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// TestEachEngineHasALane looks at the progress of a call that runs, and at the line that stays.
func TestEachEngineHasALane(t *testing.T) {
	p := parallel.Progress{Function: "f<int>", Items: 100, Done: 30, Engines: map[int]int{1: 10, 0: 20}, Elapsed: 2 * time.Second, Left: 5 * time.Second}
	text := progressHTML(p)
	if strings.Count(text, "<progress") != 3 || !strings.Contains(text, `value="20" max="20"`) || !strings.Contains(text, "engine 0: 20, 10 a second") ||
		strings.Index(text, "engine 1: 10, 5 a second") < strings.Index(text, "engine 0") || strings.Contains(text, "f<int>") {
		t.Error(text)
	}
	p.Over = true
	if text := progressHTML(p); strings.Contains(text, "<") || !strings.HasPrefix(text, "f&lt;int&gt;: 30 of 100 items in 2s") {
		t.Error(text)
	}
	p = parallel.Progress{Function: "f", Items: 100, Done: 30, Elapsed: time.Second} // in this process
	if text := progressHTML(p); strings.Count(text, "<progress") != 1 {
		t.Error(text)
	}
}
