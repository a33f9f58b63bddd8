package engine

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// linked returns an inbox and the controller's end of its link. Calls that the inbox wants
// stopped are sent to the channel.
func linked(t *testing.T) (in *inbox, controller *wire.Link, stopped chan uint64) {
	t.Helper()
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	l, err := wire.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	secret, build := wire.NewSecret(), wire.Build{1}
	arrived, cancel := l.Expect(secret, build)
	defer cancel()
	link, err := wire.Dial(context.Background(), l.Address(), secret, build, nil)
	if err != nil {
		t.Fatal(err)
	}
	controller = (<-arrived).Link
	t.Cleanup(func() { controller.Close(); link.Close(); l.Close() })
	stopped = make(chan uint64, 10)
	return newInbox(link, func(call uint64) { stopped <- call }), controller, stopped
}

// tell sends messages that leave together.
func tell(t *testing.T, link *wire.Link, envelopes ...wire.Envelope) {
	t.Helper()
	for _, e := range envelopes {
		if err := link.Send(&wire.Message{Envelope: e}); err != nil {
			t.Error(err)
		}
	}
	if err := link.Flush(); err != nil {
		t.Error(err)
	}
}

func frameOf(call, number uint64) wire.Envelope {
	return wire.Envelope{Kind: wire.Frame, Call: call, Frame: number, Count: 1}
}

// want takes the next message and compares its kind and number.
func want(t *testing.T, in *inbox, kind wire.Kind, frame uint64) {
	t.Helper()
	m, ok := in.next()
	if !ok || m.Kind != kind || m.Frame != frame {
		t.Fatalf("got kind %d, frame %d, %v, want kind %d, frame %d", m.Kind, m.Frame, ok, kind, frame)
	}
	if m.at.IsZero() || time.Since(m.at) > time.Minute {
		t.Errorf("it arrived at %v", m.at)
	}
}

func TestMessagesComeInOrder(t *testing.T) {
	in, controller, _ := linked(t)
	tell(t, controller, frameOf(1, 1), frameOf(1, 2))
	want(t, in, wire.Frame, 1)
	if in.empty() {
		t.Error("one message has arrived and is not taken")
	}
	want(t, in, wire.Frame, 2)
	if !in.empty() {
		t.Error("all messages are taken")
	}
	go tell(t, controller, frameOf(1, 3))
	want(t, in, wire.Frame, 3)
	controller.Close()
	if _, ok := in.next(); ok {
		t.Error("the link has ended")
	}
}

// While items run for long, another one reads: what cannot wait is done, the rest is kept.
func TestLongItemsAreRelieved(t *testing.T) {
	in, controller, stopped := linked(t)
	tell(t, controller, frameOf(1, 1))
	want(t, in, wire.Frame, 1)
	in.busy()
	tell(t, controller, frameOf(1, 2), frameOf(1, 3), wire.Envelope{Kind: wire.Withdraw, Call: 1, Frame: 2}, wire.Envelope{Kind: wire.Cancel, Call: 1})
	select {
	case call := <-stopped:
		if call != 1 {
			t.Errorf("call %d was stopped", call)
		}
	case <-time.After(time.Minute):
		t.Fatal("a cancellation did not reach the call that runs")
	}
	if !in.dropped(1) {
		t.Error("the call's frames are still to be run")
	}
	if m, err := controller.Recv(); err != nil || m.Kind != wire.Withdrawn || m.Frame != 2 {
		t.Errorf("the answer to a withdrawal is %+v, %v", m.Envelope, err)
	}
	want(t, in, wire.Frame, 3)
	want(t, in, wire.Cancel, 0)
	in.stopped(1)
	if in.dropped(1) {
		t.Error("the call is still cancelled")
	}
	// The executor waits while the other one reads, and reads itself again afterwards.
	go tell(t, controller, frameOf(2, 4))
	want(t, in, wire.Frame, 4)
	go tell(t, controller, frameOf(2, 5))
	want(t, in, wire.Frame, 5)
	controller.Close()
	if _, ok := in.next(); ok {
		t.Error("the link has ended")
	}
}

// As long as frames are short nobody else reads, and when none comes nothing is left that runs.
func TestShortItemsAreNotRelieved(t *testing.T) {
	in, controller, _ := linked(t)
	for i := range uint64(200) {
		tell(t, controller, frameOf(1, i))
		want(t, in, wire.Frame, i)
		in.busy()
	}
	for in.armed.Load() {
		time.Sleep(relief)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.reading {
		t.Error("an executor that has begun its last frame for long is relieved")
	}
}
