package parallel

import (
	"fmt"
	"io"
	"strings"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// RemoteError is the failure of one item.
type RemoteError struct {
	// Item is the index of the item, Engine the number of the engine that ran it, or
	// [Here].
	Item, Engine int
	// Panic is true if the function panicked, false if it returned an error or the
	// engine died.
	Panic bool
	// Value is the text of the panic's value or of the error.
	Value string
	// Err is the error, or the panic's value where that is an error: for [errors.Is] and [errors.As].
	// It is nil where no more arrived than the text; see [RegisterError].
	Err error
	// Stack is the stack of the panic on the engine. Of many failures in one frame
	// only the first ten have one.
	Stack string
}

// Error is one line: "item 17 on engine 1: panic: boom", without the engine where
// the item ran in the caller's process. A dead engine's last
// output follows.
func (e *RemoteError) Error() string {
	kind := ""
	if e.Panic {
		kind = "panic: "
	}
	if e.Engine == Here {
		return fmt.Sprintf("item %d: %s%s", e.Item, kind, e.Value)
	}
	return fmt.Sprintf("item %d on engine %d: %s%s", e.Item, e.Engine, kind, e.Value)
}

// Unwrap returns Err.
func (e *RemoteError) Unwrap() error { return e.Err }

// Format writes the stack as well for the verb %+v.
func (e *RemoteError) Format(s fmt.State, verb rune) {
	io.WriteString(s, e.Error())
	if verb == 'v' && s.Flag('+') && e.Stack != "" {
		io.WriteString(s, "\n"+e.Stack)
	}
}

// MapError is the error of a call of which some items failed.
type MapError struct {
	// Failures has an entry for each item that failed, lowest item first.
	Failures []*RemoteError
	// Items is the number of items of the call.
	Items int
	// Cause is why the call ended early, or nil if all items were tried.
	Cause error
}

// shownFailures limits the length of the message.
const shownFailures = 5

// Error begins with the cause, if there is one, and lists the first failures.
func (e *MapError) Error() string { return e.text((*RemoteError).Error) }

// Format writes the stack of each listed failure as well for the verb %+v.
func (e *MapError) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('+') {
		io.WriteString(s, e.text(func(f *RemoteError) string { return fmt.Sprintf("%+v", f) }))
	} else {
		io.WriteString(s, e.Error())
	}
}

func (e *MapError) text(failure func(*RemoteError) string) string {
	var lines []string
	if e.Cause != nil {
		lines = append(lines, e.Cause.Error())
	}
	for i, f := range e.Failures {
		if i == shownFailures {
			lines = append(lines, fmt.Sprintf("… and %d more of %d items failed", len(e.Failures)-i, e.Items))
			break
		}
		lines = append(lines, failure(f))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives [errors.Is] and [errors.As] the cause and each failure, lowest
// item first.
func (e *MapError) Unwrap() []error {
	var all []error
	if e.Cause != nil {
		all = append(all, e.Cause)
	}
	for _, f := range e.Failures {
		all = append(all, f)
	}
	return all
}

// callError is the error of a call that is done, or nil.
func callError(call backend.Call) error {
	err, failures := call.Err(), call.Failures()
	if len(failures) == 0 {
		return err
	}
	m := &MapError{Items: call.Report().Items, Cause: err}
	for _, f := range failures {
		m.Failures = append(m.Failures, remoteError(f))
	}
	return m
}

// remoteError is the error of an item.
func remoteError(f backend.Failure) *RemoteError {
	r := &RemoteError{Item: f.Item, Engine: f.Engine, Panic: f.Panic, Value: f.Value, Err: f.Err, Stack: f.Stack}
	if f.Death != "" {
		r.Value = f.Death
	}
	return r
}
