package session

import (
	"context"
	"sync/atomic"
)

// A turn is had by one at a time: who changes what the session knows. It is a channel and no
// mutex, so that a context can end the wait for it.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// Lock waits for the turn.
func (t turn) Lock() { t <- struct{}{} }

// Unlock ends it.
func (t turn) Unlock() { <-t }

// compiled is how a compilation ends.
type compiled[R any] struct {
	result R
	err    error
}

// Do has a compilation done in a turn, and returns what it returns, or the context's error at once
// when that ends. Much of what a compilation consists of cannot be interrupted: the parser and the
// type checker take seconds for a huge cell and know no context. So it is done in a goroutine,
// which the caller leaves behind. The turn is over when that ends, so that no other compilation
// meets one that was left, and what has the turn knows that none runs.
//
// Before it changes anything for good, the compilation asks keep, which reports whether somebody
// still waits for it: from then on it is waited for whatever the context does.
func (t turn) Do[R any](ctx context.Context, compile func(keep func() bool) (R, error)) (R, error) {
	var none R
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	var decided atomic.Bool // by who is first, the one who keeps or the one who leaves
	done := make(chan compiled[R], 1)
	go func() {
		defer t.Unlock()
		result, err := compile(func() bool { return decided.CompareAndSwap(false, true) })
		done <- compiled[R]{result, err}
	}()
	select {
	case c := <-done:
		return c.result, c.err
	case <-ctx.Done():
		if decided.CompareAndSwap(false, true) {
			return none, ctx.Err()
		}
		c := <-done
		return c.result, c.err
	}
}
