package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/goparallel/goparallel/bench/internal/measure"
)

//go:embed kernels.py
var kernelsScript string

// A kernel is how one is started, and what it wants above a statement.
type kernel struct {
	Argv   []string `json:"argv"`
	Prefix string   `json:"prefix"`
}

// measureKernels runs cells never seen before in this kernel and, where it is
// given, in gonb, through Jupyter's own client.
func measureKernels(ctx context.Context, binary, gonb, python string, cells int) (measure.Samples, error) {
	kernels := map[string]kernel{"goparallel": {Argv: []string{binary, "kernel", "{connection_file}"}}}
	if gonb != "" {
		kernels["gonb"] = kernel{Argv: []string{gonb, "--kernel", "{connection_file}"}, Prefix: "%%\n"}
	}
	spec, err := json.Marshal(map[string]any{"kernels": kernels, "cells": cells})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-W", "ignore", "-c", kernelsScript, string(spec))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("the kernels could not be measured with %s, which needs jupyter_client: %w\n%s", python, err, tail(stderr.String()))
	}
	var seconds map[string]map[string][]float64
	if err := json.Unmarshal(stdout.Bytes(), &seconds); err != nil {
		return nil, fmt.Errorf("the script about kernels printed %q: %w", tail(stdout.String()), err)
	}
	s := measure.Samples{}
	for name, notebooks := range seconds {
		for notebook, values := range notebooks {
			s[name+"_"+notebook] = values
		}
	}
	return s, nil
}

// buildKernel builds the goparallel command and prepares its workspace.
func buildKernel(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "goparallel")
	for _, argv := range [][]string{{"go", "build", "-o", binary, "./cmd/goparallel"}, {binary, "warm"}} {
		if out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", argv, err, tail(string(out)))
		}
	}
	return binary, nil
}

func tail(s string) string { return s[max(0, len(s)-2000):] }
