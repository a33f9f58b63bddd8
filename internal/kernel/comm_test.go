package kernel_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/frontend"
)

func comm(id string, data map[string]any) map[string]any {
	return map[string]any{"comm_id": id, "target_name": "echo", "data": data}
}

func TestCommsCarryMessagesBothWays(t *testing.T) {
	f := newFake()
	c := start(t, "tcp", f)
	c.Execute("print a", nil) // so that the interpreter is there
	out := c.Outputs(c.Send(c.Shell, "comm_open", comm("c1", map[string]any{})))
	if got := frontend.Kinds(out); !cmp.Equal(got, []string{"busy", "comm_open", "idle"}) {
		t.Fatalf("opening published %v", got)
	}
	if m := out[1]; !cmp.Equal(m.Content, map[string]any{"comm_id": "back", "target_name": "there", "data": map[string]any{}}) || m.Metadata["version"] != "1" {
		t.Errorf("%v, metadata %v", m.Content, m.Metadata)
	}
	for _, step := range []struct {
		target string
		want   map[string]any
	}{
		{"", map[string]any{"c1": map[string]any{"target_name": "echo"}, "back": map[string]any{"target_name": "there"}}},
		{"there", map[string]any{"back": map[string]any{"target_name": "there"}}},
		{"elsewhere", map[string]any{}},
	} {
		if r, _ := c.Ask("comm_info_request", map[string]any{"target_name": step.target}); !cmp.Equal(r.Content["comms"], any(step.want)) {
			t.Errorf("open for %q: %v", step.target, r.Content)
		}
	}
	out = c.Outputs(c.Send(c.Shell, "comm_msg", comm("c1", map[string]any{"x": 1})))
	if got := frontend.Kinds(out); !cmp.Equal(got, []string{"busy", "comm_msg", "idle"}) || !cmp.Equal(out[1].Content["data"], any(map[string]any{"x": 1.0})) {
		t.Errorf("published %v", out)
	}
	c.Outputs(c.Send(c.Shell, "comm_close", comm("c1", nil)))
	for _, kind := range []string{"comm_msg", "comm_close"} { // of what is gone
		if got := frontend.Kinds(c.Outputs(c.Send(c.Shell, kind, comm("c1", map[string]any{"fail": 1})))); !cmp.Equal(got, []string{"busy", "idle"}) {
			t.Errorf("%s published %v", kind, got)
		}
	}
}

func TestACommIsServedWhileACellRuns(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	c.Execute("print a", nil)
	c.Outputs(c.Send(c.Shell, "comm_open", comm("c1", map[string]any{})))
	id := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("wait", nil))
	<-f.started
	if got := frontend.Kinds(c.Outputs(c.Send(c.Shell, "comm_msg", comm("c1", map[string]any{"x": 1})))); !cmp.Equal(got, []string{"busy", "comm_msg", "idle"}) {
		t.Errorf("published %v", got)
	}
	f.Interrupt()
	c.Reply(c.ShellC, id)
}

func TestWhatAHandlerFailsWithIsShown(t *testing.T) {
	c := start(t, "ipc", newFake())
	id := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("print a", nil))
	c.Outputs(id)
	c.Outputs(c.Send(c.Shell, "comm_open", comm("c1", map[string]any{})))
	c.Send(c.Shell, "comm_msg", comm("c1", map[string]any{"fail": 1}))
	for m := range c.IOPubC {
		if m.Kind() != "stream" {
			continue
		}
		if text := m.Content["text"].(string); m.Content["name"] != "stderr" || !strings.HasPrefix(text, "panic: ") || m.ParentID() != id {
			t.Errorf("%v below %s", m.Content, m.ParentID())
		}
		break
	}
}

func TestAnInterruptEndsAHandler(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	c.Execute("print a", nil)
	c.Outputs(c.Send(c.Shell, "comm_open", comm("c1", map[string]any{})))
	id := c.Send(c.Shell, "comm_msg", comm("c1", map[string]any{"wait": 1}))
	<-f.started
	c.Reply(c.ControlC, c.Send(c.Control, "interrupt_request", map[string]any{}))
	c.Outputs(id)
}

// The fake's session is that of widgets which know nothing of the page: as those of an engine.
func TestAPageThatIsLoadedAgainGetsTheStatesOfAllWidgets(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	id := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("print a", nil))
	c.Outputs(id)
	open := func(id string, state string) {
		f.background.Comm(cell.Comm{Kind: cell.CommOpen, ID: id, Target: "jupyter.widget", Data: json.RawMessage(`{"buffer_paths":[],"state":` + state + `}`)})
	}
	model := func(value any) map[string]any {
		return map[string]any{"model_name": "IntSliderModel", "model_module": "m", "model_module_version": "2.0.0",
			"state": map[string]any{"_model_name": "IntSliderModel", "_model_module": "m", "_model_module_version": "2.0.0", "value": value}}
	}
	for _, id := range []string{"moved", "set", "gone", "closed"} {
		open(id, `{"_model_name":"IntSliderModel","_model_module":"m","_model_module_version":"2.0.0","value":1}`)
	}
	f.background.Comm(cell.Comm{Kind: cell.CommMessage, ID: "set", Data: json.RawMessage(`{"method":"update","state":{"value":12345678901234567}}`)})
	f.background.Comm(cell.Comm{Kind: cell.CommMessage, ID: "set", Data: json.RawMessage(`{"method":"custom","content":{"value":3}}`)})
	f.background.Comm(cell.Comm{Kind: cell.CommClose, ID: "gone"})
	c.Outputs(c.Send(c.Shell, "comm_msg", comm("moved", map[string]any{"method": "update", "state": map[string]any{"value": 7}})))
	c.Outputs(c.Send(c.Shell, "comm_close", comm("closed", nil)))

	control := map[string]any{"comm_id": "page", "target_name": "jupyter.widget.control", "data": map[string]any{}}
	if got := frontend.Kinds(c.Outputs(c.Send(c.Shell, "comm_open", control))); !cmp.Equal(got, []string{"busy", "idle"}) {
		t.Fatalf("opening published %v", got)
	}
	for _, question := range []string{"request_states", "something else"} {
		control["data"] = map[string]any{"method": question}
		id := c.Send(c.Shell, "comm_msg", control)
		out := c.Outputs(id)
		if question == "something else" {
			if got := frontend.Kinds(out); !cmp.Equal(got, []string{"busy", "idle"}) {
				t.Errorf("%s published %v", question, got)
			}
			continue
		}
		want := map[string]any{"method": "update_states", "buffer_paths": []any{}, "states": map[string]any{"moved": model(7.0), "set": model(12345678901234567.0)}}
		if len(out) != 3 || out[1].Content["comm_id"] != "page" || out[1].ParentID() != id || !cmp.Equal(out[1].Content["data"], any(want)) {
			t.Errorf("published %v, want %v", out, want)
		}
	}
}
