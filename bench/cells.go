package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/repl"
)

// measureCells returns what a front end waits for a small cell: one never seen
// before, and one run again unchanged. Each is the median of a number of cells.
func measureCells(ctx context.Context) (f figures, err error) {
	r, err := repl.Open(ctx, repl.Options{Progress: func(string) {}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	count := 0
	run := func(code string) (float64, error) {
		count++
		start := time.Now()
		reply := r.Execute(ctx, cell.Request{Code: code, Count: count, StoreHistory: true}, cell.Discard{})
		if reply.Err != nil {
			return 0, reply.Err
		}
		return time.Since(start).Seconds(), nil
	}
	if _, err := run("import \"fmt\"\nx := 1"); err != nil {
		return nil, err
	}
	const cells = 15
	var fresh, again [cells]float64
	for i := range cells {
		code := fmt.Sprintf("x = x + %d\nfmt.Sprint(x, %d)", i, time.Now().UnixNano())
		if fresh[i], err = run(code); err != nil {
			return nil, err
		}
		if again[i], err = run(code); err != nil {
			return nil, err
		}
	}
	slices.Sort(fresh[:])
	slices.Sort(again[:])
	return figures{"new_cell": fresh[cells/2], "same_cell": again[cells/2]}, nil
}
