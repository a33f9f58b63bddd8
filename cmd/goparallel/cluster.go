package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
	"github.com/goparallel/goparallel/internal/parallel/process"
	"github.com/goparallel/goparallel/internal/parallel/remote"
	"github.com/goparallel/goparallel/parallel"
	"github.com/spf13/cobra"
)

func clusterCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cluster",
		Short: "Clusters that live on: start, list, look at and stop them",
		Long: "A cluster that lives on is a process to which programs and notebooks connect, by parallel.Connect(ctx, name). It gives\n" +
			"each program engines, runs their calls, also when they have gone, and keeps what comes of them.",
	}
	cmd.AddCommand(clusterStartCommand(), clusterRunCommand(), clusterListCommand(), clusterStopCommand(), clusterEnginesCommand(), clusterCallsCommand(), clusterDashboardCommand(), clusterKeysCommand())
	return cmd
}

// clusterFlags are those that say what a cluster is like.
func clusterFlags(cmd *cobra.Command) *daemon.Options {
	o := &daemon.Options{Version: version}
	cmd.Flags().StringVar(&o.Name, "name", cluster.Default, "what programs call the cluster")
	cmd.Flags().IntVarP(&o.Engines, "engines", "n", 0, "how many engines each program is given (default: one for each processor)")
	cmd.Flags().Int64Var(&o.Keep, "keep", 1<<30, "how many bytes of calls that have ended are kept on disk")
	cmd.Flags().DurationVar(&o.Linger, "linger", 30*time.Second, "how long engines stay when nobody uses them")
	return o
}

func clusterStartCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start a cluster, which goes on when this command and the terminal have ended",
		Args:  cobra.NoArgs,
	}
	o := clusterFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if c, err := remote.Look(cmd.Context(), o.Name); err == nil {
			c.Close()
			return fmt.Errorf("the cluster %q runs already; goparallel cluster stop --name %s ends it", o.Name, o.Name)
		}
		controller, log, err := detach(o)
		if err != nil {
			return err
		}
		if err := await(cmd.Context(), o.Name, controller); err != nil {
			text, _ := os.ReadFile(log)
			return fmt.Errorf("the cluster %q did not start: %w\n%s", o.Name, err, text)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "the cluster %q runs, as process %d; programs and notebooks connect to it by parallel.Connect(ctx, %q)\n", o.Name, controller.Pid(), o.Name)
		return nil
	}
	return cmd
}

// detach starts the controller in a session of its own, which no terminal and no kernel takes with it.
func detach(o *daemon.Options) (*process.Process, string, error) {
	folder, err := cluster.Folder(o.Name)
	if err != nil {
		return nil, "", err
	}
	path := filepath.Join(folder, "log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("the cluster %q has nowhere to write to: %w", o.Name, err)
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	cmd := exec.Command(self, "cluster", "run", "--name", o.Name, "--engines", fmt.Sprint(o.Engines), "--linger", o.Linger.String(), "--keep", fmt.Sprint(o.Keep))
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, log, log
	controller, err := process.Start(cmd, process.Options{Session: true})
	return controller, path, err
}

// startTime limits the wait for a controller.
const startTime = 10 * time.Second

// await waits until a cluster's controller answers.
func await(ctx context.Context, name string, controller *process.Process) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		c, err := remote.Look(ctx, name)
		if err == nil {
			return c.Close()
		}
		select {
		case <-controller.Ended():
			return errors.New("its controller " + controller.End())
		case <-ctx.Done():
			controller.Kill()
			return fmt.Errorf("its controller has not answered within %v: %w", startTime, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func clusterRunCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Be the controller of a cluster, in the foreground; cluster start starts this",
		Args:  cobra.NoArgs,
	}
	o := clusterFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
		defer stop()
		o.Log = slog.NewTextHandler(cmd.ErrOrStderr(), nil)
		d, err := daemon.Start(ctx, *o)
		if err != nil {
			return err
		}
		d.Wait()
		return nil
	}
	return cmd
}

func clusterListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the clusters that run",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, problem := cluster.List()
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "name\tprocess\tengines each\tprograms\tconnected\tcalls\tsince")
			for _, found := range list {
				pools, err := look(cmd.Context(), found.Name, (*remote.Cluster).Pools)
				if err != nil {
					fmt.Fprintf(table, "%s\t%d\t%v\n", found.Name, found.Pid, err)
					continue
				}
				clients, calls := 0, 0
				for _, p := range pools {
					clients, calls = clients+p.Clients, calls+len(p.Status.Calls)
				}
				fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%s\n", found.Name, found.Pid, found.Engines, len(pools), clients, calls, found.Started.Format(time.DateTime))
			}
			return errors.Join(problem, table.Flush())
		},
	}
}

// look asks something of a cluster.
func look[T any](ctx context.Context, name string, ask func(*remote.Cluster, context.Context) (T, error)) (t T, err error) {
	c, err := remote.Look(ctx, name)
	if err != nil {
		return t, err
	}
	defer c.Close()
	return ask(c, ctx)
}

// nameFlag is the option of commands that are about one cluster.
func nameFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("name", cluster.Default, "the cluster's name")
}

func clusterStopCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Stop a cluster, its engines and its calls",
		Args:  cobra.NoArgs,
	}
	name := nameFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := remote.Look(cmd.Context(), *name)
		if err != nil {
			return err
		}
		defer c.Close()
		return c.Stop(cmd.Context())
	}
	return cmd
}

func clusterEnginesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "engines",
		Short: "Show what the engines of a cluster do",
		Args:  cobra.NoArgs,
	}
	name := nameFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		pools, err := look(cmd.Context(), *name, (*remote.Cluster).Pools)
		if err != nil {
			return err
		}
		if len(pools) == 0 {
			fmt.Fprintln(cmd.OutOrStdout(), "no engine runs: they start when a program connects")
		}
		for _, p := range pools {
			fmt.Fprintf(cmd.OutOrStdout(), "%s, %d connected\n%v\n", p.Program, p.Clients, parallel.Status{Status: p.Status})
		}
		return nil
	}
	return cmd
}

func clusterCallsCommand() *cobra.Command {
	var purge bool
	cmd := &cobra.Command{
		Use:   "calls [ID…]",
		Short: "List the calls that a cluster keeps, or forget those that have ended",
	}
	name := nameFlag(cmd)
	cmd.Flags().BoolVar(&purge, "purge", false, "forget these calls, or all that have ended")
	cmd.RunE = func(cmd *cobra.Command, ids []string) error {
		if len(ids) > 0 && !purge {
			return errors.New("ids are for --purge; a program fetches a call by its id: rc.Fetch[T](ctx, id)")
		}
		c, err := remote.Look(cmd.Context(), *name)
		if err != nil {
			return err
		}
		defer c.Close()
		if purge {
			return c.Purge(cmd.Context(), ids)
		}
		calls, err := c.History(cmd.Context())
		if err == nil {
			fmt.Fprintln(cmd.OutOrStdout(), parallel.History(calls))
		}
		return err
	}
	return cmd
}
