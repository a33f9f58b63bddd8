package plots

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// setRows makes of a plot's vertical axis n rows with names, the first one, at 0, on top.
func setRows(p *plot.Plot, n int, name func(i int) string) {
	ticks := make(plot.ConstantTicks, n)
	for i := range ticks {
		ticks[i] = plot.Tick{Value: float64(-i), Label: shortened(name(i))}
	}
	p.Y.Tick.Marker, p.Y.Tick.Length = ticks, 0
	p.Y.Min, p.Y.Max = float64(-n)+0.45, 0.55
}

// shortened cuts a name that would leave too little room for what it names.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > 30 {
		return string(runes[:29]) + "…"
	}
	return name
}

func swatch(color color.Color) func(draw.Canvas, vg.Point) {
	return func(c draw.Canvas, at vg.Point) { fillBar(c, color, at.X, at.X+sampleWidth, at.Y, 7) }
}

// smallSwatch stands directly before its name, for legends with many entries.
func smallSwatch(color color.Color) func(draw.Canvas, vg.Point) {
	return func(c draw.Canvas, at vg.Point) {
		fillBar(c, color, at.X+sampleWidth-9, at.X+sampleWidth, at.Y, 9)
	}
}

func fillBar(c draw.Canvas, color color.Color, left, right, y, thickness vg.Length) {
	c.FillPolygon(color, []vg.Point{
		{X: left, Y: y - thickness/2}, {X: right, Y: y - thickness/2},
		{X: right, Y: y + thickness/2}, {X: left, Y: y + thickness/2},
	})
}
