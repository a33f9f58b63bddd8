package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/spin"
	"github.com/goparallel/goparallel/parallel"
)

// Functions that run on engines.
var (
	pow10 = parallel.Func("pow10", contest.Pow10)
	work  = parallel.Func("work", spin.Work)
)

func noop() int { return 0 }

func init() { parallel.Register(noop) }

// cluster is goparallel as a contestant: two engines on this machine.
type cluster struct {
	rc      *parallel.Client
	options []parallel.StartOption
}

func openOurs(ctx context.Context, options ...parallel.StartOption) (contest.Contestant, error) {
	rc, err := parallel.Start(ctx, engines, options...)
	return &cluster{rc, options}, err
}

func (c *cluster) Close() error { return c.rc.Close() }

// Do does a task. Settings of maps are "default", "direct", or a chunk size.
func (c *cluster) Do(ctx context.Context, t contest.Task) ([]float64, error) {
	switch t.Kind {
	case contest.Serial:
		items := t.Numbers()
		return t.Time(func() error { serial(pow10, items); return nil })
	case contest.Post:
		return c.mapping(t, pow10, t.Numbers())
	case contest.Spin:
		return c.mapping(t, work, t.Rounds())
	case contest.Empty:
		if t.Setting == "direct" {
			one := c.rc.Targets(0)
			return t.Time(func() error { _, err := one.ApplySync(noop); return err })
		}
		balanced := c.rc.LoadBalanced()
		return t.Time(func() error { _, err := balanced.ApplySync(noop); return err })
	case contest.Start:
		return c.start(ctx, t)
	case contest.Push, contest.Pull, contest.Scatter, contest.Gather:
		return c.carry(t)
	}
	return nil, fmt.Errorf("goparallel knows no task %q", t.Kind)
}

// mapping times a map.
func (c *cluster) mapping[R any](t contest.Task, f func(int) R, items []int) ([]float64, error) {
	switch t.Setting {
	case "default":
		balanced := c.rc.LoadBalanced()
		return t.Time(func() error { _, err := balanced.MapSync(f, items); return err })
	case "direct":
		all := c.rc.All()
		return t.Time(func() error { _, err := all.MapSync(f, items); return err })
	}
	chunk, err := strconv.Atoi(t.Setting)
	if err != nil {
		return nil, fmt.Errorf("goparallel has no setting %q", t.Setting)
	}
	balanced := c.rc.LoadBalanced()
	return t.Time(func() error { _, err := balanced.MapSync(f, items, parallel.ChunkSize(chunk)); return err })
}

// start times a cluster of its own, up to a first result from each engine. Its
// end is not part of it.
func (c *cluster) start(ctx context.Context, t contest.Task) ([]float64, error) {
	var rc *parallel.Client
	end := func() error {
		if rc == nil {
			return nil
		}
		return rc.Close()
	}
	seconds, err := t.TimeAfter(end, func() error {
		var err error
		if rc, err = parallel.Start(ctx, engines, c.options...); err == nil {
			_, err = rc.All().ApplySync(noop)
		}
		return err
	})
	return seconds, errors.Join(err, end())
}

// serial is the loop that all is compared with.
func serial[R any](f func(int) R, items []int) []R {
	out := make([]R, len(items))
	for i, x := range items {
		out[i] = f(x)
	}
	return out
}
