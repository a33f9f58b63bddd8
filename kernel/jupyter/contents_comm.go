package jupyter

// CommOpen asks for a comm between a front end and a target in the kernel.
type CommOpen struct {
	CommID     string         `json:"comm_id"`
	TargetName string         `json:"target_name"`
	Data       map[string]any `json:"data"`
}

// CommClose ends a comm, or answers an open whose target is unknown.
type CommClose struct {
	CommID string         `json:"comm_id"`
	Data   map[string]any `json:"data"`
}

// CommInfoReply lists the open comms by id.
type CommInfoReply struct {
	Status string              `json:"status"`
	Comms  map[string]struct{} `json:"comms"`
}
