package kernel_test

import (
	"context"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/google/go-cmp/cmp"
	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/frontend"
)

func TestEveryRequestIsFramedByBusyAndIdle(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		t.Run(transport, func(t *testing.T) {
			c := start(t, transport, newFake())
			for _, kind := range []string{"kernel_info_request", "comm_info_request", "connect_request", "history_request",
				"is_complete_request", "complete_request", "inspect_request", "execute_request", "no_such_request", "comm_open", "comm_msg"} {
				content := map[string]any{"code": "", "hist_access_type": "tail", "comm_id": "c", "target_name": "t", "data": map[string]any{}}
				for _, channel := range []struct {
					socket zmq4.Socket
					from   chan frontend.Message
				}{{c.Shell, c.ShellC}, {c.Control, c.ControlC}} {
					id := c.Send(channel.socket, kind, content)
					if strings.HasSuffix(kind, "_request") {
						r := c.Reply(channel.from, id)
						if want := strings.TrimSuffix(kind, "_request") + "_reply"; r.Kind() != want {
							t.Errorf("%s answered by %s", kind, r.Kind())
						}
						if r.Content["status"] == nil || r.Parent["extra"] != "kept" {
							t.Errorf("%s: content %v, parent %v", kind, r.Content, r.Parent)
						}
					}
					got := frontend.Kinds(c.Outputs(id))
					if got[0] != "busy" || got[len(got)-1] != "idle" {
						t.Errorf("%s: published %v", kind, got)
					}
				}
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	c := start(t, "ipc", newFake())
	r, _ := c.Execute("print x", nil)
	h := r.Header
	if h["version"] != "5.4" || h["session"] == "client" || h["username"] == "" {
		t.Errorf("header %v", h)
	}
	if _, err := time.Parse(time.RFC3339Nano, h["date"].(string)); err != nil {
		t.Errorf("date: %v", err)
	}
	_, out := c.Execute("print x", nil)
	if !regexp.MustCompile(`^kernel\.[0-9a-f]+\.status$`).MatchString(out[0].Topic) {
		t.Errorf("topic %q", out[0].Topic)
	}
}

func TestKernelInfo(t *testing.T) {
	c := start(t, "ipc", newFake())
	r, _ := c.Ask("kernel_info_request", map[string]any{})
	want := map[string]any{"name": "go", "version": "1.27.4", "mimetype": "text/x-go", "file_extension": ".go",
		"pygments_lexer": "go", "codemirror_mode": "go"}
	if diff := cmp.Diff(want, r.Content["language_info"]); diff != "" {
		t.Error(diff)
	}
	if r.Content["protocol_version"] != "5.4" || r.Content["banner"] == "" {
		t.Errorf("%v", r.Content)
	}
}

func TestExecute(t *testing.T) {
	c := start(t, "tcp", newFake())
	r, out := c.Execute("print hello\nprint again\neprint oh\nprint more\nresult 42", map[string]any{"user_expressions": map[string]string{"a": "1+1"}})
	if got, want := frontend.Kinds(out), []string{"busy", "execute_input", "stream", "stream", "stream", "execute_result", "idle"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	if s := out[2].Content; s["name"] != "stdout" || s["text"] != "hello\nagain\n" {
		t.Errorf("first stream %v", s)
	}
	if s := out[3].Content; s["name"] != "stderr" || s["text"] != "oh\n" {
		t.Errorf("second stream %v", s)
	}
	want := map[string]any{"execution_count": 1.0, "data": map[string]any{"text/plain": "42"}, "metadata": map[string]any{}}
	if diff := cmp.Diff(want, out[5].Content); diff != "" {
		t.Error(diff)
	}
	want = map[string]any{"status": "ok", "execution_count": 1.0, "payload": []any{}, "user_expressions": map[string]any{
		"a": map[string]any{"status": "ok", "data": map[string]any{"text/plain": "1+1"}, "metadata": map[string]any{}}}}
	if diff := cmp.Diff(want, r.Content); diff != "" {
		t.Error(diff)
	}
}

func TestExecutionCount(t *testing.T) {
	c := start(t, "ipc", newFake())
	for _, step := range []struct {
		code  string
		extra map[string]any
		want  float64
	}{
		{"print a", nil, 1},
		{"print a", map[string]any{"store_history": false}, 1},
		{"print a", map[string]any{"silent": true}, 1},
		{"", map[string]any{"silent": true}, 1},
		{"fail E v", map[string]any{"stop_on_error": false}, 2},
		{"print a", nil, 3},
	} {
		if r, _ := c.Execute(step.code, step.extra); r.Content["execution_count"] != step.want {
			t.Errorf("%q %v: count %v, want %v", step.code, step.extra, r.Content["execution_count"], step.want)
		}
	}
}

func TestSilent(t *testing.T) {
	c := start(t, "ipc", newFake())
	_, out := c.Execute("print a\nresult 1\nshow x\nfail E v", map[string]any{"silent": true})
	if got, want := frontend.Kinds(out), []string{"busy", "idle"}; !cmp.Equal(got, want) {
		t.Errorf("published %v", got)
	}
}

func TestDisplay(t *testing.T) {
	c := start(t, "ipc", newFake())
	r, out := c.Execute("show x\nupdate y\nclear\nunshowable\npage help", nil)
	if got, want := frontend.Kinds(out), []string{"busy", "execute_input", "display_data", "update_display_data", "clear_output", "display_data", "idle"}; !cmp.Equal(got, want) {
		t.Fatalf("published %v", got)
	}
	want := map[string]any{
		"data": map[string]any{"text/plain": "x", "image/png": base64.StdEncoding.EncodeToString([]byte{1, 2, 3}),
			"image/svg+xml": "<svg/>", "application/json": map[string]any{"a": 1.0}},
		"metadata": map[string]any{}, "transient": map[string]any{"display_id": "id-1"}}
	if diff := cmp.Diff(want, out[2].Content); diff != "" {
		t.Error(diff)
	}
	if out[4].Content["wait"] != true {
		t.Errorf("clear_output %v", out[4].Content)
	}
	if text := out[5].Content["data"].(map[string]any)["text/plain"]; !strings.Contains(text.(string), "cannot show application/json") {
		t.Errorf("unshowable: %v", text)
	}
	if p := r.Content["payload"].([]any); len(p) != 1 || p[0].(map[string]any)["source"] != "page" {
		t.Errorf("payload %v", p)
	}
}

func TestStreamsKeepCharactersWhole(t *testing.T) {
	c := start(t, "ipc", newFake())
	// The two parts of the euro sign arrive in different messages' time.
	_, out := c.Execute("raw "+strings.Repeat("a", 70000)+"<\nraw >", nil)
	var all string
	for _, m := range out {
		if m.Kind() == "stream" {
			all += m.Content["text"].(string)
		}
	}
	if want := strings.Repeat("a", 70000) + "€"; all != want {
		t.Errorf("got %d bytes ending in %q", len(all), all[len(all)-6:])
	}
}

func TestFloodArrivesWhole(t *testing.T) {
	c := start(t, "tcp", newFake())
	_, out := c.Execute("flood", nil)
	n := 0
	for _, m := range out {
		if m.Kind() == "stream" {
			n += len(m.Content["text"].(string))
		}
	}
	if n != 2000*1000 || len(out) > 200 {
		t.Errorf("%d bytes in %d messages", n, len(out))
	}
}

func TestError(t *testing.T) {
	c := start(t, "ipc", newFake())
	r, out := c.Execute("fail CompileError undefined: x", nil)
	if got, want := frontend.Kinds(out), []string{"busy", "execute_input", "error", "idle"}; !cmp.Equal(got, want) {
		t.Errorf("published %v", got)
	}
	want := map[string]any{"ename": "CompileError", "evalue": "undefined: x", "traceback": []any{"at line 1", "CompileError: undefined: x"}}
	if diff := cmp.Diff(want, out[2].Content); diff != "" {
		t.Error(diff)
	}
	for k, v := range want {
		if !cmp.Equal(r.Content[k], v) {
			t.Errorf("reply %s: %v", k, r.Content[k])
		}
	}
	if r.Content["status"] != "error" || r.Content["execution_count"] != 1.0 {
		t.Errorf("reply %v", r.Content)
	}
}

func TestErrorAbortsTheQueue(t *testing.T) {
	f := newFake()
	c := start(t, "tcp", f)
	first := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("wait", nil))
	second := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("print no", nil))
	info := c.Send(c.Shell, "kernel_info_request", map[string]any{})
	third := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("print no", nil))
	<-f.started
	c.Send(c.Control, "interrupt_request", map[string]any{})
	for id, want := range map[string]string{first: "error"} {
		if r := c.Reply(c.ShellC, id); r.Content["status"] != want {
			t.Errorf("first: %v", r.Content)
		}
	}
	if r := c.Reply(c.ShellC, second); r.Content["status"] != "aborted" || r.Content["execution_count"] != nil {
		t.Errorf("second: %v", r.Content)
	}
	if r := c.Reply(c.ShellC, info); r.Content["status"] != "ok" {
		t.Errorf("kernel_info behind a failed cell: %v", r.Content)
	}
	if r := c.Reply(c.ShellC, third); r.Content["status"] != "aborted" {
		t.Errorf("third: %v", r.Content)
	}
	if r, _ := c.Execute("print yes", nil); r.Content["status"] != "ok" {
		t.Errorf("after the queue: %v", r.Content)
	}
	c.Send(c.Shell, "execute_request", frontend.ExecuteContent("fail E v", map[string]any{"stop_on_error": false}))
	if r, _ := c.Execute("print yes", nil); r.Content["status"] != "ok" {
		t.Errorf("without stop_on_error: %v", r.Content)
	}
}

func TestControlAnswersWhileACellRuns(t *testing.T) {
	f := newFake()
	c := start(t, "tcp", f)
	cell := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("wait", nil))
	<-f.started
	id := c.Send(c.Control, "kernel_info_request", map[string]any{})
	c.Reply(c.ControlC, id)
	c.Outputs(id)
	if err := c.HB.Send(zmq4.NewMsg([]byte("ping"))); err != nil {
		t.Fatal(err)
	}
	if m, err := c.HB.Recv(); err != nil || string(m.Frames[0]) != "ping" {
		t.Errorf("heartbeat: %q, %v", m.Frames, err)
	}
	id = c.Send(c.Control, "interrupt_request", map[string]any{})
	if r := c.Reply(c.ControlC, id); r.Content["status"] != "ok" {
		t.Errorf("interrupt: %v", r.Content)
	}
	if r := c.Reply(c.ShellC, cell); r.Content["ename"] != "Interrupted" {
		t.Errorf("cell: %v", r.Content)
	}
}

