package host

import (
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
)

var (
	exitCall = regexp.MustCompile(`(?m)^os\.Exit\(0x([0-9a-f]+)`)
	logCall  = regexp.MustCompile(`(?m)^log\.(?:\(\*Logger\)\.)?(Fatal\w*)\(`)
)

// exiting tells the kernel side who calls os.Exit. That goroutine calls it.
func (h *host) exiting() {
	stack := string(debug.Stack())
	call := "os.Exit"
	if m := exitCall.FindStringSubmatch(stack); m != nil {
		var status int32
		if _, err := fmt.Sscanf(m[1], "%x", &status); err == nil {
			call = fmt.Sprintf("os.Exit(%d)", status)
		}
	}
	if m := logCall.FindStringSubmatch(stack); m != nil {
		call = "log." + m[1]
	}
	// Frames above the call are the exit's own.
	if _, below, found := strings.Cut(stack, "\nos.Exit("); found {
		stack = traceback.Unnumbered + "os.Exit(" + below
	}
	_ = h.conn.send(&message{Kind: kindExit, Failure: &failure{
		Name: "Exited", Value: call + " ended the process that runs the cells", Stack: stack,
	}})
}
