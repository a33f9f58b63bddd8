package parallel_test

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
	"github.com/goparallel/goparallel/parallel/launch"
)

// TestMain lets engines of tests do what engines of other programs may do before they come to
// parallel.Init.
func TestMain(m *testing.M) {
	if launch.IsEngine() {
		switch os.Getenv("TEST_BEFORE_INIT") {
		case "exit":
			fmt.Fprintln(os.Stderr, "a program that never comes to parallel.Init")
			os.Exit(5)
		case "stop":
			syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		case "start":
			parallel.Start(context.Background(), 2)
			os.Exit(6) // it must not return
		case "sleep, all but one":
			if f, err := os.OpenFile(os.Getenv("TEST_FIRST"), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				f.Close()
			} else {
				slowInit(time.Hour)
			}
		}
	}
	parallel.TestMain(m)
}

// slowInit stands for an initialisation that takes long.
func slowInit(d time.Duration) { time.Sleep(d) }