func TestInterruptWithoutACellDoesNothing(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	c.Execute("print a", nil)
	c.Reply(c.ControlC, c.Send(c.Control, "interrupt_request", map[string]any{}))
	if f.interrupts != 0 {
		t.Error("the interpreter was interrupted")
	}
}

func TestBadMessagesAreDropped(t *testing.T) {
	c := start(t, "tcp", newFake())
	good := [][]byte{[]byte(`{"msg_id":"x","msg_type":"kernel_info_request"}`), []byte("{}"), []byte("{}"), []byte("{}")}
	delim := []byte("<IDS|MSG>")
	sign := func(f ...[]byte) [][]byte { return append([][]byte{delim, []byte(c.Sign(f))}, f...) }
	for _, frames := range [][][]byte{
		{[]byte("nonsense")},
		{delim},
		{delim, []byte("wrong"), good[0], good[1], good[2], good[3]},
		{delim, {}, good[0], good[1], good[2], good[3]},
		sign([]byte("{"), good[1], good[2], good[3]),
		sign([]byte("[]"), good[1], good[2], good[3]),
		sign(good[0], good[1]),
		{{}, {}, {}},
	} {
		c.SendFrames(c.Shell, frames...)
		c.SendFrames(c.Control, frames...)
	}
	if r, _ := c.Execute("print alive", nil); r.Content["status"] != "ok" {
		t.Errorf("%v", r.Content)
	}
	for _, content := range []any{map[string]any{"code": 7}, nil, []any{}, "print alive"} {
		r, _ := c.Ask("execute_request", content)
		if r.Content["status"] != "error" || r.Content["ename"] != "BadRequest" {
			t.Errorf("malformed content %v: %v", content, r.Content)
		}
	}
	select {
	case m := <-c.ControlC:
		t.Errorf("a bad message was answered: %v", m.Content)
	default:
	}
}

