package session

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestCompilationIsLeft ends the context of a compilation that does not look at it: in a progress
// line, which stands for whatever cannot be interrupted.
func TestCompilationIsLeft(t *testing.T) {
	entered, proceed := make(chan struct{}), make(chan struct{})
	s, err := Open(t.Context(), Options{Progress: func(string) {
		entered <- struct{}{}
		<-proceed
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Compile(t.Context(), "kept := 7", 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	huge := fmt.Sprintf("kept := \"%d\"", time.Now().UnixNano())
	for range manyLines {
		huge += "\nkept = kept"
	}
	go func() {
		_, err := s.Compile(ctx, huge, 2)
		left <- err
	}()
	<-entered
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("what was left ended with %v", err)
	}

	// Neither the next cell nor Close begins before it has ended, and who waits can be interrupted.
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Compile(ctx, "x := kept + 1", 3); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a compilation beside another ended with %v", err)
	}
	next := make(chan error, 1)
	go func() {
		_, err := s.Compile(t.Context(), "x := kept + 1", 4)
		next <- err
	}()
	select {
	case err := <-next:
		t.Errorf("another compilation ended with %v before the first", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(proceed)
	if err := <-next; err != nil {
		t.Errorf("kept is not what it was: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestTurn has work end, be left, and ask whether it is, in each order.
func TestTurn(t *testing.T) {
	turn := newTurn()
	if got, err := turn.Do(t.Context(), func(keep func() bool) (int, error) {
		if !keep() {
			t.Error("nobody waits")
		}
		return 1, nil
	}); got != 1 || err != nil {
		t.Errorf("done: %d, %v", got, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan bool, 1)
	proceed := make(chan struct{})
	if got, err := turn.Do(ctx, func(keep func() bool) (int, error) {
		cancel()
		<-proceed
		kept <- keep()
		return 2, nil
	}); got != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("left: %d, %v", got, err)
	}
	if _, err := turn.Do(ctx, func(func() bool) (int, error) { return 3, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("while the turn is taken and the context over: %v", err)
	}
	close(proceed)
	if <-kept {
		t.Error("what was left may change something")
	}
	turn.Lock() // it is over
	ctx, cancel = context.WithCancel(t.Context())
	turn.Unlock()
	if got, err := turn.Do(ctx, func(keep func() bool) (int, error) {
		kept <- keep()
		cancel()
		time.Sleep(10 * time.Millisecond)
		return 4, nil
	}); got != 4 || err != nil || !<-kept {
		t.Errorf("kept before the context ended: %d, %v", got, err)
	}
}
