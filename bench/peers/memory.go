package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
)

// memoryVariable is in the environment of a contestant whose memory is measured, and so in that of all processes that it starts.
const memoryVariable = "GOPARALLEL_BENCH_MEMORY"

// What memory is measured of.
const (
	afterOne  = "after an empty call"
	duringMap = "at most, during a map of a million numbers"
)

// mapData is what the caller has anyway in a map of a million numbers: an argument and a result for each.
const mapData = 1_000_000 * (8 + 8)

// takeMemory measures the memory of all processes of a contestant, each of which begins anew in each round. Pages that they share count once.
func takeMemory(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "Memory of all processes: the caller, what is between, and two engines", Bytes: true}
	chunks := map[string]string{ours: "default", ipyparallel: "62500"}
	samples := map[[2]string][]float64{}
	names := []string{ours, ipyparallel}
	for range roundsOf(quick, 5) {
		for _, name := range names {
			if f.out[name] != "" {
				continue
			}
			one, most, err := f.memoryOf(ctx, name, chunks[name])
			if err != nil && name != ours && ctx.Err() == nil {
				f.out[name] = err.Error()
				fmt.Fprintf(os.Stderr, "\nbench: %s is left out: %v\n", name, err)
				continue
			}
			if err != nil {
				return s, err
			}
			samples[[2]string{name, afterOne}] = append(samples[[2]string{name, afterOne}], one)
			samples[[2]string{name, duringMap}] = append(samples[[2]string{name, duringMap}], most-mapData)
		}
	}
	for _, setting := range []string{afterOne, duringMap} {
		for _, name := range names {
			if figures := samples[[2]string{name, setting}]; f.out[name] == "" {
				s.Lines = append(s.Lines, report.NewLine(name, setting, figures))
			}
		}
		s.Goals = append(s.Goals, report.AtMost(setting+": ipyparallel's times", 0.1, s.Line(ours, setting), s.Line(ipyparallel, setting)))
	}
	s.Notes = append(s.Notes, "Of the map, 16 MB are left out: an argument and a result of 8 bytes for each number. ipyparallel sends 62500 numbers at a time.")
	return s, nil
}

// memoryOf starts a contestant and returns the bytes that its processes have after an empty call, and at most during a map.
func (f *field) memoryOf(ctx context.Context, name, chunk string) (one, most float64, err error) {
	mark := strconv.FormatInt(time.Now().UnixNano(), 36)
	os.Setenv(memoryVariable, mark)
	var c contest.Contestant
	if name == ours {
		var exe string
		if exe, err = os.Executable(); err == nil {
			c, err = contest.Open(ctx, nil, exe, "serve", "ours")
		}
	} else {
		c, err = f.open[name](ctx)
	}
	os.Unsetenv(memoryVariable)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if _, err := c.Do(ctx, contest.Task{Kind: contest.Empty, Repeat: 1, Setting: "default"}); err != nil {
		return 0, 0, err
	}
	of := memoryVariable + "=" + mark
	one = memoryWith(of)
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			most = max(most, memoryWith(of))
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	_, err = c.Do(ctx, contest.Task{Kind: contest.Post, Items: 1_000_000, Setting: chunk, Repeat: 3})
	close(stop)
	watching.Wait()
	if err == nil && one == 0 {
		err = errors.New("its processes were not found")
	}
	return one, most, err
}

// memoryWith is the bytes of all processes that have a variable, name=value, in their environment.
func memoryWith(variable string) (total float64) {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		environment, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil || !bytes.Contains(environment, []byte(variable)) {
			continue
		}
		rollup, _ := os.ReadFile(filepath.Join(folder, "smaps_rollup")) // empty where it has ended
		for line := range strings.Lines(string(rollup)) {
			if kilobytes, found := strings.CutPrefix(line, "Pss:"); found {
				n, _ := strconv.ParseFloat(strings.Fields(kilobytes)[0], 64)
				total += n * 1024
			}
		}
	}
	return total
}
