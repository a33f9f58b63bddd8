package main

import (
	"errors"
	"os"
	"os/signal"

	"github.com/goparallel/goparallel/internal/kernel/export"
	"github.com/spf13/cobra"
)

func exportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export NOTEBOOK -o FOLDER",
		Short: "Make an ordinary Go program of a notebook",
		Long: "Export writes a Go module into a new folder. \"go run .\" there does what the notebook does from the top: each cell is a\n" +
			"file with its declarations and a function of its statements. Magics whose\n" +
			"values or effects other cells may need are calls; the others stay as comments.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return errors.New("name a new folder for the program with -o")
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			return export.Notebook(ctx, args[0], out, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the folder, which is made")
	return cmd
}
