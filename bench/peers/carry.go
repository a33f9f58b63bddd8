package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/parallel"
)

// rowBytes is the size of the rows that an array is cut into where it is to go
// through the socket: too small for shared memory.
const rowBytes = 400_000

// sumHere and the like read an array, so that what arrives is really there.
func sumHere(a []float64) float64 {
	sum := 0.0
	for _, x := range a {
		sum += x
	}
	return sum
}

func sumThere() (float64, error) {
	a, err := parallel.Get[[]float64]("a")
	return sumHere(a), err
}

// renewThere and renewRowsThere put a copy in the place of what an engine has.
func renewThere() (int, error) {
	a, err := parallel.Get[[]float64]("a")
	return 0, errors.Join(err, parallel.Set("a", slices.Clone(a)))
}

func renewRowsThere() (int, error) {
	rows, err := parallel.Get[[][]float64]("a")
	for i := range rows {
		rows[i] = slices.Clone(rows[i])
	}
	return 0, errors.Join(err, parallel.Set("a", rows))
}

func init() { parallel.Register(sumThere, renewThere, renewRowsThere) }

// carry times an array's way to engines or back. The settings are "default",
// which is one slice; "read", where its receiver reads all of it besides; and
// "rows", a slice of slices. It changes each time, so that it cannot be there
// already.
func (c *cluster) carry(t contest.Task) ([]float64, error) {
	a := make([]float64, t.Bytes/8)
	for i := range a {
		a[i] = float64(i)
	}
	if t.Setting != "rows" {
		return carried[float64]{c, t, a, t.Setting == "read", func() { a[0]++ }, renewThere}.time()
	}
	var rows [][]float64
	for rest := a; len(rest) > 0; {
		n := min(rowBytes/8, len(rest))
		rows = append(rows, rest[:n])
		rest = rest[n:]
	}
	return carried[[]float64]{c, t, rows, false, func() { a[0]++ }, renewRowsThere}.time()
}

// carried is a slice on its way.
type carried[T any] struct {
	*cluster
	contest.Task
	a      []T
	read   bool
	change func()              // the array here
	renew  func() (int, error) // changes it on engines
}

func (c carried[T]) time() ([]float64, error) {
	one, all := c.rc.Targets(0), c.rc.All()
	switch c.Kind {
	case contest.Push:
		return c.Time(func() error { c.change(); return c.readBy(one, one.Push("a", c.a)) })
	case contest.Scatter:
		return c.Time(func() error { c.change(); return c.readBy(all, all.Scatter("a", c.a)) })
	case contest.Pull:
		return c.back(one, one.Push("a", c.a), func() ([]T, error) {
			back, err := one.Pull[[]T]("a")
			return back[0], err
		})
	}
	return c.back(all, all.Scatter("a", c.a), func() ([]T, error) { return all.Gather[T]("a") })
}

// readBy lets engines read what they have got.
func (c carried[T]) readBy(view *parallel.DirectView, err error) error {
	if c.read && err == nil {
		_, err = view.ApplyErrSync(sumThere)
	}
	return err
}

// back times the way back from engines that have the array.
func (c carried[T]) back(view *parallel.DirectView, err error, get func() ([]T, error)) ([]float64, error) {
	if err != nil {
		return nil, err
	}
	renew := func() error { _, err := view.ApplyErrSync(c.renew); return err }
	return c.TimeAfter(renew, func() error {
		back, err := get()
		if err == nil && len(back) != len(c.a) {
			err = fmt.Errorf("%d elements came back of %d", len(back), len(c.a))
		}
		if a, ok := any(back).([]float64); ok && c.read && err == nil && sumHere(a) < 1 {
			err = fmt.Errorf("what came back is not what was sent")
		}
		return err
	})
}
