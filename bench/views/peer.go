package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/bench/measure"
)

//go:embed peers/ipyparallel_bench.py
var peerScript string

// peer is what the script about ipyparallel prints.
type peer struct {
	Version string
	Seconds measure.Figures
}

// measurePeer runs the same workloads on ipyparallel.
func measurePeer(ctx context.Context, python string) (peer, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-c", peerScript, strconv.Itoa(engines))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// Its controller and engines are in its process group, and end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return peer{}, fmt.Errorf("ipyparallel could not be measured with %s (bench/views/run.sh installs it): %w\n%s", python, err, tail(stderr.String()))
	}
	var p peer
	if err := json.Unmarshal(stdout.Bytes(), &p); err != nil {
		return peer{}, fmt.Errorf("the script about ipyparallel printed %q: %w", tail(stdout.String()), err)
	}
	return p, nil
}

func tail(s string) string { return s[max(0, len(s)-2000):] }
