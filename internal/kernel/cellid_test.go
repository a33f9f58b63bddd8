package kernel_test

import (
	"encoding/json"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/frontend"
)

// TestTheInterpreterKnowsWhichCellRuns sends what JupyterLab says about the cell, and what it
// could say wrongly.
func TestTheInterpreterKnowsWhichCellRuns(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	for metadata, want := range map[string]string{`{"cellId":"abc","trusted":true}`: "abc", `{}`: "", `{"cellId":3}`: ""} {
		header, _ := json.Marshal(map[string]any{"msg_id": "m" + want + metadata, "session": "client", "username": "tester",
			"msg_type": "execute_request", "version": "5.4", "date": "2026-11-30T00:00:00Z"})
		content, _ := json.Marshal(frontend.ExecuteContent("print a", nil))
		frames := [][]byte{header, []byte("{}"), []byte(metadata), content}
		c.SendFrames(c.Shell, append([][]byte{[]byte("<IDS|MSG>"), []byte(c.Sign(frames))}, frames...)...)
		c.Reply(c.ShellC, "m"+want+metadata)
		f.mu.Lock()
		if got := f.requests[len(f.requests)-1].ID; got != want {
			t.Errorf("%s: %q", metadata, got)
		}
		f.mu.Unlock()
	}
}
