//go:build unix

package launchers

import (
	"os/exec"
	"syscall"
)

// own gives a command a process group of its own, so that a terminal's ^C does not reach it.
func own(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends a command's group.
func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
