// Package contest is what all contestants of the benchmark have in common: what
// they are asked, how they time it, and how those are asked that run in a
// process of their own.
package contest

import (
	"context"
	"time"
)

// Task is something to do and to time. Contestants refuse what they cannot do.
type Task struct {
	// Kind is one of the names below.
	Kind string `json:"kind"`
	// Setting is the way in which the contestant is used; each has its own.
	Setting string `json:"setting,omitempty"`
	// Items is the number of items of Post, and of Spin where Costs are missing.
	Items int `json:"items,omitempty"`
	// Work is the time of each item of Spin, in seconds.
	Work float64 `json:"work,omitempty"`
	// Costs are the times of all items of Spin, where they differ.
	Costs []float64 `json:"costs,omitempty"`
	// Bytes is the size of what Push, Pull, Scatter and Gather carry: float64s.
	Bytes int `json:"bytes,omitempty"`
	// Repeat is how often the task is done and timed.
	Repeat int `json:"repeat"`
	// Warm asks for one more time before, which is not counted.
	Warm bool `json:"warm,omitempty"`
}

// Kinds of tasks.
const (
	Serial  = "serial"  // Post in a loop
	Post    = "post"    // x to the tenth power for each item
	Spin    = "spin"    // calibrated work for each item
	Empty   = "empty"   // one call of a function that does nothing
	Start   = "start"   // from nothing to a first result
	Push    = "push"    // an array to one engine
	Pull    = "pull"    // and back from it
	Scatter = "scatter" // an array, half of it to each engine
	Gather  = "gather"  // and back
)

// Contestant can be asked to do tasks.
type Contestant interface {
	// Do does a task Repeat times and returns the seconds of each time.
	Do(ctx context.Context, t Task) ([]float64, error)
	// Close ends all that the contestant has started.
	Close() error
}

// Time runs what a task is about as often as the task asks for it, and returns
// the seconds of each time.
func (t Task) Time(run func() error) ([]float64, error) {
	return t.TimeAfter(func() error { return nil }, run)
}

// TimeAfter is Time with something that is done before each time, and not timed.
func (t Task) TimeAfter(before, run func() error) ([]float64, error) {
	var all []float64
	times := t.Repeat
	if t.Warm {
		times++
	}
	for range times {
		if err := before(); err != nil {
			return nil, err
		}
		start := time.Now()
		if err := run(); err != nil {
			return nil, err
		}
		all = append(all, time.Since(start).Seconds())
	}
	return all[times-t.Repeat:], nil
}
