package parallel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// tally is metrics of a test.
type tally struct {
	mu    sync.Mutex
	count map[Counter]int
	took  map[Timer]time.Duration
}

func (m *tally) Count(c Counter, _ int, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count[c] += n
}

func (m *tally) Took(t Timer, _ int, times []time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum time.Duration
	for _, d := range times {
		sum += d
	}
	m.took[t] += sum
}

var flaky = FuncErr("observe.flaky", func(x int) (int, error) {
	if x == 1 {
		return 0, errors.New("one is refused")
	}
	return x, nil
})

// TestObserve counts what a cluster is made to do, one kind after the other, and reads what was written of it.
func TestObserve(t *testing.T) {
	m := &tally{count: map[Counter]int{}, took: map[Timer]time.Duration{}}
	var log bytes.Buffer
	rc := start(t, 2, Observe(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}), m), Output(io.Discard, io.Discard))
	if _, err := rc.LoadBalanced().MapErrSync(flaky, []int{0, 1, 2, 3}, ChunkSize(1), Retries(1, 0), Label("four")); err == nil {
		t.Fatal("no item failed")
	}
	if err := rc.RestartEngine(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	r := rc.Targets(1).Map(linger, []int{200}, ChunkSize(1))
	for rc.Status(t.Context()).Engines[1].Item != 0 {
		time.Sleep(time.Millisecond)
	}
	rc.SignalEngine(1, syscall.SIGKILL)
	if _, err := r.Get(); err != nil {
		t.Fatal(err)
	}
	r = rc.LoadBalanced().Map(linger, sleeps(1000))
	r.Cancel()
	r.Get()
	rc.Close()
	for c, least := range map[Counter]int{
		backend.EngineStarts: 4, backend.EngineDeaths: 2, backend.EngineKills: 1, backend.Calls: 3, backend.CallFailures: 1, backend.Frames: 6,
		backend.Items: 6, backend.ItemFailures: 1, backend.ItemRetries: 1, backend.ItemRedone: 1, backend.BytesOut: 1, backend.BytesIn: 1,
	} {
		if m.count[c] < least || c != backend.Frames && c != backend.Items && c != backend.BytesIn && c != backend.BytesOut && m.count[c] > least {
			t.Errorf("%s: %d, not %d", c, m.count[c], least)
		}
	}
	if m.took[backend.FrameRun] < 200*time.Millisecond || m.took[backend.CallTime] < 200*time.Millisecond {
		t.Error(m.took)
	}
	for _, text := range []string{
		`level=INFO msg="engine started" engine=0 pid=`, `level=WARN msg="engine killed" engine=0 why="it was to be started again"`,
		`level=WARN msg="engine ended" engine=1 how="was killed by signal 9`, `redone=1`, `level=DEBUG msg="call began"`, "label=four items=4", `level=INFO msg="item runs again"`,
		`level=WARN msg="call ended"`,
	} {
		if !strings.Contains(log.String(), text) {
			t.Errorf("%s is missing in\n%s", text, log.String())
		}
	}
}

// stuckHandler is a handler that waits.
type stuckHandler struct {
	slog.Handler
	open chan struct{}
}

func (h stuckHandler) Handle(ctx context.Context, r slog.Record) error {
	<-h.open
	return h.Handler.Handle(ctx, r)
}

// stuckMetrics are metrics that wait.
type stuckMetrics struct {
	tally
	open chan struct{}
}

func (m *stuckMetrics) Count(c Counter, engine, n int) {
	<-m.open
	m.tally.Count(c, engine, n)
}

// TestMetricsThatWaitHoldUpNoCall makes calls while metrics take nothing; in the end they have been told of all.
func TestMetricsThatWaitHoldUpNoCall(t *testing.T) {
	m := &stuckMetrics{tally{count: map[Counter]int{}, took: map[Timer]time.Duration{}}, make(chan struct{})}
	rc := start(t, 1, Observe(nil, m))
	for i := range 300 {
		if i == 100 {
			time.Sleep(200 * time.Millisecond) // now they wait
		}
		if ys, err := rc.LoadBalanced().MapSync(squared, []int{i}); err != nil || ys[0] != i*i {
			t.Fatal(ys, err)
		}
	}
	close(m.open)
	rc.Close()
	if m.count[backend.Calls] != 300 || m.count[backend.Items] != 300 || m.took[backend.CallTime] <= 0 {
		t.Error(m.count, m.took)
	}
}

// TestAHandlerThatWaitsHoldsUpNoCall makes more calls than records can wait for, while none is written.
func TestAHandlerThatWaitsHoldsUpNoCall(t *testing.T) {
	var log bytes.Buffer
	open := make(chan struct{})
	rc := start(t, 1, Observe(stuckHandler{slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}), open}, nil))
	for i := range 700 {
		if ys, err := rc.LoadBalanced().MapSync(squared, []int{i}); err != nil || ys[0] != i*i {
			t.Fatal(ys, err)
		}
	}
	close(open)
	rc.Close()
	if n := strings.Count(log.String(), "msg="); n < 1000 || n > 1100 {
		t.Error(n, "records")
	}
}