func TestPanicInTheInterpreterIsReported(t *testing.T) {
	c := start(t, "ipc", newFake())
	if r, out := c.Execute("panic oops", nil); r.Content["status"] != "error" || frontend.Kinds(out)[len(out)-1] != "idle" {
		t.Errorf("%v", r.Content)
	}
	if r, _ := c.Execute("print alive", nil); r.Content["status"] != "ok" {
		t.Errorf("%v", r.Content)
	}
}

func TestInput(t *testing.T) {
	c := start(t, "tcp", newFake())
	// An answer to a question that nobody asks any more.
	c.Send(c.Stdin, "input_reply", map[string]any{"value": "stale"})
	time.Sleep(50 * time.Millisecond)
	id := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("input name?", nil))
	q := c.Reply(c.StdinC, id)
	if q.Kind() != "input_request" || q.Content["prompt"] != "name?" || q.Content["password"] != false {
		t.Errorf("%v", q.Content)
	}
	c.Send(c.Stdin, "input_reply", map[string]any{"value": "Ada"})
	if r := c.Reply(c.ShellC, id); r.Content["status"] != "ok" {
		t.Errorf("%v", r.Content)
	}
	if out := c.Outputs(id); out[2].Content["text"] != "got Ada\n" {
		t.Errorf("%v", out[2].Content)
	}
	if r, _ := c.Execute("input name?", map[string]any{"allow_stdin": false}); r.Content["ename"] != "InputError" {
		t.Errorf("without stdin: %v", r.Content)
	}
	id = c.Send(c.Shell, "execute_request", frontend.ExecuteContent("input again?", nil))
	c.Reply(c.StdinC, id)
	c.Send(c.Control, "interrupt_request", map[string]any{})
	if r := c.Reply(c.ShellC, id); r.Content["status"] != "error" {
		t.Errorf("interrupted while waiting for input: %v", r.Content)
	}
}

