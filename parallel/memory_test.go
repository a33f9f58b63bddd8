package parallel

import (
	"errors"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/launch"
)

var hoard = Func("hoard", func(mb int) int {
	block := make([]byte, mb<<20)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	return len(block) >> 20
})

// TestEnginesHaveALimitOfMemory: what needs more fails by that name, on engines here and of nodes, and those that are started again
// have the limit, too.
func TestEnginesHaveALimitOfMemory(t *testing.T) {
	if err := launch.CanLimit(256 << 20); err != nil {
		t.Skip(err) // of a program with the race detector
	}
	for name, where := range map[string][]StartOption{"here": nil, "on a node": {On(Command{EnginesPerNode: 2})}} {
		t.Run(name, func(t *testing.T) {
			rc := start(t, 2, append(where, EngineMemory(256<<20), Output(new(buffer), new(buffer)))...)
			ys, err := rc.LoadBalanced().MapSync(hoard, []int{1, 20, 2000, 3}, ChunkSize(1))
			var failed *MapError
			if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Item != 2 {
				t.Fatal(ys, err)
			}
			text := err.Error()
			if !strings.Contains(text, "it ended 3 engine processes; the last") || !strings.Contains(text, " needed more than its limit of memory, 256 MiB") {
				t.Error(text)
			}
			// The collector of garbage may be the first to find no memory, while another thread runs the item.
			if !strings.Contains(text, "memory_test.go:") && !strings.Contains(text, "could not tell where the goroutines were") {
				t.Error(text)
			}
			if ys[0] != 1 || ys[1] != 20 || ys[3] != 3 {
				t.Error(ys)
			}
		})
	}
}

// TestLimitsOfMemoryThatCannotBe are refused before an engine is started.
func TestLimitsOfMemoryThatCannotBe(t *testing.T) {
	for _, bytes := range []int64{-5, 0, 1, 1 << 20} {
		if rc, err := Start(t.Context(), 1, EngineMemory(bytes)); err == nil || !strings.Contains(err.Error(), "an engine needs at least 256 MiB") {
			if rc != nil {
				rc.Close()
			}
			t.Error(bytes, err)
		}
	}
	if _, err := Connect(t.Context(), "none", EngineMemory(1<<30)); err == nil || !strings.Contains(err.Error(), "EngineMemory") {
		t.Error(err)
	}
}
