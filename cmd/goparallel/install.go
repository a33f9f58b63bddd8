package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/kernel/kernelspec"
	"github.com/goparallel/goparallel/kernel/session"
	"github.com/spf13/cobra"
)

func installCommand() *cobra.Command {
	var user, sysPrefix, uninstall bool
	var prefix string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Tell Jupyter about the kernel, or take it away again",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := dataDir(sysPrefix, prefix)
			if err != nil {
				return err
			}
			if uninstall {
				return remove(cmd, dir)
			}
			binary, err := os.Executable()
			if err != nil {
				return err
			}
			where, err := kernelspec.Install(dir, binary)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "kernelspec %q (%s) installed in %s\n", kernelspec.Name, kernelspec.DisplayName, where)
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&user, "user", true, "install for this user")
	f.BoolVar(&sysPrefix, "sys-prefix", false, "install in the Python environment in use (venv, conda)")
	f.StringVar(&prefix, "prefix", "", "install below this prefix, in PREFIX/share/jupyter")
	f.BoolVar(&uninstall, "uninstall", false, "remove the kernelspec and what cells were compiled with")
	cmd.MarkFlagsMutuallyExclusive("user", "sys-prefix", "prefix")
	return cmd
}

func dataDir(sysPrefix bool, prefix string) (string, error) {
	switch {
	case prefix != "":
		return kernelspec.PrefixDir(prefix), nil
	case sysPrefix:
		prefix, err := kernelspec.SysPrefix()
		return kernelspec.PrefixDir(prefix), err
	}
	return kernelspec.UserDir()
}

func remove(cmd *cobra.Command, dataDir string) error {
	where, err := kernelspec.Uninstall(dataDir)
	if err := errors.Join(err, session.RemoveWorkspaces()); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "removed %s and the compiled packages\n", where)
	return nil
}
