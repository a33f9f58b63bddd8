//go:build unix

package launchers

import (
	"os/exec"
	"syscall"

	"github.com/goparallel/goparallel/internal/parallel/private"
)

// own gives a command a process group of its own, so that a terminal's ^C does not reach it.
func own(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends a command's group.
func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// cacheFolder is where jobs are kept unless somebody says otherwise.
func cacheFolder() (string, error) { return private.Cache("jobs") }

// trusted returns nil if a folder is this user's alone.
func trusted(folder string) error { return private.Folder(folder) }

// ownedSize is the size of a file that is this user's.
func ownedSize(path string) (int64, error) {
	info, err := private.Owned(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
