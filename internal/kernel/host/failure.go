package host

import "github.com/goparallel/goparallel/internal/goabi/traceback"

// failure is how a run failed.
type failure struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Stack is the text of the Go stack trace, empty where it tells nothing.
	Stack string `json:"stack,omitempty"`
	// All says that every goroutine in Stack matters, not one alone.
	All bool `json:"all,omitempty"`
	// Remote is the stack on the engine of that number, where the failure is
	// that of an item of a parallel call.
	Remote string `json:"remote,omitempty"`
	Engine int    `json:"engine,omitempty"`
}

// located returns why a run was stopped with the place where it was, if the reason does not say it: of a
// run that has ended, what it ended with, whose stack is that of the poll at which it left; of one that is
// blocked and left behind, where its goroutine waits.
func (why *failure) located(end *failure, ended bool, goroutine string) *failure {
	if why.Stack != "" {
		return why
	}
	placed := *why
	switch {
	case !ended && goroutine != "":
		trace, _ := traceback.All(1 << 20)
		placed.Stack = traceback.Find(trace, goroutine)
	case end != nil && end.Name == "Goexit":
		placed.Stack = end.Stack
	}
	return &placed
}
