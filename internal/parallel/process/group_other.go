//go:build !linux

package process

import (
	"os"
	"syscall"
)

// Engines need Linux. Elsewhere only commands are started, and end by themselves.

func attributes(Options) *syscall.SysProcAttr { return nil }

// end returns when the process has ended.
func (p *Process) end() {
	err := p.cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone, p.err = true, err
}

func kill(p *os.Process) { p.Kill() }
