package parallel

import (
	"context"
	"errors"
	"os"
	"os/signal"

	"github.com/goparallel/goparallel/parallel"
)

// interruptible adds to the options of a call that an interrupt cancels it, until end is called.
func interruptible(options []Option) (with []Option, end func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	return append(options[:len(options):len(options)], parallel.WithContext(ctx)), onInterrupt(func() { cancel(errors.New("interrupted")) })
}

// onInterrupt has cancel called when the kernel is interrupted, until the returned function is called.
// Without, an interrupt ends the process and all values: an interpreter cannot stop what it runs.
func onInterrupt(cancel func()) (end func()) {
	signals, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-signals:
			cancel()
		case <-over:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(over)
		<-ended
	}
}
