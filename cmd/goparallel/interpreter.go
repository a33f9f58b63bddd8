package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/spf13/cobra"
)

// openInterpreter starts what runs cells.
func openInterpreter(ctx context.Context, o repl.Options) (cell.Interpreter, error) {
	o.Version, o.Env = version, cellEnvironment()
	interp, err := repl.Open(ctx, o)
	if err != nil {
		return nil, err // not interp, which would be an interface that holds nil
	}
	return interp, nil
}

// cellEnvironment is the environment of cells: a notebook's commands find this program wherever it is
// installed, and another one of its name only where the user's PATH has that.
func cellEnvironment() []string {
	program, err := os.Executable()
	if err != nil {
		return nil // that of this process
	}
	folders := filepath.SplitList(os.Getenv("PATH"))
	return append(os.Environ(), "PATH="+strings.Join(append(folders, filepath.Dir(program)), string(filepath.ListSeparator)))
}

// historyFile is where notebooks keep their cells for %history: the user's folder for
// what programs remember, as the XDG base directories have it. It is empty where there
// is none.
func historyFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "goparallel", "history")
}

// memoryFlag is the option of the commands that run cells.
func memoryFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("memory", "", "how much memory cells may use, such as 4GiB (default $"+host.MemoryVariable+", or 80 % of the machine's)")
}
