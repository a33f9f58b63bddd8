package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/goparallel/goparallel/kernel/notebook"
	"github.com/goparallel/goparallel/kernel/repl"
	"github.com/spf13/cobra"
)

func runCommand() *cobra.Command {
	var out string
	var print, allow bool
	var memory *string
	cmd := &cobra.Command{
		Use:   "run NOTEBOOK",
		Short: "Run a notebook without Jupyter and write its outputs into it",
		Long: "Run executes the code cells of a notebook in order, in the notebook's folder, shows progress, and writes the\n" +
			"outputs into the notebook, or into another file with -o. It stops at the first cell that fails, or has an error as\n" +
			"its value, says which, and exits with status 1. A cell tagged raises-exception does not stop it.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if out == "" {
				out = args[0]
			}
			if _, err := os.Stat(args[0]); err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			progress := cmd.ErrOrStderr()
			interp, err := openInterpreter(ctx, repl.Options{
				Dir: filepath.Dir(args[0]), Memory: *memory, Progress: func(line string) { fmt.Fprintln(progress, line) },
			})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, interp.Close()) }()
			if print {
				interp = printing{interp, cmd.OutOrStdout()}
			}
			return notebook.Run(ctx, interp, args[0], out, notebook.Options{Progress: progress, AllowErrorValues: allow})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the notebook with its outputs here")
	cmd.Flags().BoolVarP(&print, "print", "p", false, "print the text that cells print and show")
	cmd.Flags().BoolVar(&allow, "allow-error-values", false, "go on after a cell whose value is an error")
	memory = memoryFlag(cmd)
	return cmd
}
