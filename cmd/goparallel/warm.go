package main

import (
	"fmt"

	"github.com/goparallel/goparallel/kernel/session"
	"github.com/spf13/cobra"
)

func warmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "warm",
		Short: "Compile the packages that cells use, so that the first notebook need not wait",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := session.OpenWorkspace(cmd.Context(), func(step string) {
				fmt.Fprintln(cmd.ErrOrStderr(), step)
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "ready: %s\n", w.Dir)
			return nil
		},
	}
}
