package repl_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// page keeps what a front end would know of a session's widgets: their states by id, and
// the ids by the models' names.
type page struct {
	recorder
	mu     sync.Mutex
	states map[string]map[string]any
	ids    map[string]string
}

func (p *page) Comm(m cell.Comm) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var content struct{ State map[string]any }
	if m.Kind == cell.CommClose || json.Unmarshal(m.Data, &content) != nil {
		return
	}
	if m.Kind == cell.CommOpen {
		p.states[m.ID] = map[string]any{}
		p.ids[content.State["_model_name"].(string)] = m.ID
	}
	for name, v := range content.State {
		p.states[m.ID][name] = v
	}
}

// state returns a property of the widget whose model has the name.
func (p *page) state(model, property string) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.states[p.ids[model]][property]
}

// TestWidgetsOfASession moves a slider between cells and while one runs.
func TestWidgetsOfASession(t *testing.T) {
	n := open(t)
	p := &page{states: map[string]map[string]any{}, ids: map[string]string{}}
	n.repl.Background(p)
	show := func(code, want string) {
		t.Helper()
		p.text.Reset()
		if reply := n.execute(cell.Request{Code: code}, p); reply.Err != nil || p.String() != want {
			t.Fatalf("%s\nshowed %q, want %q (%+v)", code, p, want, reply.Err)
		}
	}
	show(`import "github.com/goparallel/goparallel/kernel/widgets"
type level int
func (l level) String() string { return strings.Repeat("I", int(l)) }
factor := 2
s := widgets.IntSlider(1, 9).Label("n")
d := widgets.Dropdown(level(1), level(3))
widgets.Interact(func(n int, l level) string { return fmt.Sprint(n*factor, " ", l) }, s, d)`,
		`[imported fmt, strings]=> VBox(IntSlider(description="n", value=1), Dropdown(index=0), Output())`)
	output := func() string {
		list, _ := p.state("OutputModel", "outputs").([]any)
		if len(list) != 1 {
			return ""
		}
		return list[0].(map[string]any)["data"].(map[string]any)["text/plain"].(string)
	}
	if got := output(); got != "2 I" {
		t.Errorf("at first %q", got)
	}
	n.comm(cell.CommMessage, p.ids["IntSliderModel"], `{"method":"update","state":{"value":5},"buffer_paths":[]}`)
	if got := output(); got != "10 I" {
		t.Errorf("moved: %q", got)
	}
	show("factor = 3\ns.Value(), d.Value()", "=> 5 I")
	n.comm(cell.CommMessage, p.ids["DropdownModel"], `{"method":"update","state":{"index":1},"buffer_paths":[]}`)
	if got := output(); got != "15 III" {
		t.Errorf("after a cell that changed a variable: %q", got)
	}
	show("s.Set(9)", "")
	if got := output(); got != "27 III" || p.state("IntSliderModel", "value") != 9.0 {
		t.Errorf("set by a cell: %q", got)
	}
	show("clicked := make(chan bool)\nwidgets.Button(\"go\").OnClick(func() { clicked <- true })", `=> Button(description="go")`)
	ended := make(chan string)
	go func() {
		got, _ := n.run("<-clicked")
		ended <- got
	}()
	n.comm(cell.CommMessage, p.ids["ButtonModel"], `{"method":"custom","content":{"event":"click"},"buffer_paths":[]}`)
	if got := <-ended; got != "=> true" {
		t.Errorf("a cell that waits for a click showed %q", got)
	}
	failed := n.comm(cell.CommMessage, p.ids["DropdownModel"], `{"method":"update","state":{"index":7},"buffer_paths":[]}`)
	if failed == nil || !strings.Contains(failed.Text(), "the front end set Dropdown(") {
		t.Errorf("an option that is none: %+v", failed)
	}
}
