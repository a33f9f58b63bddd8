//go:build !unix

package launchers

import "os/exec"

// own has nothing to do where there are no process groups.
func own(*exec.Cmd) {}

// kill ends a command.
func kill(cmd *exec.Cmd) { cmd.Process.Kill() }
