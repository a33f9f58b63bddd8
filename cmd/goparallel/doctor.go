package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/doctor"
	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/spf13/cobra"
)

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what is there and what is missing, and how to mend it",
		Long:  "Doctor looks for what goparallel needs and prints, for what is missing, the command that mends it.\nThen it compiles a few cells and looks whether they do what Go programs do.\nIts exit status is 0 when all essential things are there and right.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			binary, err := os.Executable()
			if err != nil {
				return err
			}
			missing := 0
			out := cmd.OutOrStdout()
			show := func(c doctor.Check) {
				mark := "ok     "
				switch {
				case c.OK():
				case c.Essential:
					mark = "MISSING"
					missing++
				default:
					mark = "absent "
				}
				fmt.Fprintf(out, "%s  %-18s %s\n", mark, c.Name, c.Detail)
				if !c.OK() {
					fmt.Fprintf(out, "         %-18s %s\n", "  to mend it:", c.Mend)
				}
			}
			for _, c := range doctor.Examine(cmd.Context(), binary) {
				show(c)
			}
			if missing == 0 {
				for _, c := range doctor.Cells(cmd.Context(), func(ctx context.Context, dir string) (cell.Interpreter, error) {
					return openInterpreter(ctx, repl.Options{Dir: dir})
				}) {
					show(c)
				}
			}
			if missing > 0 {
				return errors.New("something essential is missing or wrong: see above")
			}
			return nil
		},
	}
}
