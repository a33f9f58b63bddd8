package parallel

import (
	"context"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var (
	where  = Func0("engines.where", func() int { return mine })
	linger = Func("engines.linger", func(ms int) int { time.Sleep(time.Duration(ms) * time.Millisecond); return mine })
	mine   = syscall.Getpid()
)

// sleeps are items that take 10 ms each.
func sleeps(n int) []int { return slices.Repeat([]int{10}, n) }

// TestEnginesComeAndGoWhileCallsRun changes the engines of a cluster one by one under a call of every kind of view:
// nothing is lost, and what is new takes part.
func TestEnginesComeAndGoWhileCallsRun(t *testing.T) {
	rc := start(t, 2)
	before := rc.Pid(1)
	balanced := rc.LoadBalanced().Map(linger, sleeps(300))
	shares := rc.All().Map(linger, sleeps(60))
	ids, err := rc.AddEngines(t.Context(), 2)
	if err != nil || !slices.Equal(ids, []int{2, 3}) {
		t.Fatal(ids, err)
	}
	if err := rc.RestartEngine(t.Context(), 1); err != nil || rc.Pid(1) == before || rc.Pid(1) == 0 {
		t.Fatal(err, rc.Pid(1))
	}
	if err := rc.RemoveEngine(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*AsyncResult[int]{balanced, shares} {
		if pids, err := r.Get(); err != nil || slices.Contains(pids, 0) {
			t.Fatal(err)
		}
	}
	if by := balanced.Explain().Engines; by[2] == 0 || by[3] == 0 {
		t.Errorf("items by engine: %v", by)
	}
	if ids := rc.IDs(); !slices.Equal(ids, []int{1, 2, 3}) {
		t.Error(ids)
	}
	if pids, err := rc.All().ApplySync(where); err != nil || len(pids) != 3 {
		t.Error(pids, err)
	}
}

// TestEnginesThatCannotBeChanged are refused with the reason.
func TestEnginesThatCannotBeChanged(t *testing.T) {
	rc := start(t, 1)
	ctx := t.Context()
	ids, err := rc.AddEngines(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	runs := rc.Targets(ids...).Map(linger, []int{300})
	for rc.Status(ctx).Engines[1].State != "busy" {
		time.Sleep(time.Millisecond)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if err := rc.RemoveEngine(short, 1); err == nil || !strings.Contains(err.Error(), "has not finished what it runs") {
		t.Error(err)
	}
	if _, err := runs.Get(); err != nil {
		t.Error(err)
	}
	if err := rc.RemoveEngine(ctx, 1); err != nil {
		t.Error(err)
	}
	for text, err := range map[string]error{
		"it was removed":              rc.RemoveEngine(ctx, 1),
		"there is no engine 7":        rc.RestartEngine(ctx, 7),
		"the last one of the cluster": rc.RemoveEngine(ctx, 0),
		"there is no engine 1":        rc.SignalEngine(1, syscall.SIGTERM),
		"0 engines cannot be added":   theError(rc.AddEngines(ctx, 0)),
		"engine 1: it was removed":    theError(rc.Targets(1).ApplySync(where)),
	} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v instead of %q", err, text)
		}
	}
}

func theError[T any](_ T, err error) error { return err }

// TestAnEngineIsSignalled sends signals: one that the process survives, and one that ends it.
func TestAnEngineIsSignalled(t *testing.T) {
	rc := start(t, 1)
	before := rc.Pid(0)
	if err := rc.SignalEngine(0, syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	if pids, err := rc.All().ApplySync(where); err != nil || pids[0] != before {
		t.Fatal(pids, err)
	}
	if err := rc.SignalEngine(0, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if pids, err := rc.LoadBalanced().MapSync(linger, sleeps(1)); err != nil || pids[0] == before {
		t.Fatal(pids, err)
	}
}

// TestChangesOfEnginesDoNotMeet changes engines from several goroutines under load.
func TestChangesOfEnginesDoNotMeet(t *testing.T) {
	rc := start(t, 1)
	result := rc.LoadBalanced().Map(linger, sleeps(100))
	var changes sync.WaitGroup
	for range 2 {
		changes.Go(func() {
			ids, err := rc.AddEngines(context.Background(), 1)
			if err == nil {
				err = rc.RestartEngine(context.Background(), ids[0])
			}
			if err == nil {
				err = rc.RemoveEngine(context.Background(), ids[0])
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	changes.Wait()
	if pids, err := result.Get(); err != nil || slices.Contains(pids, 0) {
		t.Error(err)
	}
}
