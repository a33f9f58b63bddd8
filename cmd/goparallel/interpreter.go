package main

import (
	"context"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/repl"
)

// openInterpreter starts what runs cells, in the folder dir.
func openInterpreter(ctx context.Context, dir string, progress func(line string)) (cell.Interpreter, error) {
	interp, err := repl.Open(ctx, repl.Options{Dir: dir, Version: version, Progress: progress})
	if err != nil {
		return nil, err // not interp, which would be an interface that holds nil
	}
	return interp, nil
}
