package display

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// lastShown collects what is displayed.
type lastShown struct{ last cell.Bundle }

func (s *lastShown) Display(data cell.Bundle, _ map[string]any, _ string) { s.last = data }
func (s *lastShown) Update(cell.Bundle, map[string]any, string)           {}
func (s *lastShown) Clear(bool)                                           {}
func (s *lastShown) Input(context.Context, string, bool) (string, error)  { return "", nil }

func TestChartsAndMedia(t *testing.T) {
	old := current()
	out := &lastShown{}
	SetSink(out)
	defer SetSink(old)
	for name, spec := range map[string]any{"text": `{"mark": "bar"}`, "bytes": []byte(`{"mark": "bar"}`), "map": map[string]any{"mark": "bar"}, "struct": struct {
		Mark string `json:"mark"`
	}{"bar"}} {
		if err := VegaLite(spec); err != nil {
			t.Fatal(err)
		}
		raw, _ := out.last["application/vnd.vegalite.v5+json"].(json.RawMessage)
		var got map[string]string
		if json.Unmarshal(raw, &got) != nil || got["mark"] != "bar" {
			t.Errorf("%s: %v", name, out.last)
		}
	}
	for _, wrong := range []any{"no JSON", 3, []int{1}, func() {}} {
		if err := VegaLite(wrong); err == nil || !strings.HasPrefix(err.Error(), "display.VegaLite: ") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if err := Plotly(map[string]any{"data": []any{}}); err != nil || out.last["application/vnd.plotly.v1+json"] == nil {
		t.Error(err, out.last)
	}
	Samples([]float64{0, 1, -2}, 8000)
	markup := out.last["text/html"].(string)
	_, encoded, _ := strings.Cut(markup, "base64,")
	encoded, _, _ = strings.Cut(encoded, `"`)
	file, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(file) != 50 || string(file[:4]) != "RIFF" || string(file[44:]) != "\x00\x00\xff\x7f\x01\x80" {
		t.Errorf("%q %v", file, err)
	}
	if Audio(file); !strings.Contains(out.last["text/html"].(string), `<audio controls src="data:audio/wave;base64,`) {
		t.Error(out.last)
	}
	if Video([]byte("\x1a\x45\xdf\xa3\x42\x82\x84webm")); !strings.HasPrefix(out.last["text/html"].(string), `<video controls`) {
		t.Error(out.last)
	}
	if File(`a"b.csv`, []byte("x")); !strings.HasPrefix(out.last["text/html"].(string), `<a download="a&#34;b.csv" href="data:text/csv;base64,eA==">`) {
		t.Error(out.last)
	}
}
