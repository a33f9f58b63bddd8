package plots

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The colours of the data are Okabe and Ito's, which people who see fewer
// colours can tell apart; shapes and dashes tell them apart as well.
var (
	panel     = color.RGBA{0xfd, 0xfd, 0xfb, 0xff}
	ink       = color.RGBA{0x26, 0x28, 0x2b, 0xff}
	softInk   = color.RGBA{0x5b, 0x60, 0x66, 0xff}
	gridInk   = color.RGBA{0xe6, 0xe7, 0xe4, 0xff}
	measured  = color.RGBA{0x00, 0x72, 0xb2, 0xff} // blue
	reference = color.RGBA{0xd5, 0x5e, 0x00, 0xff} // vermilion
	chosen    = color.RGBA{0x00, 0x8f, 0x68, 0xff} // bluish green, darkened for text
	amber     = color.RGBA{0xb0, 0x78, 0x00, 0xff} // orange, darkened for text
	purple    = color.RGBA{0xb0, 0x55, 0x8a, 0xff} // reddish purple, darkened for text
)

const sampleWidth = 22 * vg.Length(1)

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

var axisText = text.Style{Color: softInk, Font: sans(9), XAlign: draw.XCenter, YAlign: draw.YBottom, Handler: plot.DefaultTextHandler}

var titleText = func() text.Style {
	f := sans(11.5)
	f.Weight = xfont.WeightBold
	return text.Style{Color: ink, Font: f, XAlign: draw.XLeft, YAlign: draw.YTop, Handler: plot.DefaultTextHandler}
}()

var labelText = text.Style{Color: ink, Font: sans(9), XAlign: draw.XLeft, YAlign: draw.YBottom, Handler: plot.DefaultTextHandler}

// write puts a label at a point: its left end, at half the height of its
// capitals.
func write(c draw.Canvas, color color.Color, at vg.Point, s string) {
	const halfCapital = 3.2
	style := labelText
	style.Color = color
	at.Y += style.FontExtents().Ascent - style.Font.Size - halfCapital // gonum aligns by the ascent
	c.FillText(style, at, s)
}

// newPlot returns a plot without data in the house's style.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the figure's panel shows through
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color = softInk
		axis.Tick.Label.Font = sans(9)
		axis.Tick.Label.Color = ink
		axis.Tick.Color = softInk
		axis.Tick.Length = 5
		axis.Padding = 0
	}
	return p
}

// grid draws thin lines at the labelled ticks of the axes it is asked for.
type grid struct{ vertical, horizontal bool }

// Plot implements [plot.Plotter].
func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	line := draw.LineStyle{Color: gridInk, Width: 0.7}
	x, y := p.Transforms(&c)
	if g.vertical {
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if !t.IsMinor() {
				c.StrokeLine2(line, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
			}
		}
	}
	if g.horizontal {
		for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
			if !t.IsMinor() {
				c.StrokeLine2(line, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
			}
		}
	}
}
