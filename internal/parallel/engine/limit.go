package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/poll"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// leaveTime is how long an item that has run too long may take to end. An engine whose
// item does not, because it neither looks at its context nor polls, ends itself.
const leaveTime = time.Second

// exitTimeout is the exit status of an engine that ended itself.
const exitTimeout = 3

// limit watches over the items of a frame whose call limits how long each may run.
type limit struct {
	executor *executor
	frame    *frame
	most     time.Duration

	mu      sync.Mutex
	item    int // the number of begun items, so that a late timer finds another one
	expired bool
	timer   *time.Timer
	ctx     context.Context // the item's
	cancel  context.CancelFunc
}

// begin begins to watch over the frame's current item, and returns the item's context.
func (l *limit) begin(ctx context.Context) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.item++
	item := l.item
	l.expired = false
	l.timer = time.AfterFunc(l.most, func() { l.expire(item) })
	l.ctx, l.cancel = context.WithTimeout(ctx, l.most)
	return l.ctx
}

// end ends the watch, and returns the error of an item that ran too long.
func (l *limit) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.item++
	if l.timer == nil {
		return nil // no item has begun
	}
	l.timer.Stop()
	// The context's own timer may be the first: then the item ends because of it, before expire is called.
	expired := l.expired || errors.Is(l.ctx.Err(), context.DeadlineExceeded)
	l.cancel()
	l.timer, l.expired = nil, false
	if !expired {
		return nil
	}
	return tooLong(l.most)
}

// tooLong is the error of an item that ran longer than its call allows.
func tooLong(most time.Duration) error {
	return fmt.Errorf("it ran longer than %v: %w", most, context.DeadlineExceeded)
}

// expire stops an item that still runs: its context is over, and its run is stopped.
func (l *limit) expire(item int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.item != item {
		return
	}
	l.expired = true
	l.timer = time.AfterFunc(leaveTime, func() { l.leave(item) })
	l.executor.mu.Lock()
	defer l.executor.mu.Unlock()
	l.frame.call.run.Stop()
}

// leave ends the process, because the item goes on whatever happens.
func (l *limit) leave(item int) {
	l.mu.Lock() // for good: nothing else may be noted for the item
	if l.item != item {
		l.mu.Unlock()
		return
	}
	f := l.frame
	m := &wire.Message{Envelope: wire.Envelope{Kind: wire.Expired, Call: f.call.id, Frame: f.id, First: f.first + f.next, Count: 1}}
	if l.executor.link.Send(m) == nil {
		l.executor.link.Flush()
	}
	os.Exit(exitTimeout)
}

// renew gives a call whose run was stopped for one item's sake another run. It reports
// false where the call itself was cancelled meanwhile.
func (e *executor) renew(c *call) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.inbox.dropped(c.id) {
		return false
	}
	c.run = poll.NewRun()
	return true
}
