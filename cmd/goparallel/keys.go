package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/remote"
	"github.com/spf13/cobra"
)

func clusterKeysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "List the keys of a cluster's clients, make one, or take one back",
		Args:  cobra.NoArgs,
	}
	name := cmd.PersistentFlags().String("name", cluster.Default, "the cluster's name")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		keys, err := look(cmd.Context(), *name, (*remote.Cluster).Keys)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "client\tconnected\tfile")
		for _, k := range keys {
			fmt.Fprintf(table, "%s\t%d\t%s\n", k.Client, k.Connected, k.Path)
		}
		return table.Flush()
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "add CLIENT",
		Short: "Make a key for a client, which gives the file to parallel.Connect",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := look(cmd.Context(), *name, func(c *remote.Cluster, ctx context.Context) (string, error) { return c.AddKey(ctx, args[0]) })
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), path)
			}
			return err
		},
	}, &cobra.Command{
		Use:   "revoke CLIENT",
		Short: "Take a client's key back, and hang up on it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := look(cmd.Context(), *name, func(c *remote.Cluster, ctx context.Context) (none struct{}, err error) {
				return none, c.Revoke(ctx, args[0])
			})
			return err
		},
	})
	return cmd
}
