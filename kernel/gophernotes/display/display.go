// Package display is the package of this name that cells of gophernotes have
// without importing it, for their notebooks in this kernel: functions that turn
// source text, files and pictures into a Data, which is shown where it is a cell's
// value, or by Display.
//
// New notebooks import github.com/goparallel/goparallel/kernel/display instead.
package display

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/goparallel/goparallel/kernel/display"
)

// The MIME types that front ends know.
const (
	MIMETypeHTML       = "text/html"
	MIMETypeJavaScript = "application/javascript"
	MIMETypeJPEG       = "image/jpeg"
	MIMETypeJSON       = "application/json"
	MIMETypeLatex      = "text/latex"
	MIMETypeMarkdown   = "text/markdown"
	MIMETypePNG        = "image/png"
	MIMETypePDF        = "application/pdf"
	MIMETypeSVG        = "image/svg+xml"
	MIMETypeText       = "text/plain"
)

// MIMEMap holds one thing in several representations, by MIME type.
type MIMEMap = map[string]any

// Data is what a front end is told of a thing. Transient is not used.
type Data = struct {
	Data      MIMEMap
	Metadata  MIMEMap
	Transient MIMEMap
}

// The methods by which a type says how it wants to be shown.
type (
	Renderer       = interface{ Render() Data }
	SimpleRenderer = interface{ SimpleRender() MIMEMap }
	HTMLer         = interface{ HTML() string }
	JavaScripter   = interface{ JavaScript() string }
	JPEGer         = interface{ JPEG() []byte }
	JSONer         = interface{ JSON() map[string]any }
	Latexer        = interface{ Latex() string }
	Markdowner     = interface{ Markdown() string }
	PNGer          = interface{ PNG() []byte }
	PDFer          = interface{ PDF() []byte }
	SVGer          = interface{ SVG() string }
)

// Any is data as a MIME type: a string, bytes, an io.Reader, an io.WriterTo, or a
// value that can show itself, which knows its type. Empty, the type of bytes is
// found out. It panics where data is something else or cannot be read.
func Any(mimeType string, data any) Data {
	var content []byte
	var err error
	switch v := data.(type) {
	case string:
		if mimeType == "" {
			mimeType = MIMETypeText
		}
		return MakeData(mimeType, v)
	case []byte:
		content = v
	case io.Reader:
		content, err = io.ReadAll(v)
	case io.WriterTo:
		var b bytes.Buffer
		_, err = v.WriteTo(&b)
		content = b.Bytes()
	default:
		shown, metadata := display.Render(data)
		if len(shown) < 2 { // nothing but text
			panic(fmt.Errorf("unsupported type, cannot render: %T", data))
		}
		return Data{Data: MIMEMap(shown), Metadata: metadata}
	}
	if err != nil {
		panic(err)
	}
	if mimeType == "" {
		mimeType, _, _ = strings.Cut(http.DetectContentType(content), ";")
	}
	return MakeData(mimeType, content)
}

// Auto is Any of a type that is found out.
func Auto(data any) Data { return Any("", data) }

// File is the content of a file.
func File(mimeType, path string) Data {
	content, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return Any(mimeType, content)
}

// MakeData is data as a MIME type; what front ends without it show is the text of
// a string.
func MakeData(mimeType string, data any) Data {
	d := Data{Data: MIMEMap{mimeType: data}}
	if text, ok := data.(string); ok {
		d.Data[MIMETypeText] = text
	}
	return d
}

// MakeData3 is MakeData with a text of its own for front ends without the type.
func MakeData3(mimeType, plaintext string, data any) Data {
	return Data{Data: MIMEMap{MIMETypeText: plaintext, mimeType: data}}
}

// MIME is data by MIME type, with its metadata.
func MIME(data, metadata MIMEMap) Data { return Data{Data: data, Metadata: metadata} }

// HTML is HTML source.
func HTML(html string) Data { return MakeData(MIMETypeHTML, html) }

// JavaScript is a script.
func JavaScript(javascript string) Data { return MakeData(MIMETypeJavaScript, javascript) }

// JPEG is a picture given as the bytes of a JPEG file.
func JPEG(jpeg []byte) Data { return MakeData(MIMETypeJPEG, jpeg) }

// JSON is a tree that can be opened.
func JSON(json map[string]any) Data { return MakeData(MIMETypeJSON, json) }

// Latex is LaTeX source that is set within a line.
func Latex(latex string) Data {
	return MakeData3(MIMETypeLatex, latex, "$"+strings.Trim(latex, "$")+"$")
}

// Math is LaTeX source that is set as a line of its own.
func Math(latex string) Data {
	return MakeData3(MIMETypeLatex, latex, "$$"+strings.Trim(latex, "$")+"$$")
}

// Markdown is Markdown source.
func Markdown(markdown string) Data { return MakeData(MIMETypeMarkdown, markdown) }

// PDF is a document given as the bytes of a PDF file.
func PDF(pdf []byte) Data { return MakeData(MIMETypePDF, pdf) }

// PNG is a picture given as the bytes of a PNG file.
func PNG(png []byte) Data { return MakeData(MIMETypePNG, png) }

// SVG is a drawing.
func SVG(svg string) Data { return MakeData(MIMETypeSVG, svg) }

// Image is a picture.
func Image(img image.Image) Data { return Auto(img) }

// Show shows data at once. Cells know it as Display.
func Show(data Data) { display.Show(data) }
