// Package command is what a rewritten magic calls in the process that runs the
// cells: it times statements, runs shell commands, and changes the process's
// folder and environment. Only cells with magics are linked with it.
package command

import (
	"errors"
	"fmt"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// commands are the magics that act on the process in which the cells run.
var commands = map[string]func(arg string) error{
	"shell":   func(arg string) error { return shell(arg, false) },
	"bash":    func(arg string) error { return shell(arg, true) },
	"cd":      changeDir,
	"pwd":     showDir,
	"env":     environment,
	"explain": explain,

	"sh":     func(arg string) error { return runStrictly(exec.Command("sh", "-c", arg)) },
	"script": script, "writefile": writeFile, "args": setArgs,
	"memit begin": memitBegin, "memit end": memitEnd,
}

// Add makes a magic known that acts on this process. The host calls it at its start for
// those that cells are not linked with.
func Add(name string, run func(arg string) error) { commands[name] = run }

// Run runs a magic that acts on this process: "shell" and "bash" run arg
// as a script, "cd" and "pwd" change and show the working folder, "env" shows
// and sets environment variables. It panics with a live.Failure where the magic
// fails, which ends the cell.
func Run(name, arg string) {
	run := commands[name]
	if run == nil {
		panic(live.Failure{Name: "UsageError", Value: fmt.Sprintf("there is no command %q", name)})
	}
	fail(run(arg))
}

// fail ends the cell where there is an error.
func fail(err error) {
	if err != nil {
		if failure, ok := errors.AsType[live.Failure](err); ok {
			panic(failure)
		}
		panic(live.Failure{Name: "MagicError", Value: err.Error()})
	}
}

// shell runs a script with bash, or sh where there is none. Its output goes
// where the cell's own goes. It ends with the cell, like all that cells start: the
// host sees to that. With strict, an exit status other than zero is an error;
// without, it is only told, as a shell prompt would.
func shell(script string, strict bool) error {
	cmd := exec.Command(shellProgram(), "-c", script)
	if strict {
		return runStrictly(cmd)
	}
	exit, err := run(cmd)
	if exit != nil {
		fmt.Fprintf(os.Stderr, "(%s)\n", exit)
	}
	return err
}

func changeDir(arg string) error {
	if arg == "" {
		arg = "~"
	}
	if arg == "~" || strings.HasPrefix(arg, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		arg = filepath.Join(home, arg[1:])
	}
	if err := os.Chdir(arg); err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	fmt.Println(dir)
	return nil
}

func showDir(string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	live.Show(dir)
	return nil
}

func environment(arg string) error {
	if arg == "" {
		all := os.Environ()
		slices.Sort(all)
		fmt.Println(strings.Join(all, "\n"))
		return nil
	}
	if strings.HasPrefix(arg, "-") {
		name, ok := strings.CutPrefix(arg, "-u")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t=") {
			return fmt.Errorf("%%env has one option, -u NAME, and there is %q", arg)
		}
		return os.Unsetenv(name)
	}
	name, value, set := strings.Cut(arg, "=")
	if !set {
		name, value, set = strings.Cut(arg, " ")
	}
	if !set {
		value, ok := os.LookupEnv(name)
		if !ok {
			return fmt.Errorf("the environment variable %s is not set", name)
		}
		live.Show(value)
		return nil
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if err := os.Setenv(name, value); err != nil {
		return err
	}
	fmt.Printf("env: %s=%s\n", name, value)
	return nil
}