func TestQuestionsAboutCode(t *testing.T) {
	c := start(t, "ipc", newFake())
	r, _ := c.Ask("is_complete_request", map[string]any{"code": "for {"})
	if diff := cmp.Diff(map[string]any{"status": "incomplete", "indent": "\t"}, r.Content); diff != "" {
		t.Error(diff)
	}
	r, _ = c.Ask("is_complete_request", map[string]any{"code": "x"})
	if diff := cmp.Diff(map[string]any{"status": "complete"}, r.Content); diff != "" {
		t.Error(diff)
	}
	r, _ = c.Ask("complete_request", map[string]any{"code": "é.Pr", "cursor_pos": 4})
	want := map[string]any{"status": "ok", "matches": []any{"Println"}, "cursor_start": 2.0, "cursor_end": 4.0,
		"metadata": map[string]any{"_jupyter_types_experimental": []any{map[string]any{
			"text": "Println", "type": "function", "signature": "(a ...any)", "start": 2.0, "end": 4.0}}}}
	if diff := cmp.Diff(want, r.Content); diff != "" {
		t.Error(diff)
	}
	r, _ = c.Ask("complete_request", map[string]any{"code": "x\né := b.N + 1", "cursor_pos": 10})
	want = map[string]any{"status": "ok", "matches": []any{"é := b.New", "é := b.Now", "é := b.Nu"}, "cursor_start": 2.0, "cursor_end": 10.0,
		"metadata": map[string]any{"_jupyter_types_experimental": []any{map[string]any{
			"text": "import \"b\"\né := b.New", "type": "function", "signature": "()", "start": 2.0, "end": 10.0}, map[string]any{
			"text": "import \"b\"\né := b.Now", "type": "function", "start": 2.0, "end": 10.0}, map[string]any{
			"text": " import \"b\"\né := b.Nu", "type": "function", "start": 2.0, "end": 10.0}}}}
	if diff := cmp.Diff(want, r.Content); diff != "" {
		t.Error(diff)
	}
	r, _ = c.Ask("complete_request", map[string]any{"code": "zzz"})
	if r.Content["status"] != "ok" || len(r.Content["matches"].([]any)) != 0 || r.Content["cursor_end"] != 3.0 {
		t.Errorf("%v", r.Content)
	}
	r, _ = c.Ask("inspect_request", map[string]any{"code": "known", "cursor_pos": 2, "detail_level": 1})
	if r.Content["found"] != true || r.Content["data"].(map[string]any)["text/plain"] != "known2 1" {
		t.Errorf("%v", r.Content)
	}
	r, _ = c.Ask("inspect_request", map[string]any{"code": "unknown", "cursor_pos": 2})
	if r.Content["found"] != false || len(r.Content["data"].(map[string]any)) != 0 {
		t.Errorf("%v", r.Content)
	}
}

