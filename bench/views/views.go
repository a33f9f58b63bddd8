package main

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/goparallel/goparallel/bench/measure"
	"github.com/goparallel/goparallel/parallel"
)

const engines = 2

func pow10(x int) float64 { return math.Pow(float64(x), 10) }

func empty() int { return 0 }

func init() { parallel.Register(pow10, empty) }

// measureViews starts a cluster of its own and measures the post's workloads
// on it, each as the median of several runs after one that is not counted.
func measureViews(ctx context.Context) (measure.Figures, error) {
	f := measure.Figures{}
	start := time.Now()
	rc, err := parallel.Start(ctx, engines)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	if _, err := rc.All().ApplySync(empty); err != nil {
		return nil, err
	}
	f["start"] = time.Since(start).Seconds()

	items := make([]int, 3000)
	for i := range items {
		items[i] = i
	}
	direct, balanced, one := rc.All(), rc.LoadBalanced(), rc.Targets(0)
	mapping := func(options ...parallel.Option) func() error {
		return func() error { _, err := balanced.MapSync(pow10, items, options...); return err }
	}
	for _, m := range []struct {
		name string
		runs int
		call func() error
	}{
		{"serial", 101, func() error { serial(items); return nil }},
		{"direct", 101, func() error { _, err := direct.MapSync(pow10, items); return err }},
		{"default", 101, mapping()},
		{"each", 11, mapping(parallel.ChunkSize(1))},
		{"two", 101, mapping(parallel.ChunkSize(1500))},
		{"six", 101, mapping(parallel.ChunkSize(500))},
		{"empty_direct", 501, func() error { _, err := one.ApplySync(empty); return err }},
		{"empty_balanced", 501, func() error { _, err := balanced.ApplySync(empty); return err }},
	} {
		if f[m.name], err = medianOf(m.runs, m.call); err != nil {
			return nil, err
		}
	}
	return f, nil
}

var kept []float64 // what serial computes is used, as far as the compiler knows

func serial(items []int) {
	kept = make([]float64, len(items))
	for i, x := range items {
		kept[i] = pow10(x)
	}
}

// medianOf returns the median time of a call, in seconds.
func medianOf(runs int, call func() error) (float64, error) {
	if err := call(); err != nil {
		return 0, err
	}
	times := make([]float64, runs)
	for i := range times {
		start := time.Now()
		if err := call(); err != nil {
			return 0, err
		}
		times[i] = time.Since(start).Seconds()
	}
	slices.Sort(times)
	return times[runs/2], nil
}
