package main

import (
	"context"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/host"
	"github.com/goparallel/goparallel/kernel/repl"
	"github.com/spf13/cobra"
)

// openInterpreter starts what runs cells, in the folder dir.
func openInterpreter(ctx context.Context, dir, memory string, progress func(line string)) (cell.Interpreter, error) {
	interp, err := repl.Open(ctx, repl.Options{Dir: dir, Memory: memory, Version: version, Progress: progress})
	if err != nil {
		return nil, err // not interp, which would be an interface that holds nil
	}
	return interp, nil
}

// memoryFlag is the option of the commands that run cells.
func memoryFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("memory", "", "how much memory cells may use, such as 4GiB (default $"+host.MemoryVariable+", or 80 % of the machine's)")
}