// TestQuestionsWhileACellRuns asks while a cell runs, and stays busy.
func TestQuestionsWhileACellRuns(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	cell := c.Send(c.Shell, "execute_request", map[string]any{"code": "wait"})
	<-f.started
	for _, kind := range []string{"complete_request", "inspect_request", "is_complete_request"} {
		id := c.Send(c.Shell, kind, map[string]any{"code": "é.Pr"})
		if r := c.Reply(c.ShellC, id); r.Content["status"] == "error" {
			t.Errorf("%s: %v", kind, r.Content)
		}
		if got := frontend.Kinds(c.Outputs(id)); got[0] != "busy" || got[len(got)-1] != "idle" {
			t.Errorf("%s: published %v", kind, got)
		}
		if m := <-c.IOPubC; m.ParentID() != cell || m.Content["execution_state"] != "busy" {
			t.Errorf("behind %s: %v", kind, m)
		}
	}
	c.Send(c.Control, "interrupt_request", map[string]any{})
	c.Reply(c.ShellC, cell)
	got := frontend.Kinds(c.Outputs(cell))
	if got[len(got)-1] != "idle" {
		t.Errorf("the cell ended with %v", got)
	}
}

func TestHistory(t *testing.T) {
	c := start(t, "ipc", newFake())
	for _, code := range []string{"print a", "result 7", "print a"} {
		c.Execute(code, nil)
	}
	c.Execute("print hidden", map[string]any{"store_history": false})
	for _, step := range []struct {
		ask  map[string]any
		want []any
	}{
		{map[string]any{"hist_access_type": "tail", "n": 2}, []any{[]any{1.0, 2.0, "result 7"}, []any{1.0, 3.0, "print a"}}},
		{map[string]any{"hist_access_type": "range", "session": 0, "start": 2, "stop": 3, "output": true}, []any{[]any{1.0, 2.0, []any{"result 7", "7"}}}},
		{map[string]any{"hist_access_type": "range", "session": 9, "start": 1}, []any{}},
		{map[string]any{"hist_access_type": "search", "pattern": "print*"}, []any{[]any{1.0, 1.0, "print a"}, []any{1.0, 3.0, "print a"}}},
		{map[string]any{"hist_access_type": "search", "pattern": "pr?nt*", "unique": true}, []any{[]any{1.0, 3.0, "print a"}}},
	} {
		if r, _ := c.Ask("history_request", step.ask); !cmp.Equal(r.Content["history"], any(step.want)) {
			t.Errorf("%v: %v", step.ask, r.Content)
		}
	}
}

