// Package display shows things under a notebook cell: text, HTML, Markdown,
// pictures, plots, JSON, and any value of the user's own types.
//
//	display.Show(img)                    // an image.Image, a gonum plot, any value
//	display.HTML("<b>bold</b>")
//	h := display.NewHandle("0 %")        // shown now, replaced later
//	h.Update("50 %")
//	name, err := display.Input("name: ") // asks the user
//
// What is shown appears at once and in order with what the cell prints. In a
// program without a notebook the plain text is printed on standard output.
package display

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/guard"
)

// Sink is where shown things go. A cell.Output is one.
type Sink interface {
	Display(data cell.Bundle, metadata map[string]any, id string)
	Update(data cell.Bundle, metadata map[string]any, id string)
	Clear(wait bool)
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

var sink atomic.Pointer[Sink]

// SetSink sets where shown things go from now on. The process that runs a
// notebook's cells calls it once at its start.
func SetSink(s Sink) { sink.Store(&s) }

func current() Sink {
	if s := sink.Load(); s != nil {
		return *s
	}
	return console{}
}

// Show shows values: one by its richest representation, several as one line
// of text. Render says what a type can do about it.
func Show(values ...any) {
	if data, metadata := Render(values...); data != nil {
		current().Display(data, metadata, "")
	}
}

// HTML shows HTML source.
func HTML(source string) { Show(Data{"text/html": source}) }

// Markdown shows Markdown source.
func Markdown(source string) { Show(Data{"text/markdown": source}) }

// Latex shows LaTeX source such as "$x^2$".
func Latex(source string) { Show(Data{"text/latex": source}) }

// SVG shows a drawing given as SVG source.
func SVG(source string) { Show(Data{"image/svg+xml": source}) }

// PNG shows a picture given as the bytes of a PNG file.
func PNG(file []byte) { Show(Data{"image/png": file}) }

// JPEG shows a picture given as the bytes of a JPEG file.
func JPEG(file []byte) { Show(Data{"image/jpeg": file}) }

// Text shows text as it is, without cutting it.
func Text(text string) { Show(Data{"text/plain": text}) }

// JSON shows any value that encoding/json can marshal, as a tree that can be
// opened where the front end has one.
func JSON(v any) error {
	var raw json.RawMessage
	var text bytes.Buffer
	var err error
	did, panicked := guard.Call(live.Context(), richTime, func() {
		if raw, err = marshal(v); err == nil {
			err = json.Indent(&text, raw, "", "  ")
		}
	}, func() {})
	switch {
	case panicked != nil:
		panic(panicked)
	case did != "":
		return fmt.Errorf("display.JSON: marshalling %T %s", v, did)
	case err != nil:
		return fmt.Errorf("display.JSON: %w", err)
	}
	Show(Data{"application/json": raw, "text/plain": text.String()})
	return nil
}

// A Handle is something on the screen that can be replaced, also from another
// goroutine and from a later cell.
type Handle struct{ id string }

// NewHandle shows values and returns the handle that replaces them.
func NewHandle(values ...any) *Handle {
	h := &Handle{id: rand.Text()}
	data, metadata := Render(values...)
	if data == nil {
		data = cell.Bundle{"text/plain": ""}
	}
	current().Display(data, metadata, h.id)
	return h
}

// Update replaces what the handle shows. Give Data for a MIME type of your
// choice: h.Update(display.Data{"text/html": "<b>done</b>"}).
func (h *Handle) Update(values ...any) {
	if data, metadata := Render(values...); data != nil {
		current().Update(data, metadata, h.id)
	}
}

// Clear removes what the cell has shown so far: at once or, with wait, when
// the next output arrives, which avoids flicker.
func Clear(wait bool) { current().Clear(wait) }

// Input asks the user for a line of text. It returns an error where there is
// nobody to ask.
func Input(prompt string) (string, error) {
	return current().Input(context.Background(), prompt, false)
}

// Password asks the user for a line of text without showing it.
func Password(prompt string) (string, error) {
	return current().Input(context.Background(), prompt, true)
}

// console shows things where there is no notebook: as text on standard output.
type console struct{}

func (console) Display(data cell.Bundle, _ map[string]any, _ string) {
	fmt.Fprintln(os.Stdout, data["text/plain"])
}

func (c console) Update(data cell.Bundle, metadata map[string]any, id string) {
	c.Display(data, metadata, id)
}

func (console) Clear(bool) {}

func (console) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("there is no notebook to ask for input; read os.Stdin instead")
}
