package display

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"math"
	mimetype "mime"
	"net/http"
	"path"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/guard"
)

// VegaLite shows a chart that a Vega-Lite specification describes: JSON text (a string,
// []byte or json.RawMessage), or a value that encoding/json makes it of. JupyterLab
// draws it by itself. It returns an error where the specification is no JSON object.
func VegaLite(spec any) error {
	return showSpec("VegaLite", "application/vnd.vegalite.v5+json", spec)
}

// Vega shows a chart that a Vega specification describes; see VegaLite.
func Vega(spec any) error { return showSpec("Vega", "application/vnd.vega.v5+json", spec) }

// Plotly shows a figure of Plotly's: an object with data and layout, in JSON as VegaLite takes it.
// Front ends need Plotly's extension for it.
func Plotly(figure any) error {
	return showSpec("Plotly", "application/vnd.plotly.v1+json", figure)
}

// showSpec shows JSON of a type that front ends draw.
func showSpec(function, mimeType string, spec any) error {
	var raw json.RawMessage
	var err error
	did, panicked := guard.Call(live.Context(), richTime, func() {
		switch s := spec.(type) {
		case string:
			raw = json.RawMessage(s)
		case []byte:
			raw = s
		default:
			raw, err = marshal(s)
		}
	}, func() {})
	switch {
	case panicked != nil:
		panic(panicked)
	case did != "":
		return fmt.Errorf("display.%s: marshalling %T %s", function, spec, did)
	case err != nil:
		return fmt.Errorf("display.%s: %w", function, err)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return fmt.Errorf("display.%s: the specification is no JSON object: %w", function, err)
	}
	Show(Data{mimeType: raw, "text/plain": "<" + function + " chart>"})
	return nil
}

// Audio shows a player for the bytes of a sound file: WAV, MP3, Ogg or what else the
// browser plays.
func Audio(file []byte) { player("audio", http.DetectContentType(file), file) }

// Video shows a player for the bytes of a film: MP4, WebM or what else the browser
// plays.
func Video(file []byte) { player("video", http.DetectContentType(file), file) }

// Samples shows a player for a sound: its samples, from -1 to 1, and how many there are in
// a second, such as 44100. What is larger is cut off.
func Samples(samples []float64, rate int) { player("audio", "audio/wav", wave(samples, rate)) }

func player(tag, contentType string, file []byte) {
	style := ""
	if tag == "video" {
		style = ` style="max-width: 100%"`
	}
	Show(Data{
		"text/html":  fmt.Sprintf(`<%s controls%s src="%s"></%s>`, tag, style, dataURL(contentType, file), tag),
		"text/plain": fmt.Sprintf("<%s, %d bytes>", tag, len(file)),
	})
}

func dataURL(contentType string, content []byte) string {
	contentType, _, _ = strings.Cut(contentType, ";")
	return "data:" + contentType + ";base64," + base64.StdEncoding.EncodeToString(content)
}

// wave is a WAV file with 16 bits for each sample, in one channel.
func wave(samples []float64, rate int) []byte {
	var b bytes.Buffer
	size := uint32(2 * len(samples))
	b.WriteString("RIFF")
	write := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.LittleEndian, v) // a bytes.Buffer takes everything
		}
	}
	write(36 + size)
	b.WriteString("WAVEfmt ")
	write(uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2*rate), uint16(2), uint16(16))
	b.WriteString("data")
	write(size)
	for _, s := range samples {
		if math.IsNaN(s) {
			s = 0
		}
		write(int16(math.Round(max(-1, min(1, s)) * math.MaxInt16)))
	}
	return b.Bytes()
}

// File shows a link by which the reader can save content as a file of this name.
func File(name string, content []byte) {
	contentType := mimetype.TypeByExtension(path.Ext(name))
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	Show(Data{
		"text/html": fmt.Sprintf(`<a download="%s" href="%s">%s</a> (%s bytes)`, html.EscapeString(name), dataURL(contentType, content),
			html.EscapeString(name), count(len(content))),
		"text/plain": fmt.Sprintf("<file %s, %d bytes>", name, len(content)),
	})
}