func TestHistoryOfEarlierSessions(t *testing.T) {
	c := startAt(t, frontend.Connection(t, "ipc"), newFake(), cell.Past{Count: 3, Code: "print old"}, cell.Past{Count: 1, Code: "older"})
	c.Execute("print a", nil)
	for _, step := range []struct {
		ask  map[string]any
		want []any
	}{
		{map[string]any{"hist_access_type": "tail", "n": 2}, []any{[]any{0.0, 1.0, "older"}, []any{1.0, 1.0, "print a"}}},
		{map[string]any{"hist_access_type": "range", "session": 0, "start": 0}, []any{[]any{1.0, 1.0, "print a"}}},
		{map[string]any{"hist_access_type": "search", "pattern": "print*", "output": true}, []any{[]any{0.0, 3.0, []any{"print old", nil}}, []any{1.0, 1.0, []any{"print a", nil}}}},
	} {
		if r, _ := c.Ask("history_request", step.ask); !cmp.Equal(r.Content["history"], any(step.want)) {
			t.Errorf("%v: %v", step.ask, r.Content)
		}
	}
}

func TestCommOfUnknownTargetIsClosed(t *testing.T) {
	c := start(t, "ipc", newFake())
	id := c.Send(c.Shell, "comm_open", map[string]any{"comm_id": "c1", "target_name": "jupyter.widget", "data": map[string]any{}})
	out := c.Outputs(id)
	if got := frontend.Kinds(out); !cmp.Equal(got, []string{"busy", "comm_close", "idle"}) || out[1].Content["comm_id"] != "c1" {
		t.Errorf("%v", got)
	}
}

func TestBackgroundOutputBelongsToTheLatestCell(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	id := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("print a", nil))
	c.Reply(c.ShellC, id)
	c.Outputs(id)
	f.background.Stream("stdout", "late")
	select {
	case m := <-c.IOPubC:
		if m.ParentID() != id || m.Content["text"] != "late" {
			t.Errorf("%v %v", m.Parent, m.Content)
		}
	case <-time.After(frontend.Patience):
		t.Error("nothing published")
	}
}

func TestShutdownEndsACellAndTellsEveryone(t *testing.T) {
	for _, restart := range []bool{false, true} {
		f := newFake()
		c := start(t, "tcp", f)
		c.Send(c.Shell, "execute_request", frontend.ExecuteContent("wait", nil))
		<-f.started
		id := c.Send(c.Control, "shutdown_request", map[string]any{"restart": restart})
		r := c.Reply(c.ControlC, id)
		if r.Content["status"] != "ok" || r.Content["restart"] != restart || !f.closed {
			t.Errorf("%v, interpreter closed: %v", r.Content, f.closed)
		}
		out := c.Outputs(id)
		if got := frontend.Kinds(out); !cmp.Equal(got, []string{"busy", "shutdown_reply", "idle"}) {
			t.Errorf("published %v", got)
		}
		if out[1].Header["msg_id"] == r.Header["msg_id"] {
			t.Error("the broadcast has the msg_id of the reply")
		}
	}
}

func TestInterpreterThatCannotStartIsTriedAgain(t *testing.T) {
	var attempts atomic.Int32
	c, _ := startKernel(t, "ipc", func(context.Context, func(string)) (cell.Interpreter, error) {
		if attempts.Add(1) < 3 {
			return nil, errors.New("gcc is missing: apt-get install gcc")
		}
		return newFake(), nil
	})
	r, out := c.Execute("print a", nil)
	if r.Content["ename"] != "SessionError" || !strings.Contains(r.Content["evalue"].(string), "apt-get install gcc") {
		t.Errorf("%v", r.Content)
	}
	if got := frontend.Kinds(out); !cmp.Equal(got, []string{"busy", "execute_input", "error", "idle"}) {
		t.Errorf("%v", got)
	}
	if r, _ := c.Execute("print a", nil); r.Content["status"] != "ok" {
		t.Errorf("%v", r.Content)
	}
}

