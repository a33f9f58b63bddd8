package display

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"reflect"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/guard"
)

// richTime is how long representations may take that a type draws itself; a variable
// for the tests.
var richTime = time.Minute

// mostLine is how long the text of a list of rows may be, in characters, before it is
// a table as well.
const mostLine = 100

// A drawing collects the representations of one value, by MIME type, from its
// methods, and encodes them. The methods are the user's.
type drawing struct {
	value    any // has the methods; nil where data is all there is
	data     cell.Bundle
	metadata map[string]any
	problem  string // what is missing, and why

	mu      sync.Mutex
	calling string // the method that runs
}

// draw returns the representations, ready to travel. Problem says which one is
// missing, if any, and why. It panics with a *guard.Panic where a method panics.
func (d *drawing) draw() (data cell.Bundle, metadata map[string]any, problem string) {
	if d.value == nil && d.encoded() {
		return d.data, d.metadata, ""
	}
	did, panicked := guard.Call(live.Context(), richTime, func() {
		if d.value != nil {
			d.offered()
		}
		d.encode()
	}, func() {})
	switch {
	case panicked != nil:
		panic(panicked)
	case did == "":
		return d.data, d.metadata, d.problem
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return cell.Bundle{}, nil, fmt.Sprintf("%s %s", d.calling, did)
}

// offered fills in the representations that the value's methods give.
func (d *drawing) offered() {
	add := func(m map[string]any) {
		for mime, value := range m {
			d.data[mime] = value
		}
	}
	v := d.value
	if list, ok := v.(several); ok {
		d.call("showing", func() { d.data["text/html"] = list.html() })
		return
	}
	if r, ok := v.(renderer); ok {
		d.call("Render", func() { add(r.Render()) })
	}
	if r, ok := v.(simpleRenderer); ok {
		d.call("SimpleRender", func() { add(r.SimpleRender()) })
	}
	if r, ok := v.(fullRenderer); ok {
		d.call("Render", func() {
			full := r.Render()
			add(full.Data)
			d.metadata = full.Metadata
		})
	}
	if r, ok := v.(htmler); ok {
		d.call("HTML", func() { d.data["text/html"] = r.HTML() })
	}
	if r, ok := v.(svger); ok {
		d.call("SVG", func() { d.data["image/svg+xml"] = r.SVG() })
	}
	if r, ok := v.(markdowner); ok {
		d.call("Markdown", func() { d.data["text/markdown"] = r.Markdown() })
	}
	if r, ok := v.(latexer); ok {
		d.call("Latex", func() { d.data["text/latex"] = r.Latex() })
	}
	if r, ok := v.(javascripter); ok {
		d.call("JavaScript", func() { d.data["application/javascript"] = r.JavaScript() })
	}
	if r, ok := v.(pnger); ok {
		d.call("PNG", func() { d.data["image/png"] = r.PNG() })
	}
	if r, ok := v.(jpeger); ok {
		d.call("JPEG", func() { d.data["image/jpeg"] = r.JPEG() })
	}
	if r, ok := v.(pdfer); ok {
		d.call("PDF", func() { d.data["application/pdf"] = r.PDF() })
	}
	if r, ok := v.(jsoner); ok {
		d.call("JSON", func() { d.data["application/json"] = r.JSON() })
	}
	switch r := v.(type) {
	case jsonValuer:
		d.call("JSON", func() { d.data["application/json"] = r.JSON() })
	case jsonTexter:
		d.call("JSON", func() { d.data["application/json"] = []byte(r.JSON()) })
	case jsonByter:
		d.call("JSON", func() { d.data["application/json"] = r.JSON() })
	case jsonRawer:
		d.call("JSON", func() { d.data["application/json"] = r.JSON() })
	}
	if r, ok := v.(mimer); ok {
		d.call("MIME", func() { add(r.MIME()) })
	}
	if len(d.data) > 0 {
		return
	}
	if img, ok := v.(image.Image); ok {
		d.call("the picture", func() {
			data, err := encodePNG(img)
			if err != nil {
				d.data["text/plain"] = fmt.Sprintf("%T cannot be shown: %v", v, err)
				return
			}
			d.data["image/png"] = data
		})
		return
	}
	d.call("the plot", func() {
		if svg, ok, err := drawPlot(v); err != nil {
			d.data["text/plain"] = fmt.Sprintf("%T cannot be drawn: %v", v, err)
		} else if ok {
			d.data["image/svg+xml"] = svg
		}
	})
	if len(d.data) > 0 {
		return
	}
	d.call("the table", func() {
		if markup := galleryOf(v); markup != "" {
			d.data["text/html"] = markup
			d.data["text/plain"] = fmt.Sprintf("<%T>", v)
		} else if g := gridOf(v); g != nil {
			d.data["text/html"] = g.html()
			// What is known by its methods, such as a matrix, has nothing to say by its fields.
			if text := plain(v); (knownByMethods(v) || utf8.RuneCountInString(text) > mostLine) && !hasText(reflect.TypeOf(v)) {
				d.data["text/plain"] = g.text()
			} else {
				d.data["text/plain"] = text
			}
		} else if markup, line := treeOf(v); markup != "" {
			d.data["text/html"], d.data["text/plain"] = markup, line
		}
	})
}

// call calls a method of the value.
func (d *drawing) call(method string, f func()) {
	d.noteRunning(fmt.Sprintf("%s of %T", method, d.value))
	f()
}

// noteRunning notes what runs.
func (d *drawing) noteRunning(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calling = what
}

// mostPixels bounds the images that are drawn. One without bounds, such as an image.Uniform, would
// take memory until the process ends, and nothing stops an encoder on its way.
const mostPixels = 1 << 28

// encodePNG makes a file of an image.
func encodePNG(img image.Image) ([]byte, error) {
	if b := img.Bounds(); b.Dx() > 0 && b.Dy() > 0 && b.Dx() > mostPixels/b.Dy() {
		return nil, fmt.Errorf("it has %d × %d pixels, more than %d × %d", b.Dx(), b.Dy(), 1<<14, 1<<14)
	}
	var file bytes.Buffer
	err := png.Encode(&file, img)
	return file.Bytes(), err
}
