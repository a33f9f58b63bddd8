package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/poll"
)

func limited(most time.Duration) (*limit, *call) {
	c := &call{run: poll.NewRun()}
	e := &executor{inbox: &inbox{}}
	return &limit{executor: e, frame: &frame{call: c}, most: most}, c
}

// An item that runs too long finds its context over and its run stopped, and fails with the reason; what runs after it
// has a time of its own.
func TestItemsThatRunTooLong(t *testing.T) {
	l, c := limited(20 * time.Millisecond)
	ctx := l.begin(t.Context())
	<-ctx.Done()
	for end := time.Now().Add(10 * time.Second); !c.run.Stopped() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	err := l.end()
	if !c.run.Stopped() || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "longer than 20ms") {
		t.Errorf("stopped %v: %v", c.run.Stopped(), err)
	}
	if err := l.end(); err != nil {
		t.Errorf("the error is told twice: %v", err)
	}
	if !l.executor.renew(c) || c.run.Stopped() {
		t.Error("the call has no run for its other items")
	}
}

// An item that ends because its time is up has run too long, whichever of the two timers came first.
func TestItemsThatEndWhenTheirTimeIsUp(t *testing.T) {
	l, c := limited(10 * time.Millisecond)
	ctx := l.begin(t.Context())
	l.timer.Stop()
	<-ctx.Done()
	if err := l.end(); err == nil || !strings.Contains(err.Error(), "longer than 10ms") || c.run.Stopped() {
		t.Errorf("stopped %v: %v", c.run.Stopped(), err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	l, _ = limited(time.Hour)
	l.begin(cancelled)
	cancel()
	if err := l.end(); err != nil {
		t.Errorf("an item of a cancelled call: %v", err)
	}
}

// An item that ends in time is left alone, also by a timer that goes off late.
func TestItemsThatEndInTime(t *testing.T) {
	l, c := limited(time.Hour)
	ctx := l.begin(t.Context())
	first := l.item
	if err := l.end(); err != nil || ctx.Err() == nil {
		t.Errorf("%v; its context is over: %v", err, ctx.Err())
	}
	second := l.begin(t.Context())
	l.expire(first) // the timer of the item before, and of its end
	l.leave(first)
	if second.Err() != nil || c.run.Stopped() || l.end() != nil {
		t.Error("the timer of an earlier item ended a later one")
	}
	if l, _ := limited(time.Hour); l.end() != nil {
		t.Error("a frame of which no item began has an error")
	}
}
