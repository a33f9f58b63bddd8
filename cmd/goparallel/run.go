package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/notebook"
	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/spf13/cobra"
)

// The exit statuses of run beside 0 and 1, which is for a cell that failed.
const (
	statusNotRun      = 2   // the notebook could not be run
	statusInterrupted = 130 // as shells have it
)

func runCommand() *cobra.Command {
	var out, page string
	var print, check bool
	var parameters, texts []string
	var options notebook.Options
	var memory *string
	cmd := &cobra.Command{
		Use:   "run NOTEBOOK",
		Short: "Run a notebook without Jupyter and write its outputs into it",
		Long: "Run executes the code cells of a notebook in order, in the notebook's folder, shows progress, and writes the\n" +
			"outputs into the notebook, or into another file with -o. It stops at the first cell that fails, or has an error as\n" +
			"its value, and says which. A cell tagged raises-exception does not stop it.\n\n" +
			"-p name=value sets a variable or constant of the cell that is tagged parameters: in a cell that is put behind it, where\n" +
			"the compiler checks that the value, a Go expression, is of the variable's type. -r name=text sets a string as it stands.\n\n" +
			"The exit status is 0 when all is well, 1 when a cell failed or, with --check, outputs differ, 2 when the notebook could\n" +
			"not be run, and 130 after an interrupt.",
		Example: "  goparallel run report.ipynb -p alpha=0.1 -p 'names=[]string{\"a\"}' -o out.ipynb --html out.html\n" +
			"  goparallel run --check tutorial.ipynb",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			defer func() { err = withStatus(ctx, err) }()
			if options.Parameters, err = parametersOf(parameters, texts); err != nil {
				return err
			}
			if check && (out != "" || page != "") {
				return errors.New("--check compares with the notebook's own outputs and writes nothing; leave out -o and --html")
			}
			if out == "" {
				out = args[0]
			}
			if _, err := os.Stat(args[0]); err != nil {
				return err
			}
			options.Progress = cmd.ErrOrStderr()
			interp, err := openInterpreter(ctx, repl.Options{
				Dir: filepath.Dir(args[0]), Memory: *memory, Progress: func(line string) { fmt.Fprintln(options.Progress, line) },
			})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, interp.Close()) }()
			if print {
				interp = printing{interp, cmd.OutOrStdout()}
			}
			if check {
				return notebook.Check(ctx, interp, args[0], options)
			}
			err = notebook.Run(ctx, interp, args[0], out, options)
			if page != "" {
				err = errors.Join(err, notebook.HTML(out, page))
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&out, "output", "o", "", "write the notebook with its outputs here")
	flags.StringVar(&page, "html", "", "write the notebook with its outputs here as a web page, too")
	flags.BoolVar(&print, "print", false, "print the text that cells print and show")
	flags.StringArrayVarP(&parameters, "parameter", "p", nil, "set a parameter, name=value, where value is a Go expression; may be repeated")
	flags.StringArrayVarP(&texts, "raw", "r", nil, "set a parameter to a text as it stands, name=text; may be repeated")
	flags.BoolVar(&check, "check", false, "write nothing, and compare with the outputs that the notebook carries")
	flags.DurationVar(&options.CellTimeout, "timeout", time.Duration(0), "how long a cell may take, such as 10m, before it counts as failed")
	flags.BoolVar(&options.AllowErrors, "allow-errors", false, "go on after a cell that fails, with exit status 0")
	flags.BoolVar(&options.AllowErrorValues, "allow-error-values", false, "go on after a cell whose value is an error")
	memory = memoryFlag(cmd)
	return cmd
}

// parametersOf reads the options -p and -r.
func parametersOf(parameters, texts []string) (list []notebook.Parameter, err error) {
	for i, text := range append(parameters, texts...) {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q does not set a parameter; write name=value", text)
		}
		if i >= len(parameters) {
			value = strconv.Quote(value)
		}
		list = append(list, notebook.Parameter{Name: strings.TrimSpace(name), Value: value})
	}
	return list, nil
}

// statusError is an error with which the program ends with a status of its own.
type statusError struct {
	error
	status int
}

func (e statusError) Unwrap() error { return e.error }

// withStatus gives the error of a run its exit status.
func withStatus(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.As(err, new(*notebook.CellError)), errors.As(err, new(*notebook.CheckError)):
		return err
	case ctx.Err() != nil:
		return statusError{err, statusInterrupted}
	}
	return statusError{err, statusNotRun}
}
