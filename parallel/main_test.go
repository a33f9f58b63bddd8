package parallel_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/daemon"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/parallel"
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
	if seed := os.Getenv("TEST_MEDDLE"); launch.IsEngine() && seed != "" {
		n, err := strconv.ParseUint(seed, 10, 64)
		if err == nil {
			err = meddle(n)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(7)
		}
	}
	if name := os.Getenv("TEST_CONTROLLER"); name != "" && !launch.IsEngine() {
		d, err := daemon.Start(context.Background(), daemon.Options{Name: name, Engines: 2})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		d.Wait()
		os.Exit(0)
	}
	parallel.TestMain(m)
}

// slowInit stands for an initialisation that takes long.
func slowInit(d time.Duration) { time.Sleep(d) }
