package command

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/live"
)

// Lines is what a command has printed, line by line: the value of x in x := !ls.
type Lines []string

// Text returns the lines as one text.
func (l Lines) Text() string { return strings.Join(l, "\n") }

// Join sets a line for the shell together from texts and values, each as fmt.Print has
// it.
func Join(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprint(&b, p)
	}
	return b.String()
}

// Output runs a command with the shell and returns what it prints on its standard
// output. The exit status does not matter, as in IPython, but is told.
func Output(script string) Lines {
	ctx := live.Context()
	cmd := exec.Command(shellProgram(), "-c", script)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		panic(live.Failure{Name: "Interrupted", Value: "the command was interrupted"})
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		fmt.Fprintf(os.Stderr, "(%s)\n", exit)
	} else if err != nil {
		panic(live.Failure{Name: "MagicError", Value: err.Error()})
	}
	text := strings.TrimSuffix(string(out), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func shellProgram() string {
	if program, err := exec.LookPath("bash"); err == nil {
		return program
	}
	return "sh"
}
