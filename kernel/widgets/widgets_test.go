package widgets

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/kernel/comms"
	"github.com/goparallel/goparallel/kernel/display"
)

// page is a front end: it has the state of each model, by id, and does what a user does.
type page struct {
	t      *testing.T
	models map[string]map[string]any
	other  []cell.Comm // messages of other comms
}

func openPage(t *testing.T) *page {
	p := &page{t: t, models: map[string]map[string]any{}}
	comms.SetSink(p.receive)
	t.Cleanup(func() { comms.SetSink(nil) })
	return p
}

func (p *page) receive(m cell.Comm) {
	var content struct {
		Method      string
		State       map[string]any
		BufferPaths []any `json:"buffer_paths"`
	}
	if len(m.Data) > 0 {
		if err := json.Unmarshal(m.Data, &content); err != nil {
			p.t.Errorf("%s: %v", m.Data, err)
		}
	}
	state := p.models[m.ID]
	switch {
	case m.Kind == cell.CommOpen && m.Target == "jupyter.widget":
		if string(m.Metadata) != `{"version":"2.1.0"}` || content.BufferPaths == nil {
			p.t.Errorf("opened with %s and metadata %s", m.Data, m.Metadata)
		}
		for _, v := range content.State {
			p.known(v)
		}
		p.models[m.ID] = content.State
	case state == nil:
		p.other = append(p.other, m)
	case m.Kind == cell.CommClose:
		delete(p.models, m.ID)
	case content.Method != "update":
		p.t.Errorf("method %q", content.Method)
	default:
		for name, v := range content.State {
			p.known(v)
			state[name] = v
		}
	}
}

// known checks that the front end has the models that a value refers to.
func (p *page) known(v any) {
	switch v := v.(type) {
	case string:
		if id, ok := strings.CutPrefix(v, "IPY_MODEL_"); ok && p.models[id] == nil {
			p.t.Errorf("%s is referred to before it is opened", id)
		}
	case []any:
		for _, e := range v {
			p.known(e)
		}
	}
}

// show shows a widget, and returns its state in the front end.
func (p *page) show(w Widget) map[string]any {
	p.t.Helper()
	data, _ := display.Render(w)
	raw, err := json.Marshal(data[viewType])
	if err != nil {
		p.t.Fatal(err)
	}
	var view struct {
		ID string `json:"model_id"`
	}
	_ = json.Unmarshal(raw, &view)
	state := p.models[view.ID]
	if state == nil || data["text/plain"] != w.String() {
		p.t.Fatalf("%v is shown as %v, and the page has %v", w, data, state)
	}
	return state
}

// send does what the user does to a widget.
func (p *page) send(w Widget, message string) {
	comms.Deliver(cell.Comm{Kind: cell.CommMessage, ID: w.inner().id, Data: json.RawMessage(message)})
}

func (p *page) change(w Widget, property string, value any) {
	raw, _ := json.Marshal(value)
	p.send(w, fmt.Sprintf(`{"method":"update","state":{%q:%s},"buffer_paths":[]}`, property, raw))
}

