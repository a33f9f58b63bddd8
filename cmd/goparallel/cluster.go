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
	"github.com/goparallel/goparallel/internal/parallel/launchers"
	"github.com/goparallel/goparallel/internal/parallel/process"
	"github.com/goparallel/goparallel/internal/parallel/remote"
	"github.com/goparallel/goparallel/parallel"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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

// clusterFlags are those that say what a cluster is like. The function that is returned makes the options of them.
func clusterFlags(cmd *cobra.Command) func() (*daemon.Options, error) {
	o := &daemon.Options{Version: version}
	cmd.Flags().StringVar(&o.Name, "name", cluster.Default, "what programs call the cluster")
	cmd.Flags().IntVarP(&o.Engines, "engines", "n", 0, "how many engines each program is given (default: one for each processor)")
	cmd.Flags().Int64Var(&o.Keep, "keep", 1<<30, "how many bytes of calls that have ended are kept on disk")
	cmd.Flags().DurationVar(&o.Linger, "linger", 30*time.Second, "how long engines stay when nobody uses them")
	engines := engineFlagsOf(cmd)
	return func() (*daemon.Options, error) { return o, engines.complete(o) }
}

func clusterStartCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start a cluster, which goes on when this command and the terminal have ended",
		Long: "Start starts a cluster, which goes on when this command and the terminal have ended. Its engines are processes of this machine, or,\n" +
			"by --slurm, --ssh and the like, of others; they start when a program connects.",
		Example: "  goparallel cluster start -n 4\n" +
			"  goparallel cluster start --name big -n 64 --slurm --engines-per-node 16 --time 1h --prologue 'module load gcc'\n" +
			"  goparallel cluster start --name lab -n 12 --ssh ada,grace,edsger",
		Args: cobra.NoArgs,
	}
	flags := clusterFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := flags()
		if err != nil {
			return err
		}
		if c, err := remote.Look(cmd.Context(), o.Name); err == nil {
			c.Close()
			return fmt.Errorf("the cluster %q runs already; goparallel cluster stop --name %s ends it", o.Name, o.Name)
		}
		controller, log, err := detach(o.Name, cmd.Flags())
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

// detach starts the controller in a session of its own, which no terminal and no kernel takes with it. It is given the same flags.
func detach(name string, flags *pflag.FlagSet) (*process.Process, string, error) {
	folder, err := cluster.Folder(name)
	if err != nil {
		return nil, "", err
	}
	path := filepath.Join(folder, "log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("the cluster %q has nowhere to write to: %w", name, err)
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	args := []string{"cluster", "run"}
	flags.Visit(func(f *pflag.Flag) {
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, each := range list.GetSlice() {
				args = append(args, "--"+f.Name+"="+each)
			}
			return
		}
		args = append(args, "--"+f.Name+"="+f.Value.String())
	})
	cmd := exec.Command(self, args...)
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
	flags := clusterFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := flags()
		if err != nil {
			return err
		}
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
		Short: "Stop a cluster, its engines and its calls, and cancel jobs that were left behind",
		Long: "Stop stops a cluster, its engines and its calls, and waits for their end. It also cancels jobs in the queues of batch systems whose programs, this\n" +
			"cluster or any other of yours, have been killed on this machine and could not cancel them.",
		Args: cobra.NoArgs,
	}
	name := nameFlag(cmd)
	others := cmd.Flags().Bool("elsewhere", false, "cancel jobs that were submitted on other machines as well, though their programs may still run there")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		err := stopCluster(cmd.Context(), *name)
		found, problem := cancelLeftovers(cmd, *others)
		var missing *cluster.Missing
		if errors.As(err, &missing) && found {
			err = nil // it is gone already, and now so are its jobs
		}
		return errors.Join(err, problem)
	}
	return cmd
}

// stopTime limits the wait for the end of a cluster, whose jobs may have to be told, and take half a minute.
const stopTime = time.Minute

// stopCluster stops a cluster and waits for its end.
func stopCluster(ctx context.Context, name string) error {
	c, err := remote.Look(ctx, name)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Stop(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	return daemon.Gone(ctx, name)
}

// cancelLeftovers cancels jobs that programs have left, and says which.
func cancelLeftovers(cmd *cobra.Command, others bool) (found bool, err error) {
	left, elsewhere, err := launchers.Leftovers()
	if others {
		left, elsewhere = append(left, elsewhere...), nil
	}
	for _, l := range left {
		if problem := l.Cancel(cmd.Context()); problem != nil {
			err = errors.Join(err, problem)
			continue
		}
		found = true
		fmt.Fprintf(cmd.OutOrStdout(), "cancelled the jobs %s of %s, which process %d on %s had left\n", l.Name, l.System, l.Pid, l.Host)
	}
	for _, l := range elsewhere {
		fmt.Fprintf(cmd.OutOrStdout(), "process %d on %s has submitted the jobs %s to %s; whether it runs can only be seen there: stop them there, or with --elsewhere\n", l.Pid, l.Host, l.Name, l.System)
	}
	return found, err
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
