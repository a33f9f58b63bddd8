package process

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func attributes(o Options) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: o.Session, Setpgid: !o.Session}
	if o.Dies {
		a.Pdeathsig = syscall.SIGKILL
	}
	return a
}

// end returns when the process has ended, and has ended what it started: as long as nobody has waited for it, its number
// is nobody else's.
func (p *Process) end() {
	for unix.Waitid(unix.P_PID, p.Pid(), nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	p.mu.Lock()
	kill(p.cmd.Process)
	p.gone = true
	p.mu.Unlock()
	p.err = p.cmd.Wait()
}

// kill ends all in the group that a process leads.
func kill(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGKILL) }
