// Command goparallel is a Go kernel for Jupyter: it installs the kernel, is the
// kernel, and runs notebooks without Jupyter.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is the version of goparallel.
const version = "0.1.0"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "goparallel:", err)
		stop()
		status := 1
		if e, ok := errors.AsType[statusError](err); ok {
			status = e.status
		}
		os.Exit(status)
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "goparallel",
		Short:         "Live compiled Go in Jupyter notebooks, with parallel views",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(installCommand(), kernelCommand(), runCommand(), exportCommand(), warmCommand(), clusterCommand(), doctorCommand(), versionCommand())
	return cmd
}
