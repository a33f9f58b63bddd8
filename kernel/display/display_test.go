package display

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/plot"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

type page struct{ title string }

func (p page) HTML() string     { return "<h1>" + p.title + "</h1>" }
func (p page) Markdown() string { return "# " + p.title }

type mime struct{}

func (mime) Render() map[string]any {
	return map[string]any{"application/x-thing+json": map[string]int{"a": 1}, "text/plain": "a thing"}
}

type full struct{}

func (full) Render() struct{ Data, Metadata, Transient map[string]any } {
	return struct{ Data, Metadata, Transient map[string]any }{
		Data: map[string]any{"image/png": []byte{1, 2}}, Metadata: map[string]any{"width": 3},
	}
}

type byPointer struct{}

func (*byPointer) SVG() string { return "<svg/>" }

type number int

func (n number) String() string { return fmt.Sprintf("number %d", int(n)) }

func TestRender(t *testing.T) {
	type point struct {
		X int
		y string
	}
	var none *byPointer
	for _, c := range []struct {
		name   string
		values []any
		want   cell.Bundle
	}{
		{"nothing", nil, nil},
		{"number", []any{42}, cell.Bundle{"text/plain": "42"}},
		{"string", []any{"a\nb"}, cell.Bundle{"text/plain": "a\nb"}},
		{"several", []any{1, "x", []int{2}}, cell.Bundle{"text/plain": "1 x [2]"}},
		{"nil", []any{nil}, cell.Bundle{"text/plain": "<nil>"}},
		{"struct", []any{point{1, "a"}}, cell.Bundle{"text/plain": "{X:1 y:a}"}},
		{"error", []any{errors.New("no")}, cell.Bundle{"text/plain": "no"}},
		{"stringer", []any{number(3)}, cell.Bundle{"text/plain": "number 3"}},
		{"methods", []any{page{"T"}}, cell.Bundle{"text/html": "<h1>T</h1>", "text/markdown": "# T", "text/plain": "# T"}},
		{"MIME map", []any{mime{}}, cell.Bundle{"application/x-thing+json": json.RawMessage(`{"a":1}`), "text/plain": "a thing"}},
		{"full", []any{full{}}, cell.Bundle{"image/png": "AQI=", "text/plain": "<display.full>"}},
		{"pointer method", []any{&byPointer{}}, cell.Bundle{"image/svg+xml": "<svg/>", "text/plain": "<*display.byPointer>"}},
		{"nil pointer", []any{none}, cell.Bundle{"text/plain": "<nil>"}},
		{"data", []any{Data{"text/html": "<b>a &amp; b</b>"}}, cell.Bundle{"text/html": "<b>a &amp; b</b>", "text/plain": "a & b"}},
		{"handle", []any{&Handle{}}, nil},
		{"unmarshalable", []any{Data{"application/json": func() {}}}, cell.Bundle{"text/plain": "application/json cannot be shown: json: unsupported type: func()"}},
	} {
		got, _ := Render(c.values...)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if _, metadata := Render(full{}); metadata["width"] != 3 {
		t.Errorf("metadata is lost: %v", metadata)
	}
}

func TestPictures(t *testing.T) {
	data, _ := Render(image.NewGray(image.Rect(0, 0, 3, 3)))
	if s, _ := data["image/png"].(string); !strings.HasPrefix(s, "iVBORw0KGgo") {
		t.Errorf("no PNG: %v", data)
	}
	p := plot.New()
	p.Title.Text = "the title"
	data, _ = Render(p)
	if s, _ := data["image/svg+xml"].(string); !strings.Contains(s, "<svg") || !strings.Contains(s, "the title") {
		t.Errorf("no SVG: %.300v", data)
	}
}

// shown is a sink that notes what it gets.
type shown struct{ events []string }

func (s *shown) Display(d cell.Bundle, _ map[string]any, id string) {
	s.events = append(s.events, fmt.Sprintf("display %s %v", id, d["text/plain"]))
}
func (s *shown) Update(d cell.Bundle, _ map[string]any, id string) {
	s.events = append(s.events, fmt.Sprintf("update %s %v", id, d["text/plain"]))
}
func (s *shown) Clear(wait bool) { s.events = append(s.events, fmt.Sprint("clear ", wait)) }
func (s *shown) Input(context.Context, string, bool) (string, error) {
	return "typed", nil
}

func TestShowing(t *testing.T) {
	s := &shown{}
	SetSink(s)
	defer sink.Store(nil)
	Text("a")
	h := NewHandle("b")
	h.Update("c")
	Clear(false)
	if err := JSON(map[string]int{"x": 1}); err != nil {
		t.Error(err)
	}
	if err := JSON(func() {}); err == nil {
		t.Error("a function was shown as JSON")
	}
	want := []string{"display  a", "display " + h.id + " b", "update " + h.id + " c", "clear false", "display  {\n  \"x\": 1\n}"}
	if diff := cmp.Diff(want, s.events); diff != "" {
		t.Error(diff)
	}
	if line, err := Input("? "); line != "typed" || err != nil {
		t.Error(line, err)
	}
}