func TestKernelAnswersWhileTheInterpreterStarts(t *testing.T) {
	c, k := startKernel(t, "ipc", func(ctx context.Context, _ func(string)) (cell.Interpreter, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if r, _ := c.Ask("kernel_info_request", map[string]any{}); r.Content["status"] != "ok" {
		t.Errorf("%v", r.Content)
	}
	id := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("print a", nil))
	for {
		if m := <-c.IOPubC; m.Kind() == "execute_input" {
			break
		}
	}
	time.Sleep(20 * time.Millisecond) // until the cell waits
	k.Interrupt()
	if r := c.Reply(c.ShellC, id); r.Content["ename"] != "Interrupted" {
		t.Errorf("%v", r.Content)
	}
}

func TestProgressIsShownInTheCellThatWaits(t *testing.T) {
	ready := make(chan struct{})
	c, _ := startKernel(t, "ipc", func(_ context.Context, progress func(string)) (cell.Interpreter, error) {
		<-ready
		progress("compiling the standard library")
		return newFake(), nil
	})
	id := c.Send(c.Shell, "execute_request", frontend.ExecuteContent("print a", nil))
	for {
		if m := <-c.IOPubC; m.Kind() == "execute_input" {
			break
		}
	}
	time.Sleep(20 * time.Millisecond) // until the cell waits
	close(ready)
	for _, m := range c.Outputs(id) {
		if data, _ := m.Content["data"].(map[string]any); m.Kind() == "display_data" && data["text/plain"] == "compiling the standard library" {
			return
		}
	}
	t.Error("the user does not see why the cell takes long")
}

// TestAMessageIsTakenOnce sends the same signed bytes again, on each channel.
func TestAMessageIsTakenOnce(t *testing.T) {
	f := newFake()
	c := start(t, "ipc", f)
	request := func(id, code string) [][]byte {
		parts := [][]byte{[]byte(`{"msg_id":"` + id + `","msg_type":"execute_request"}`), []byte("{}"), []byte("{}"), []byte(`{"code":"` + code + `"}`)}
		return append([][]byte{[]byte("<IDS|MSG>"), []byte(c.Sign(parts))}, parts...)
	}
	recorded := request("recorded", "print once")
	c.SendFrames(c.Shell, recorded...)
	c.Reply(c.ShellC, "recorded")
	c.SendFrames(c.Shell, recorded...)
	c.SendFrames(c.Control, recorded...)
	c.SendFrames(c.Shell, append(recorded, []byte("a buffer, which is not signed"))...)
	c.SendFrames(c.Shell, append([][]byte{[]byte("another identity")}, recorded...)...)
	id := c.Send(c.Control, "kernel_info_request", map[string]any{})
	c.Reply(c.ControlC, id)
	c.SendFrames(c.Shell, request("another", "print twice")...)
	c.Reply(c.ShellC, "another")
	if len(f.requests) != 2 || f.requests[1].Code != "print twice" {
		t.Errorf("ran %+v", f.requests)
	}
}

// TestEveryExecuteReplyHasACount asks for cells in forms that cannot be run.
// (Aborted ones have none: front ends would show it beside the cell.)
func TestEveryExecuteReplyHasACount(t *testing.T) {
	c := start(t, "tcp", newFake())
	c.Execute("print a", nil)
	for name, content := range map[string]any{
		"a number as code":     map[string]any{"code": 7},
		"no object":            []int{1},
		"a word for a boolean": map[string]any{"code": "print b", "silent": "no"},
		"a bug":                frontend.ExecuteContent("panic oh", nil),
		"an error":             frontend.ExecuteContent("fail E v", nil),
		"nothing":              map[string]any{},
	} {
		r, _ := c.Ask("execute_request", content)
		if count, ok := r.Content["execution_count"].(float64); !ok || count < 1 || r.Kind() != "execute_reply" {
			t.Errorf("%s: %s %v", name, r.Kind(), r.Content)
		}
	}
	id := c.Send(c.Control, "execute_request", frontend.ExecuteContent("print c", nil))
	if r := c.Reply(c.ControlC, id); r.Content["status"] != "error" {
		t.Errorf("on the control channel: %v", r.Content)
	}
}
