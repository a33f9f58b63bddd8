package main

import (
	"fmt"
	"runtime"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of goparallel and of the Go that compiles cells",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "goparallel %s, %s, %s/%s\n", version, toolchain.Version, runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
