package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
	"github.com/spf13/cobra"
)

func warmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "warm",
		Short: "Compile the packages that cells use, so that the first notebook need not wait",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			steps := make(chan string)
			ctx, cancel := context.WithCancel(cmd.Context())
			shown := make(chan struct{})
			go func() {
				defer close(shown)
				showSteps(ctx, cmd.OutOrStdout(), steps)
			}()
			w, err := workspace.Open(ctx, func(step string) {
				select {
				case steps <- step:
				case <-ctx.Done():
				}
			})
			cancel()
			<-shown
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "ready: %s\n", w.Dir)
			return nil
		},
	}
}

// showSteps prints the steps as they begin, with the seconds since the start,
// and a sign of life where one takes long. It receives until ctx ends.
func showSteps(ctx context.Context, w io.Writer, steps <-chan string) {
	began := time.Now()
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	current := ""
	for {
		select {
		case <-ctx.Done():
			return
		case current = <-steps:
			tick.Reset(10 * time.Second)
		case <-tick.C:
		}
		fmt.Fprintf(w, "%4.0f s  %s\n", time.Since(began).Seconds(), current)
	}
}
