package contest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// role tells this test's program what to be.
const role = "CONTEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "peer":
		if err := Serve(context.Background(), os.Stdin, os.Stdout, Hello{Version: "1.2"}, peer{}); err != nil {
			os.Exit(1)
		}
	case "missing":
		fmt.Println(`{"missing":"python3-dask"}`)
	}
}

// peer does what a test's tasks say.
type peer struct{}

func (peer) Close() error { return nil }

func (peer) Do(_ context.Context, t Task) ([]float64, error) {
	switch t.Kind {
	case "fail":
		return nil, errors.New("it failed")
	case "die":
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(3)
	}
	return t.Time(func() error { time.Sleep(time.Millisecond); return nil })
}

func TestProcess(t *testing.T) {
	ctx := t.Context()
	p, err := Open(ctx, []string{role + "=peer"}, os.Args[0])
	if err != nil || p.Version != "1.2" {
		t.Fatal(p, err)
	}
	if seconds, err := p.Do(ctx, Task{Kind: "sleep", Repeat: 3, Warm: true}); err != nil || len(seconds) != 3 || seconds[0] < 0.001 {
		t.Errorf("%v %v", seconds, err)
	}
	if _, err := p.Do(ctx, Task{Kind: "fail"}); err == nil || err.Error() != "it failed" {
		t.Errorf("after a failure: %v", err)
	}
	if seconds, err := p.Do(ctx, Task{Kind: "sleep", Repeat: 1}); err != nil || len(seconds) != 1 {
		t.Errorf("after a failure it does no more: %v %v", seconds, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestProcessEnds(t *testing.T) {
	p, err := Open(t.Context(), []string{role + "=peer"}, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Do(t.Context(), Task{Kind: "die"}); err == nil || !strings.Contains(err.Error(), "the last words") {
		t.Errorf("of a process that ended: %v", err)
	}
}

func TestMissing(t *testing.T) {
	if _, err := Open(t.Context(), []string{role + "=missing"}, os.Args[0]); err == nil || err.Error() != "python3-dask is not installed" {
		t.Error(err)
	}
}

func TestTimeAfter(t *testing.T) {
	var order strings.Builder
	say := func(word string) func() error { return func() error { order.WriteString(word); return nil } }
	seconds, err := Task{Repeat: 2, Warm: true}.TimeAfter(say("a"), say("b"))
	if err != nil || len(seconds) != 2 || order.String() != "ababab" {
		t.Errorf("%v %v %s", seconds, err, order.String())
	}
}

func TestCalls(t *testing.T) {
	for _, setting := range []string{"default", "best"} {
		task := Task{Setting: setting, Repeat: 1}
		if _, err := task.Calls(2, []int{1, 2, 3, 4, 5}, func(server, item int) (int, error) {
			if server < 0 || server > 1 {
				return 0, fmt.Errorf("server %d", server)
			}
			return item, nil
		}); err != nil {
			t.Error(err)
		}
		if _, err := task.Calls(2, []int{1, 2, 3}, func(_, item int) (int, error) { return 0, fmt.Errorf("item %d", item) }); err == nil {
			t.Error("a failed call is no error")
		}
	}
}
