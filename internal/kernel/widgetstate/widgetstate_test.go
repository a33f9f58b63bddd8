package widgetstate

import (
	"encoding/json"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Models have what was said of them last, field by field; they stay when their comm is closed, and what is no model's is
// not kept.
func TestStatesAreWhatWasSaidLast(t *testing.T) {
	var states States
	note := func(kind, id, target, data string) {
		states.Note(cell.Comm{Kind: kind, ID: id, Target: target, Data: json.RawMessage(data)})
	}
	note(cell.CommMessage, "slider", "", `{"state": {"value": 0}}`) // nobody has opened it
	if len(states) != 0 {
		t.Fatal(states)
	}
	note(cell.CommOpen, "slider", Target, `{"state": {"_model_name": "IntSlider", "_model_module": "controls", "_model_module_version": "2", "value": 1, "min": 0}}`)
	note(cell.CommOpen, "other", "an.extension", `{"state": {"a": 1}}`)
	note(cell.CommMessage, "other", "", `{"state": {"a": 2}}`)
	note(cell.CommMessage, "slider", "", `{"method": "update", "state": {"value": 5, "max": 9}}`)
	note(cell.CommMessage, "slider", "", `{"method": "custom", "content": {"value": 6}}`)
	note(cell.CommMessage, "slider", "", `no JSON`)
	note(cell.CommClose, "slider", "", `{}`)
	got, _ := json.Marshal(states.Models())
	const want = `{"slider":{"model_module":"controls","model_module_version":"2","model_name":"IntSlider","state":{"_model_module":"controls","_model_module_version":"2","_model_name":"IntSlider","max":9,"min":0,"value":5}}}`
	if string(got) != want {
		t.Errorf("%s\ninstead of\n%s", got, want)
	}
	note(cell.CommOpen, "slider", Target, `{"state": {"_model_name": "Text"}}`) // which is another one
	if got := string(states["slider"]["_model_name"]); got != `"Text"` || len(states["slider"]) != 1 {
		t.Errorf("%s", states["slider"])
	}
	if states.Forget("slider"); len(states.Models()) != 0 {
		t.Error(states)
	}
}
