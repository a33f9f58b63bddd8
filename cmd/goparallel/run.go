package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/goparallel/goparallel/kernel/notebook"
	"github.com/spf13/cobra"
)

func runCommand() *cobra.Command {
	var out string
	var print bool
	var memory *string
	cmd := &cobra.Command{
		Use:   "run NOTEBOOK",
		Short: "Run a notebook without Jupyter and write its outputs into it",
		Long: "Run executes the code cells of a notebook in order, in the notebook's folder, shows progress, and writes the\n" +
			"outputs into the notebook, or into another file with -o. It stops at the first cell that fails, says which, and\n" +
			"exits with status 1.",
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
			interp, err := openInterpreter(ctx, filepath.Dir(args[0]), *memory, func(line string) { fmt.Fprintln(progress, line) })
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, interp.Close()) }()
			if print {
				interp = printing{interp, cmd.OutOrStdout()}
			}
			return notebook.Run(ctx, interp, args[0], out, progress)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the notebook with its outputs here")
	cmd.Flags().BoolVarP(&print, "print", "p", false, "print the text that cells print and show")
	memory = memoryFlag(cmd)
	return cmd
}
