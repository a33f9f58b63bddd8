package display

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/guard"
	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// soon bounds how long a test waits for what has to be quick.
const soon = 20 * time.Second

// look is what methods of cells begin with.
func look() {
	if poll.Flag.Load() != 0 {
		poll.Point()
	}
}

type (
	halfDrawn   struct{}
	slowDrawn   struct{}
	deepJSON    struct{}
	panicJSON   struct{ when string }
	deepRender  struct{}
	linkedJSON  struct{ Next *linkedJSON }
	sharingJSON struct{ L, R *sharingJSON }
)

func (halfDrawn) HTML() string { panic("no HTML today") }
func (slowDrawn) HTML() string {
	for {
		look()
	}
}
func (d deepJSON) MarshalJSON() ([]byte, error)  { look(); return json.Marshal([]any{d}) }
func (p panicJSON) MarshalJSON() ([]byte, error) { panic("no JSON " + p.when) }
func (d deepRender) Render() map[string]any      { look(); return d.again() }
func (d deepRender) again() map[string]any       { return d.Render() }

func TestRepresentationsThatFailAreLeftOut(t *testing.T) {
	defer func(d time.Duration) { richTime = d }(richTime)
	var linked *linkedJSON
	for range 1_000_000 {
		linked = &linkedJSON{linked}
	}
	shared := &sharingJSON{}
	for range 60 {
		shared = &sharingJSON{shared, shared}
	}
	ring := map[string]any{}
	ring["ring"] = ring
	for _, c := range []struct {
		name  string
		limit time.Duration
		v     any
		want  string // a part of the text
	}{
		{"loop", 100 * time.Millisecond, slowDrawn{}, "{}\n(HTML of display.slowDrawn does not return within 100ms)"},
		{"recursion", soon, deepRender{}, "{}\n(Render of display.deepRender calls itself without end)"},
		{"JSON recursion", soon, Data{"application/json": deepJSON{}}, "(application/json calls itself without end)"},
		{"deep JSON", soon, Data{"application/json": linked}, "application/json cannot be shown: "},
		{"large JSON", soon, Data{"application/json": shared}, "application/json cannot be shown: "},
		{"cycle in JSON", soon, Data{"application/json": ring}, "application/json cannot be shown: "},
		{"broken JSON", soon, Data{"application/json": []byte("{")}, "application/json cannot be shown: its bytes are no JSON text"},
	} {
		richTime = c.limit
		got := make(chan cell.Bundle, 1)
		go func() { data, _ := Render(c.v); got <- data }()
		select {
		case data := <-got:
			if text, _ := data["text/plain"].(string); !strings.Contains(text, c.want) {
				t.Errorf("%s: no %q in %q", c.name, c.want, text)
			}
		case <-time.After(soon):
			t.Fatalf("%s: nothing within %v", c.name, soon)
		}
	}
	for want, show := range map[string]func(){
		"no HTML today": func() { Show(halfDrawn{}) },
		"no JSON today": func() { Show(Data{"application/json": panicJSON{"today"}}) },
		"no JSON now":   func() { _ = JSON(panicJSON{"now"}) },
	} {
		func() {
			defer func() {
				p, ok := recover().(*guard.Panic)
				if !ok || p.Value != want || !strings.Contains(p.Stack, "drawing_test.go") {
					t.Errorf("%+v", p)
				}
			}()
			show()
		}()
	}
	if err := JSON(deepJSON{}); err == nil || !strings.Contains(err.Error(), "calls itself without end") {
		t.Error(err)
	}
}

func TestJSONTravelsAsJSON(t *testing.T) {
	for _, mime := range []string{"application/json", "application/geo+json", "application/vnd.vegalite.v5+json", "application/json; charset=utf-8"} {
		for _, v := range []any{[]byte(`{"a": [1]}`), json.RawMessage(`{"a": [1]}`), `{"a": [1]}`, map[string][]int{"a": {1}}} {
			data, _ := Render(Data{mime: v, "text/plain": "x"})
			wire, err := json.Marshal(data)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(wire, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]any{"a": []any{1.}}, got[mime]); diff != "" {
				t.Errorf("%s given as %T: %s", mime, v, diff)
			}
		}
	}
	if data, _ := Render(Data{"application/json": "no JSON", "text/plain": "x"}); fmt.Sprint(data["application/json"]) != "no JSON" {
		t.Error(data)
	}
}

// endless is an image of a program's own, as large as there can be.
type endless struct{ image.Rectangle }

func (endless) ColorModel() color.Model   { return color.GrayModel }
func (e endless) Bounds() image.Rectangle { return e.Rectangle }
func (endless) At(int, int) color.Color   { return color.Black }

// TestImagesWithoutEndAreNotDrawn, alone and in other values: an encoder would take all memory there is.
func TestImagesWithoutEndAreNotDrawn(t *testing.T) {
	all := endless{image.Rect(math.MinInt32, math.MinInt32, math.MaxInt32, math.MaxInt32)}
	for _, v := range []any{image.NewUniform(color.White), all, endless{image.Rect(0, 0, 1<<14+1, 1<<14)}, endless{image.Rect(0, 0, 1, math.MaxInt)}} {
		data, _ := Render(v)
		if text, _ := data["text/plain"].(string); data["image/png"] != nil || !strings.Contains(text, "cannot be shown: it has ") {
			t.Errorf("%T is shown as %.200v", v, data)
		}
		for _, within := range []any{[]any{v}, []image.Image{v.(image.Image)}, []struct{ Icon image.Image }{{v.(image.Image)}}, map[string]image.Image{"a": v.(image.Image)}} {
			if data, _ := Render(within); strings.Contains(fmt.Sprint(data), "image/png") {
				t.Errorf("%T of %T is drawn", within, v)
			}
		}
	}
	if data, _ := Render(image.NewGray(image.Rect(0, 0, 2000, 1000))); data["image/png"] == nil {
		t.Error("an ordinary image is not drawn")
	}
}
