package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/gophernotes"
	"github.com/goparallel/goparallel/internal/kernel/kernelspec"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
	"github.com/spf13/cobra"
)

func installCommand() *cobra.Command {
	var user, sysPrefix, uninstall, withGophernotes bool
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
			where, err := kernelspec.Goparallel.Install(dir, binary)
			if err != nil {
				return err
			}
			installed(cmd, kernelspec.Goparallel, where)
			if withGophernotes {
				if where, err = gophernotes.Install(cmd.Context(), dir, func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) }); err != nil {
					return fmt.Errorf("the kernel %s is not installed, all else is: %w", kernelspec.Gophernotes.DisplayName, err)
				}
				installed(cmd, kernelspec.Gophernotes, where)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&user, "user", true, "install for this user")
	f.BoolVar(&sysPrefix, "sys-prefix", false, "install in the Python environment in use (venv, conda)")
	f.StringVar(&prefix, "prefix", "", "install below this prefix, in PREFIX/share/jupyter")
	f.BoolVar(&withGophernotes, "gophernotes", false, "also build the kernel gophernotes with views and plots in it, and install it")
	f.BoolVar(&uninstall, "uninstall", false, "remove the kernelspecs and what cells were compiled with")
	cmd.MarkFlagsMutuallyExclusive("user", "sys-prefix", "prefix")
	cmd.MarkFlagsMutuallyExclusive("uninstall", "gophernotes")
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

func installed(cmd *cobra.Command, k kernelspec.Kernel, where string) {
	fmt.Fprintf(cmd.OutOrStdout(), "kernelspec %q (%s) installed in %s\n", k.Name, k.DisplayName, where)
}

func remove(cmd *cobra.Command, dataDir string) error {
	_, err := kernelspec.Gophernotes.Uninstall(dataDir)
	where, err2 := kernelspec.Goparallel.Uninstall(dataDir)
	if err := errors.Join(err, err2, workspace.RemoveAll()); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "removed %s and the compiled packages\n", where)
	return nil
}
