package parallel

import (
	"strings"
	"testing"
	"time"
)

// TestStatusSaysWhatRuns looks at a cluster at work, and at one that was closed.
func TestStatusSaysWhatRuns(t *testing.T) {
	rc := start(t, 2)
	r := rc.LoadBalanced(1).Map(linger, []int{400, 1}, Label("long <map>"), ChunkSize(1))
	var s Status
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if s = rc.Status(t.Context()); s.Engines[1].Item == 0 {
			break
		}
	}
	if e := s.Engines[1]; e.State != "busy" || e.Queue == 0 || e.Pid != rc.Pid(1) || e.Memory < 1<<20 || s.Engines[0].State != "idle" {
		t.Errorf("%+v", s.Engines)
	}
	if len(s.Calls) != 1 || s.Calls[0].Items != 2 || s.Calls[0].Away == 0 {
		t.Errorf("%+v", s.Calls)
	}
	for _, text := range []string{"cluster: 2 engines (1 busy, 1 idle), 1 call;", "long <map>, item 0", "0 of 2"} {
		if !strings.Contains(s.String(), text) {
			t.Errorf("%q is missing in:\n%s", text, s)
		}
	}
	if h := s.HTML(); !strings.Contains(h, "long &lt;map&gt;, item 0") || strings.Contains(h, "<map>") {
		t.Error(h)
	}
	if _, err := r.Get(); err != nil {
		t.Fatal(err)
	}
	if s := rc.Status(t.Context()); s.Engines[1].Done != 2 || s.Engines[1].State != "idle" || len(s.Calls) != 0 {
		t.Errorf("%+v", s)
	}
}
