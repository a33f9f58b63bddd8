package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/dashboard"
	"github.com/goparallel/goparallel/internal/parallel/remote"
	"github.com/spf13/cobra"
)

func clusterDashboardCommand() *cobra.Command {
	var port int
	cmd := &cobra.Command{
		Use:   "dashboard",
		Short: "Show what a cluster does on a page, as it happens",
		Long: "Dashboard prints the address of a page that shows what each engine of a cluster ran in the last minute, queues, memory,\n" +
			"calls and failures, as they change. The page is for this machine alone, and for those who know the token in its address.",
		Args: cobra.NoArgs,
	}
	name := nameFlag(cmd)
	cmd.Flags().IntVar(&port, "port", 0, "the port of the page (default: any that is free)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
		defer stop()
		c, err := remote.Look(ctx, *name)
		if err != nil {
			return err
		}
		c.Close()
		s, err := dashboard.Listen(port, func(ctx context.Context) (dashboard.News, error) { return news(ctx, *name) })
		if err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), s.URL())
		return s.Serve(ctx)
	}
	return cmd
}

// latestCalls limits the calls on the page.
const latestCalls = 30

// news asks a cluster what it does. Each time it connects anew, so that a cluster that was started again is found.
func news(ctx context.Context, name string) (n dashboard.News, err error) {
	c, err := remote.Look(ctx, name)
	if err != nil {
		return n, err
	}
	defer c.Close()
	n.Name, n.At = name, time.Now()
	if n.Pools, err = c.Pools(ctx); err == nil {
		n.Calls, err = c.History(ctx)
	}
	n.Calls = n.Calls[max(0, len(n.Calls)-latestCalls):]
	return n, err
}
