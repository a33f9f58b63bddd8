package jupyter

// Status says what the kernel is doing: "starting", "busy" or "idle".
type Status struct {
	ExecutionState string `json:"execution_state"`
}

// Welcome is the first message of a subscription.
type Welcome struct {
	Subscription string `json:"subscription"` // the topic
}

// Stream is text that a cell printed on "stdout" or "stderr".
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// DisplayData is the content of display_data and update_display_data.
type DisplayData struct {
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient Transient      `json:"transient"`
}

// Transient holds what a front end does not store with a display.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// ExecuteResult is the value of a cell's last expression.
type ExecuteResult struct {
	ExecutionCount int            `json:"execution_count"`
	Data           map[string]any `json:"data"`
	Metadata       map[string]any `json:"metadata"`
}

// ClearOutput removes a cell's output, at once or before the next one.
type ClearOutput struct {
	Wait bool `json:"wait"`
}
