package plots

import (
	"bytes"
	"fmt"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svgCanvas is gonum's SVG canvas, which names a font that few readers have.
// It names others as well and notes how wide each text is in the font that the
// figure was laid out with, so that a wider one is squeezed to fit.
type svgCanvas struct {
	*vgsvg.Canvas
	widths []vg.Length // of the texts in the order drawn
}

// FillString implements [vg.Canvas].
func (c *svgCanvas) FillString(f font.Face, at vg.Point, s string) {
	c.widths = append(c.widths, f.Width(s))
	c.Canvas.FillString(f, at, s)
}

// String returns the document.
func (c *svgCanvas) String() string {
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	texts := strings.Split(b.String(), "<text ")
	for i, width := range c.widths {
		texts[i+1] = fmt.Sprintf(`<text textLength="%.2f" lengthAdjust="spacingAndGlyphs" %s`, width.Points(), texts[i+1])
	}
	return strings.NewReplacer(
		"font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;",
		"font-variant:normal;", "", "font-weight:normal;", "", "font-style:normal;", "",
	).Replace(strings.Join(texts, ""))
}
