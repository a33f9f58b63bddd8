package cell

import (
	"encoding/json"
	"maps"
	"strings"
)

// Wire returns the bundle as the protocol has it: text is a string even
// where the cell had bytes, JSON is a value, and what cannot be sent becomes a
// line that says so. Other bytes are left to encoding/json, which writes the
// base64 that the protocol asks for.
func (b Bundle) Wire() map[string]any {
	wire := make(map[string]any, len(b))
	maps.Copy(wire, b)
	for mime, v := range wire {
		bytes, ok := v.([]byte)
		switch {
		case ok && isJSON(mime):
			wire[mime] = json.RawMessage(bytes)
		case ok && (strings.HasPrefix(mime, "text/") || mime == "image/svg+xml" || mime == "application/javascript"):
			wire[mime] = string(bytes)
		}
		if _, err := json.Marshal(wire[mime]); err != nil {
			delete(wire, mime)
			if wire["text/plain"] == nil {
				wire["text/plain"] = "cannot show " + mime + ": " + err.Error()
			}
		}
	}
	return wire
}

func isJSON(mime string) bool { return mime == "application/json" || strings.HasSuffix(mime, "+json") }
