package plots

import (
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The width of every figure and the usual height: 640 by 400 pixels in a
// browser, which has 96 of them to the inch.
const (
	width       = 480 * vg.Length(1)
	usualHeight = 300 * vg.Length(1)
	margin      = 12 * vg.Length(1)
)

// A Figure is a drawing of measurements. As the last expression of a notebook
// cell it shows itself. It is drawn on a panel of its own, so that it reads the
// same in light and in dark notebooks. It does not change once made and may be
// used from several goroutines.
type Figure struct {
	title  string
	height vg.Length
	x, y   string // what the axes show; gonum misplaces labels on logarithmic axes
	legend []entry
	build  func() *plot.Plot // a fresh one for each drawing, which changes it
}

// An entry of a legend: a sample of how something is drawn, and its name.
type entry struct {
	name   string
	sample func(c draw.Canvas, at vg.Point)
}

// SVG returns the figure as a small self-contained SVG document, 640
// pixels wide. Its text is text, in a sans-serif font of the reader's.
func (f *Figure) SVG() string {
	canvas := &svgCanvas{Canvas: vgsvg.New(width, f.height)}
	f.draw(draw.New(canvas))
	return strings.Replace(canvas.String(), "<svg ", `<svg role="img" aria-label="`+html.EscapeString(f.title)+`" `, 1)
}

// PNG returns the figure as a PNG image 640 pixels wide, for front ends that
// show no SVG.
func (f *Figure) PNG() []byte { return f.png(96) }

func (f *Figure) png(dpi int) []byte {
	canvas := vgimg.NewWith(vgimg.UseWH(width, f.height), vgimg.UseDPI(dpi))
	f.draw(draw.New(canvas))
	return encodePNG(canvas.Image())
}

// Save writes the figure to a file, by the end of its name as SVG or, twice as
// fine as it is large, as PNG.
func (f *Figure) Save(path string) error {
	switch ext := filepath.Ext(path); ext {
	case ".svg":
		return os.WriteFile(path, []byte(f.SVG()), 0o644)
	case ".png":
		return os.WriteFile(path, f.png(192), 0o644)
	default:
		return fmt.Errorf("cannot save a figure as %q: name the file .svg or .png", path)
	}
}

// String returns the title, for where no picture can be shown.
func (f *Figure) String() string { return "figure: " + f.title }

// draw puts the title and the legend above the plot, where they cannot cover
// any data.
func (f *Figure) draw(c draw.Canvas) {
	c.SetColor(panel)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, 10, -10)

	c.FillText(titleText, vg.Point{X: c.Min.X, Y: c.Max.Y}, f.title)
	c.Max.Y -= titleText.Height(f.title) + 9
	if len(f.legend) > 0 {
		c.Max.Y = f.drawLegend(c)
	}
	if f.x != "" {
		c.FillText(axisText, vg.Point{X: c.Center().X, Y: c.Min.Y}, f.x)
		c.Min.Y += 14
	}
	if f.y != "" {
		sideways := axisText
		sideways.Rotation = math.Pi / 2
		c.FillText(sideways, vg.Point{X: c.Min.X + 8, Y: c.Center().Y}, f.y)
		c.Min.X += 14
	}
	f.build().Draw(c)
}

// drawLegend draws the legend, in several lines where it is long, and returns
// where the space below it begins.
func (f *Figure) drawLegend(c draw.Canvas) (bottom vg.Length) {
	const line = 14
	at := vg.Point{X: c.Min.X, Y: c.Max.Y - 4}
	for _, e := range f.legend {
		if w := labelText.Width(e.name); at.X > c.Min.X && at.X+sampleWidth+5+w > c.Max.X {
			at.X, at.Y = c.Min.X, at.Y-line
		}
		e.sample(c, at)
		at.X += sampleWidth + 5
		write(c, ink, at, e.name)
		at.X += labelText.Width(e.name) + 18
	}
	return at.Y - line
}

// empty is the figure of measurements that hold nothing to draw.
func empty(why string) *Figure {
	return &Figure{title: "Nothing to draw: " + why, height: usualHeight / 6, build: func() *plot.Plot {
		p := plot.New()
		p.BackgroundColor = nil
		p.HideAxes()
		return p
	}}
}
