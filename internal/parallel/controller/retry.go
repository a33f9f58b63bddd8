package controller

import (
	"context"
	"fmt"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// maxBackoff limits the pause before an item runs again.
const maxBackoff = time.Minute

// retry lets an item that failed on an engine run again, if the call allows it once
// more. The cluster is locked.
func (call *Call) retry(e *engine, item int) bool {
	tries := call.tries[item]
	if tries >= call.job.Retries {
		return false
	}
	if call.tries == nil {
		call.tries, call.retrying = map[int]int{}, map[int]*time.Timer{}
	}
	call.cluster.observer.retried(e, call, item)
	call.tries[item]++
	call.report.Retried++
	if call.job.Backoff <= 0 {
		call.retryItem(e, item)
		return true
	}
	pause := min(maxBackoff, call.job.Backoff<<min(tries, 20))
	call.retrying[item] = time.AfterFunc(pause, func() {
		c := call.cluster
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(call.retrying, item)
		if !call.over {
			call.retryItem(e, item)
		}
	})
	return true
}

// retryItem plans an item that failed on an engine for another one, or, where it belongs to
// the engine, for itself. The cluster is locked.
func (call *Call) retryItem(e *engine, item int) {
	index := call.pace[e].index
	if call.job.Pinned {
		call.schedule.ReturnTo(index, itself(item))
	} else {
		call.schedule.Again(item, index)
	}
	call.checkTargets()
	call.cluster.pokeAll()
}

// expires notes that an engine ends because an item has run too long.
func (e *engine) expires(m wire.Message) {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	a := e.sent[m.Frame]
	if a == nil || a.call.over || a.call.id != m.Call || m.First < a.First || m.First >= a.First+a.Count {
		return
	}
	a.expired = true
}

// overran is the failure of an item whose engine had to end.
func (call *Call) overran() backend.Failure {
	err := fmt.Errorf("it ran longer than %v and could not be stopped, so its engine was ended: %w", call.job.Timeout, context.DeadlineExceeded)
	return backend.Failure{Value: err.Error(), Err: err}
}