// failure returns what f panics with.
func failure(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

// TestValuesGoBothWays sets each control from both sides.
func TestValuesGoBothWays(t *testing.T) {
	p := openPage(t)
	type step struct {
		w        Widget
		value    func() any
		set      func() error
		model    string
		property string
		initial  any // on the page
		sent     any // what the user changes it to, as the page has it
		got      any // which is
		after    any // what the program's set makes of it on the page
	}
	of := func(n int) time.Duration { return time.Duration(n) * time.Second }
	slider, bar, real := IntSlider(2, 9), Progress(5), FloatSlider(0, 1)
	text, tick, list := Text("a"), Checkbox("b", false), Dropdown(of(1), of(2), of(3))
	several, page := SelectMultiple("x", "y", "z"), HTML("<b>1</b>")
	for _, s := range []step{
		{slider, func() any { return slider.Value() }, func() error { return slider.Set(100) }, "IntSliderModel", "value", 2.0, 7, 7, 9.0},
		{real, func() any { return real.Value() }, func() error { return real.Set(-1) }, "FloatSliderModel", "value", 0.0, 0.25, 0.25, 0.0},
		{bar, func() any { return bar.Value() }, func() error { return bar.Set(3) }, "IntProgressModel", "value", 0.0, 1, 1, 3.0},
		{text, func() any { return text.Value() }, func() error { return text.Set("c") }, "TextModel", "value", "a", "b", "b", "c"},
		{tick, func() any { return tick.Value() }, func() error { return tick.Set(false) }, "CheckboxModel", "value", false, true, true, false},
		{list, func() any { return list.Value() }, func() error { return list.Set(of(3)) }, "DropdownModel", "index", 0.0, 1, of(2), 2.0},
		{several, func() any { return several.Value() }, func() error { return several.Set([]string{"y"}) }, "SelectMultipleModel", "index", []any{}, []int{0, 2}, []string{"x", "z"}, []any{1.0}},
		{page, func() any { return page.Value() }, func() error { return page.Set("2") }, "HTMLModel", "value", "<b>1</b>", "3", "3", "2"},
	} {
		state := p.show(s.w)
		if state["_model_name"] != s.model || state["_model_module"] != controlsModule || !reflect.DeepEqual(state[s.property], s.initial) {
			t.Errorf("%v begins with %v, want %v", s.w, state, s.initial)
		}
		if p.change(s.w, s.property, s.sent); !reflect.DeepEqual(s.value(), s.got) {
			t.Errorf("%v: changed to %v it has %v", s.w, s.sent, s.value())
		}
		if err := s.set(); err != nil || !reflect.DeepEqual(state[s.property], s.after) {
			t.Errorf("%v: set, the page has %v (%v)", s.w, state[s.property], err)
		}
	}
	if text := failure(func() { p.change(list, "index", 7) }); !strings.Contains(text, "set Dropdown(index=7) to 7: there are 3 options") {
		t.Errorf("an index that is none: %s", text)
	}
	if text := failure(func() { p.change(slider, "value", "many") }); !strings.Contains(text, "to \"many\": ") {
		t.Errorf("a value of another type: %s", text)
	}
	if err := list.Set(of(9)); err == nil || list.Value() != of(3) {
		t.Errorf("an option that is none: %v, %v", err, list.Value())
	}
	if got := p.show(list)["_options_labels"]; !reflect.DeepEqual(got, []any{"1s", "2s", "3s"}) {
		t.Errorf("labels %v", got)
	}
}

func TestFunctionsAreCalledWithWhatIsNew(t *testing.T) {
	p := openPage(t)
	var got []string
	n := IntSlider(0, 10).Label("n").OnChange(func(v int) { got = append(got, fmt.Sprint(v)) })
	if err := n.Set(1); err != nil { // before it is shown, too
		t.Fatal(err)
	}
	clicks := Button("go").OnClick(func() { got = append(got, "click") })
	p.show(HBox(n, clicks))
	p.change(n, "value", 4)
	p.change(n, "value", 4)
	p.change(n, "readout", false)
	p.send(clicks, `{"method":"custom","content":{"event":"click"}}`)
	_ = n.Set(4)
	_ = n.Set(6)
	if want := []string{"1", "4", "click", "6"}; !reflect.DeepEqual(got, want) {
		t.Errorf("called with %v, want %v", got, want)
	}
	if s := n.String(); s != `IntSlider(description="n", value=6)` {
		t.Error(s)
	}
}

func TestBoxesOpenWhatTheyHold(t *testing.T) {
	p := openPage(t)
	a, b := Text("a").Width("3em"), Text("b")
	tabs := Tabs([]string{"one", "two"}, VBox(a), b)
	state := p.show(tabs)
	if len(p.models) != 5 || len(state["children"].([]any)) != 2 || state["titles"].([]any)[1] != "two" {
		t.Errorf("%v of %d", state, len(p.models))
	}
	layout := p.models[strings.TrimPrefix(p.show(a)["layout"].(string), "IPY_MODEL_")]
	if layout["width"] != "3em" || layout["_model_name"] != "LayoutModel" || layout["_model_module"] != baseModule {
		t.Errorf("layout %v", layout)
	}
	if err := tabs.Hold(Checkbox("new", true)); err != nil || len(p.models) != 6 || len(state["children"].([]any)) != 1 {
		t.Errorf("%v, %v", err, state)
	}
	b.Close()
	if err := b.Set("c"); err != nil || len(p.models) != 5 {
		t.Errorf("closed: %v, %d models", err, len(p.models))
	}
	if state := p.show(b); state["value"] != "c" || len(p.models) != 6 {
		t.Errorf("shown again: %v", state)
	}
	comms.Deliver(cell.Comm{Kind: cell.CommClose, ID: b.inner().id})
	if err := b.Set("d"); err != nil {
		t.Error(err)
	}
}

func TestAPageThatAsksGetsTheState(t *testing.T) {
	p := openPage(t)
	n := IntSlider(0, 10)
	p.show(VBox(n))
	p.change(n, "value", 4)
	n.Disable(true)
	p.models[n.inner().id] = map[string]any{}
	p.send(n, `{"method":"request_state"}`)
	if state := p.models[n.inner().id]; state["value"] != 4.0 || state["disabled"] != true {
		t.Errorf("its state is %v", state)
	}
}

func outputsOf(t *testing.T, state map[string]any) (texts []string) {
	t.Helper()
	for _, o := range state["outputs"].([]any) {
		o := o.(map[string]any)
		if text, ok := o["text"]; ok {
			texts = append(texts, text.(string))
			continue
		}
		texts = append(texts, fmt.Sprint(o["data"].(map[string]any)["text/plain"]))
	}
	return texts
}

func TestAreas(t *testing.T) {
	p := openPage(t)
	a := Output()
	fmt.Fprint(a, "one ")
	state := p.show(a)
	fmt.Fprintln(a, "two")
	_ = a.Show([]int{1}, "x")
	fmt.Fprint(a, "three")
	if got := outputsOf(t, state); !reflect.DeepEqual(got, []string{"one two\n", "[1] x", "three"}) {
		t.Errorf("%q", got)
	}
	_ = a.Replace(display.Data{"image/png": []byte{1, 2, 3}})
	if data := state["outputs"].([]any)[0].(map[string]any)["data"].(map[string]any); len(state["outputs"].([]any)) != 1 || data["image/png"] != "AQID" {
		t.Errorf("%v", data)
	}
	_ = a.Clear()
	if got := outputsOf(t, state); got != nil {
		t.Errorf("cleared: %q", got)
	}
}

func TestInteractCallsAgain(t *testing.T) {
	p := openPage(t)
	type celsius float32
	slider := FloatSlider(0, 10)
	box, err := Interact(func(a celsius, n int, name string, up bool, unit rune) (string, error) {
		if n > 20 {
			return "", errors.New("too many")
		}
		return fmt.Sprintf("%v %v %v %v %c", a, n, name, up, unit), nil
	}, slider, 10, "x", true, []rune("CF"))
	if err != nil {
		t.Fatal(err)
	}
	p.show(box)
	models := box.model.state["children"].([]*model)
	area := p.models[models[5].id]
	if got := outputsOf(t, area); !reflect.DeepEqual(got, []string{"0 10 x true C"}) {
		t.Errorf("at first %q", got)
	}
	number := p.models[models[1].id]
	if number["min"] != -10.0 || number["max"] != 30.0 || number["value"] != 10.0 {
		t.Errorf("the slider of a number: %v", number)
	}
	p.change(slider, "value", 2.5)
	comms.Deliver(cell.Comm{Kind: cell.CommMessage, ID: models[4].id, Data: json.RawMessage(`{"method":"update","state":{"index":1}}`)})
	if got := outputsOf(t, area); !reflect.DeepEqual(got, []string{"2.5 10 x true F"}) {
		t.Errorf("changed: %q", got)
	}
	comms.Deliver(cell.Comm{Kind: cell.CommMessage, ID: models[1].id, Data: json.RawMessage(`{"method":"update","state":{"value":25}}`)})
	if got := outputsOf(t, area); len(got) != 1 || !strings.HasPrefix(got[0], "error: *errors.errorString: too many") {
		t.Errorf("an error: %q", got)
	}
	n := IntSlider(1, 3)
	box, err = Interact(func(out *Area, n int) { fmt.Fprint(out, strings.Repeat("*", n)) }, n)
	if err != nil {
		t.Fatal(err)
	}
	p.show(box)
	p.change(n, "value", 3)
	if got := outputsOf(t, p.models[box.model.state["children"].([]*model)[1].id]); !reflect.DeepEqual(got, []string{"***"}) {
		t.Errorf("printed %q", got)
	}
}

// Parameters for which no control is given have one by their type.
func TestInteractChoosesControls(t *testing.T) {
	p := openPage(t)
	type celsius float32
	box, err := Interact(func(n int, a celsius, name string, up bool) string { return fmt.Sprintf("%d %v %q %v", n, a, name, up) }, 7)
	if err != nil {
		t.Fatal(err)
	}
	p.show(box)
	models := box.model.state["children"].([]*model)
	if got := outputsOf(t, p.models[models[4].id]); !reflect.DeepEqual(got, []string{`7 0 "" false`}) {
		t.Errorf("at first %q", got)
	}
	for i, want := range []string{"IntSliderModel", "FloatSliderModel", "TextModel", "CheckboxModel"} {
		if got := p.models[models[i].id]["_model_name"]; got != want {
			t.Errorf("control %d is a %v, want %s", i, got, want)
		}
	}
}

func TestInteractRefusesWhatDoesNotFit(t *testing.T) {
	openPage(t)
	for _, c := range []struct {
		f    any
		args []any
		want string
	}{
		{3, nil, "int is none"},
		{func(...int) {}, nil, "fixed number of parameters"},
		{func(int) {}, []any{1, 2}, "the function has 1 parameters to set, and 2 controls are given"},
		{func(int, []int) {}, []any{1}, "parameter 2 of the function: there is no control for the type []int; give a widget"},
		{func(int, string) {}, []any{1, 2}, "parameter 2 of the function: it is of type string, and the value of the control of type int"},
		{func(int, error) {}, []any{1, struct{}{}}, "there is no control for a value of type struct {}"},
	} {
		if _, err := Interact(c.f, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T with %v: %v", c.f, c.args, err)
		}
	}
}

// The ends of a slider may be given the other way round.
func TestSlidersWithTheirEndsSwapped(t *testing.T) {
	for name, state := range map[string]map[string]any{"int": IntSlider(10, 0).model.state, "float": FloatSlider(10, 0).model.state} {
		if fmt.Sprint(state["min"], state["max"]) != "0 10" || strings.HasPrefix(fmt.Sprint(state["step"]), "-") {
			t.Errorf("%s: %v", name, state)
		}
	}
}
