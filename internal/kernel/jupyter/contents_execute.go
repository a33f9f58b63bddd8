package jupyter

// ExecuteRequest asks for a cell to be run. Optional fields are pointers; the
// methods give their defaults.
type ExecuteRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history,omitempty"`
	UserExpressions map[string]string `json:"user_expressions,omitempty"`
	AllowStdin      *bool             `json:"allow_stdin,omitempty"`
	StopOnError     *bool             `json:"stop_on_error,omitempty"`
}

// Stores reports whether the cell enters the history and counts.
func (r ExecuteRequest) Stores() bool { return !r.Silent && orTrue(r.StoreHistory) }

// MayAsk reports whether the front end answers input requests.
func (r ExecuteRequest) MayAsk() bool { return orTrue(r.AllowStdin) }

// Stops reports whether an error aborts the requests queued behind this one.
func (r ExecuteRequest) Stops() bool { return !r.Silent && orTrue(r.StopOnError) }

func orTrue(b *bool) bool { return b == nil || *b }

// ErrorContent is the content of an error message, and what every reply with
// status "error" holds.
type ErrorContent struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"` // never null on the wire
}

// ErrorReply is a failed request's reply.
type ErrorReply struct {
	Status string `json:"status"` // "error"
	ErrorContent
}

// ExecuteReply is the reply to a cell that ran to its end.
type ExecuteReply struct {
	Status          string           `json:"status"` // "ok"
	ExecutionCount  int              `json:"execution_count"`
	Payload         []map[string]any `json:"payload"`
	UserExpressions map[string]any   `json:"user_expressions"`
}

// ExecuteErrorReply is the reply to a cell that failed.
type ExecuteErrorReply struct {
	ExecuteReply // status "error"
	ErrorContent
}

// ExecuteAbortedReply is the reply to a cell that was not run because an
// earlier one failed. Like ipykernel's it has no execution count, which front
// ends would show beside a cell that never ran.
type ExecuteAbortedReply struct {
	Status string `json:"status"` // "aborted"
}

// ExecuteInput tells every front end which code is being run.
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}
