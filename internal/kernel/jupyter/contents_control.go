package jupyter

// OK is the content of a reply that has nothing else to say.
type OK struct {
	Status string `json:"status"` // "ok"
}

// ShutdownRequest asks the kernel to end; with Restart another one follows.
type ShutdownRequest struct {
	Restart bool `json:"restart"`
}

// ShutdownReply echoes Restart.
type ShutdownReply struct {
	Status  string `json:"status"`
	Restart bool   `json:"restart"`
}

// InputRequest asks the user for a line.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// InputReply is the line.
type InputReply struct {
	Value string `json:"value"`
}
