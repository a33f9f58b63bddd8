package plots

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A label is text that stands beside what it names, at the first of its spots
// where it covers nothing.
type label struct {
	text  string
	color color.Color
	spots []vg.Rectangle
}

// boxOf returns the space that the text of a label takes, with its lower left
// corner at the origin.
func boxOf(text string) vg.Rectangle {
	return vg.Rectangle{Max: vg.Point{X: labelText.Width(text), Y: labelHeight}}
}

const (
	labelHeight = 10 * vg.Length(1)
	labelGap    = 6 * vg.Length(1) // between a label and what it names
)

// pointText is what stands beside a measurement: "22.8 s (2,300×)".
func pointText(m Measurement) string {
	text := formatTime(m.Time)
	if r := formatRatio(m.Ratio()); r != "" {
		text += " (" + r + ")"
	}
	return text
}

// endOfAxis returns where a logarithmic axis that starts at low and is room
// long has to end, so that text fits to the right of the value.
func endOfAxis(low, value float64, text string, room vg.Length) float64 {
	need := min(labelText.Width(text)+labelGap+4, room*0.8)
	return low * math.Pow(value/low, float64(room/(room-need)))
}

// beside returns spots around a point: to its right, at its height and ever
// further above and below that, then above and below it; or, with down, those
// the other way round. None is to its left, where on a curve it would seem to
// name another point.
func beside(at vg.Point, text string, down bool) []vg.Rectangle {
	box := boxOf(text).Max
	var offsets []vg.Point
	for shift := vg.Length(0); shift <= box.Y/2+labelGap/2; shift += 2 {
		offsets = append(offsets, vg.Point{X: labelGap, Y: shift - box.Y/2}, vg.Point{X: labelGap, Y: -shift - box.Y/2})
	}
	offsets = append(offsets, vg.Point{X: -box.X / 2, Y: labelGap}, vg.Point{X: -box.X / 2, Y: -box.Y - labelGap})
	if down {
		slices.Reverse(offsets)
	}
	spots := make([]vg.Rectangle, len(offsets))
	for i, d := range offsets {
		spots[i] = boxOf(text).Add(at.Add(d))
	}
	return spots
}

// along returns spots above and below a horizontal line, from its right end on.
func along(y, left, right vg.Length, text string) []vg.Rectangle {
	box := boxOf(text).Max
	var spots []vg.Rectangle
	const steps = 12
	for i := range steps + 1 {
		x := right - box.X - 3 - vg.Length(i)*(right-left-box.X-6)/steps
		spots = append(spots,
			boxOf(text).Add(vg.Point{X: x, Y: y + 2}),
			boxOf(text).Add(vg.Point{X: x, Y: y - box.Y - 2}))
	}
	return spots
}

// place chooses a spot for each label in turn, inside the area and clear of the
// obstacles and of the labels before it. A label without such a spot is left
// out (its rectangle is zero): what it says is in the table as well.
func place(area vg.Rectangle, obstacles []vg.Rectangle, labels []label) []vg.Rectangle {
	taken := append([]vg.Rectangle(nil), obstacles...)
	placed := make([]vg.Rectangle, len(labels))
	for i, l := range labels {
		for _, spot := range l.spots {
			if inside(spot, area) && clear(spot, taken) {
				placed[i] = spot
				taken = append(taken, spot)
				break
			}
		}
	}
	return placed
}

// writeLabels places labels on a canvas and writes those that have a place.
func writeLabels(c draw.Canvas, obstacles []vg.Rectangle, labels []label) {
	for i, spot := range place(c.Rectangle, obstacles, labels) {
		if spot != (vg.Rectangle{}) {
			write(c, labels[i].color, vg.Point{X: spot.Min.X, Y: spot.Min.Y + labelHeight/2}, labels[i].text)
		}
	}
}

func inside(r, area vg.Rectangle) bool {
	return r.Min.X >= area.Min.X && r.Max.X <= area.Max.X && r.Min.Y >= area.Min.Y && r.Max.Y <= area.Max.Y
}

func clear(r vg.Rectangle, taken []vg.Rectangle) bool {
	for _, t := range taken {
		if r.Min.X < t.Max.X && t.Min.X < r.Max.X && r.Min.Y < t.Max.Y && t.Min.Y < r.Max.Y {
			return false
		}
	}
	return true
}

// around returns the obstacle that a symbol at a point makes.
func around(at vg.Point, radius vg.Length) vg.Rectangle {
	return vg.Rectangle{
		Min: vg.Point{X: at.X - radius, Y: at.Y - radius},
		Max: vg.Point{X: at.X + radius, Y: at.Y + radius},
	}
}

// under returns the obstacles that a line from a to b makes.
func under(a, b vg.Point) []vg.Rectangle {
	const step = 3
	n := int(max(abs(b.X-a.X), abs(b.Y-a.Y))/step) + 1
	boxes := make([]vg.Rectangle, 0, n+1)
	for i := range n + 1 {
		t := vg.Length(i) / vg.Length(n)
		boxes = append(boxes, around(vg.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y)}, 1))
	}
	return boxes
}

func abs(x vg.Length) vg.Length { return max(x, -x) }
