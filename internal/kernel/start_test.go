package kernel_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel"
	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/frontend"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// start runs a kernel over the interpreter and connects a client to it. Both
// end with the test, which fails when the kernel leaves a goroutine behind.
func start(t *testing.T, transport string, interp cell.Interpreter) *frontend.Client {
	c, _ := startKernel(t, transport, func(context.Context, func(string)) (cell.Interpreter, error) { return interp, nil })
	return c
}

// startAt is start with a connection of the test's, and a history.
func startAt(t *testing.T, info jupyter.ConnectionInfo, interp cell.Interpreter, earlier ...cell.Past) *frontend.Client {
	c, _ := startKernelAt(t, info, func(context.Context, func(string)) (cell.Interpreter, error) { return interp, nil }, earlier...)
	return c
}

func startKernel(t *testing.T, transport string, open func(context.Context, func(string)) (cell.Interpreter, error)) (*frontend.Client, *kernel.Kernel) {
	t.Helper()
	return startKernelAt(t, frontend.Connection(t, transport), open)
}

func startKernelAt(t *testing.T, info jupyter.ConnectionInfo, open func(context.Context, func(string)) (cell.Interpreter, error), earlier ...cell.Past) (*frontend.Client, *kernel.Kernel) {
	t.Helper()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	channels, err := jupyter.Listen(info, logger)
	if err != nil {
		t.Fatal(err)
	}
	k := kernel.New(kernel.Params{Channels: channels, Open: open, Earlier: earlier, Version: "test", GoVersion: "1.27.4", Log: logger})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); k.Run(ctx) }()
	c := frontend.Dial(t, info)
	t.Cleanup(func() {
		cancel()
		c.Close()
		select {
		case <-ended:
		case <-time.After(frontend.Patience):
			t.Error("the kernel does not end")
		}
		for deadline := time.Now().Add(frontend.Patience); ; time.Sleep(10 * time.Millisecond) {
			left := kernelGoroutines()
			if left == "" {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("left behind:\n%s", left)
				break
			}
		}
		if t.Failed() {
			t.Logf("kernel log:\n%s", log.String())
		}
	})
	return c, k
}

// kernelGoroutines returns the stacks of the goroutines that run the kernel's
// code.
func kernelGoroutines() string {
	buf := make([]byte, 1<<20)
	var left []string
	for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "goparallel/kernel.(") || strings.Contains(stack, "goparallel/kernel/jupyter.(") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}
