package jupyter

import "encoding/json"

// Comm is the content of comm_open, comm_msg and comm_close.
type Comm struct {
	CommID     string          `json:"comm_id"`
	TargetName string          `json:"target_name,omitempty"` // of comm_open
	Data       json.RawMessage `json:"data"`                  // an object
}

// CommInfoRequest asks which comms are open, all or those of one target.
type CommInfoRequest struct {
	TargetName string `json:"target_name"`
}

// CommInfoReply lists the open comms by id.
type CommInfoReply struct {
	Status string              `json:"status"`
	Comms  map[string]CommInfo `json:"comms"`
}

// CommInfo says what a comm is connected to.
type CommInfo struct {
	TargetName string `json:"target_name"`
}
