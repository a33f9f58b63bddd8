package launch

import (
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Executable is what engines are, where they are not this process's program: that of
// another process, for which this one starts them, or one of whose code a process like an
// interpreter's has none. A nil one is the program that this process runs.
type Executable struct {
	// Path is the file.
	Path string
	// Args are the arguments, the name as the first; Env and Dir are the environment and
	// the folder that it is started in, both this process's where they are empty.
	Args, Env []string
	Dir       string
}

// Build identifies the build that engines must be of: what is in the file now.
func (x *Executable) Build() (wire.Build, error) {
	if x != nil {
		return buildOf(x.Path)
	}
	return Build()
}

// Of is the executable of a file that is run without arguments, as [backend.Options] names one: nil
// for "".
func Of(program string) *Executable {
	if program == "" {
		return nil
	}
	return &Executable{Path: program, Args: []string{program}}
}

// command returns how an engine is started.
func (x *Executable) command() *exec.Cmd {
	if x != nil {
		cmd := exec.Command(x.Path)
		cmd.Args, cmd.Env, cmd.Dir = slices.Clone(x.Args), slices.Clone(x.Env), x.Dir
		return cmd
	}
	cmd := exec.Command(running, os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	return cmd
}

// has reports whether an environment has a variable that is not empty.
func has(env []string, name string) bool {
	return slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") && len(v) > len(name)+1 })
}
