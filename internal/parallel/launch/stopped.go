package launch

import (
	"bytes"
	"fmt"
	"os"
)

// Stopped reports whether the process stands still because of a signal, such as
// SIGSTOP. It is what Linux says of it, so that no item, however long, looks like
// it. A process that a debugger holds does not count: somebody looks at it.
func (p *Child) Stopped() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid()))
	if err != nil {
		return false // it has ended
	}
	name := bytes.LastIndexByte(stat, ')') // which may contain anything
	return name >= 0 && len(stat) > name+2 && stat[name+2] == 'T'
}
