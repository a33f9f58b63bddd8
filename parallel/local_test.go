package parallel

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A view of this process alone: what an auto view does here, and a refusal of what needs engines.
func TestLocal(t *testing.T) {
	before := runtime.NumGoroutine()
	view := Local()
	k := 3
	ys, err := view.MapSync(func(x int) int { return x * k }, numbers(10000)) // not registered
	if err != nil || len(ys) != 10000 || ys[9999] != 9999*3 || !slices.IsSorted(ys) {
		t.Error(err, len(ys))
	}
	if e := view.Explain(); e.Done != 10000 || e.Tier == Engines {
		t.Errorf("%+v", e)
	}
	if ys, err := view.MapSync(pow10, nil); err != nil || len(ys) != 0 {
		t.Error(ys, err)
	}

	_, err = view.MapErrSync(func(x int) (int, error) {
		if x == 7 {
			panic("boom")
		}
		if x == 9 {
			return 0, errNotFound
		}
		return x, nil
	}, numbers(20))
	var failed *MapError
	if !errors.As(err, &failed) || len(failed.Failures) != 2 || failed.Failures[0].Item != 7 || !failed.Failures[0].Panic || failed.Failures[1].Engine != Here || !errors.Is(err, errNotFound) {
		t.Error(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = view.With(ctx).MapSync(func(x int) int { time.Sleep(10 * time.Millisecond); return x }, numbers(100000))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if s := view.String(); s != "auto view of this process" {
		t.Error(s)
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines are left of the calls", now-before)
	}
}

func TestLocalRefusesWhatNeedsEngines(t *testing.T) {
	view := Local()
	for name, err := range map[string]error{
		"retries":     view.ForEachSync(func(int) {}, numbers(3), Retries(1, 0)),
		"timeout":     view.ForEachSync(func(int) {}, numbers(3), ItemTimeout(time.Hour)),
		"stop":        view.ForEachSync(func(int) {}, numbers(3), StopAtError()),
		"outstanding": view.ForEachSync(func(int) {}, numbers(3), MaxOutstanding(2)),
	} {
		if !errors.Is(err, errNowhere) {
			t.Error(name, err)
		}
	}
	count := 0
	writes := func(int) { count++ }
	registry.Func(registry.Info{Name: "test, counts", Writes: "assigns to count"}, writes, registry.Fn1(writes))
	if err := view.ForEachSync(writes, numbers(3)); err == nil || !strings.Contains(err.Error(), "assigns to count") || count != 0 {
		t.Error(err, count)
	}
	if err := (&DirectView{View{cluster: nowhere{}, direct: true, targets: []int{}}}).ForEachSync(func(int) {}, numbers(3), MaxOutstanding(2)); err == nil {
		t.Error("a view of no engines ran something")
	}
}
