package gophernotes

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/frontend"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// built builds the extended gophernotes, and the workspace in which its texts are
// compiled, once for all tests.
var built = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	if _, err := workspace.Open(ctx, nil); err != nil {
		return "", err
	}
	return Build(ctx, nil)
})

// kernel is a running gophernotes with a front end.
type kernel struct {
	*frontend.Client
	t   *testing.T
	pid int // of the process and of its group
}

// start starts gophernotes as Jupyter does.
func start(t *testing.T) *kernel {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	info := frontend.Connection(t, "tcp")
	data, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "connection.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, file)
	var log strings.Builder
	cmd.Dir, cmd.Stderr = dir, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("what gophernotes said:\n%s", log.String())
		}
	})
	return &kernel{frontend.Dial(t, info), t, cmd.Process.Pid}
}

// shown is what a cell showed.
type shown struct {
	text string           // printed, and the values' plain text, in order
	data []map[string]any // of values and displays
	err  string
}

// run runs a cell.
func (k *kernel) run(code string) shown {
	k.t.Helper()
	return k.outcome(k.start(code))
}

// start begins to run a cell.
func (k *kernel) start(code string) (id string) {
	k.t.Helper()
	return k.Send(k.Shell, "execute_request", frontend.ExecuteContent(code, map[string]any{"silent": false}))
}

// outcome waits for a cell.
func (k *kernel) outcome(id string) (s shown) {
	k.t.Helper()
	k.Reply(k.ShellC, id)
	var text strings.Builder
	for _, m := range k.Outputs(id) {
		switch m.Kind() {
		case "stream":
			text.WriteString(m.Content["text"].(string))
		case "execute_result", "display_data":
			data := m.Content["data"].(map[string]any)
			plain, _ := data["text/plain"].(string)
			text.WriteString(plain)
			s.data = append(s.data, data)
		case "error":
			s.err = m.Content["evalue"].(string)
		}
	}
	s.text = text.String()
	return s
}

// shows runs a cell that has to show a text.
func (k *kernel) shows(code, want string) {
	k.t.Helper()
	if got := k.run(code); got.text != want || got.err != "" {
		k.t.Errorf("%s\nshowed %q, failed with %q; want %q", code, got.text, got.err, want)
	}
}

// contains runs a cell that has to show a text among other things.
func (k *kernel) contains(code string, wants ...string) {
	k.t.Helper()
	got := k.run(code)
	for _, want := range wants {
		if got.err != "" || !strings.Contains(got.text, want) {
			k.t.Errorf("%s\nshowed %q, failed with %q; want %q", code, got.text, got.err, want)
		}
	}
}
