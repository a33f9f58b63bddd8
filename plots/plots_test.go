package plots

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
)

// ways are measurements of the kind that the first notebook takes.
func ways() []Measurement {
	return []Measurement{
		{Name: "serial map", Chunk: Serial, Time: 96 * time.Microsecond},
		{Name: "one item per message", Chunk: 1, Time: 38200 * time.Microsecond},
		{Name: "six pieces", Chunk: 500, Time: 820 * time.Microsecond},
		{Name: "two pieces", Chunk: 1500, Time: 610 * time.Microsecond},
		{Name: "the view's <default>", Chunk: Default, Time: 640 * time.Microsecond},
	}
}

// The words of one text of an SVG document, its place in the figure's own units.
type words struct {
	string
	left, right, y float64
}

// parse checks that a document is well formed and needs nothing from outside
// itself, and returns its horizontal texts.
func parse(t *testing.T, svg string) []words {
	t.Helper()
	var texts []words
	var now *words
	var groups []string // the transforms of the groups around a text
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Fatalf("not well formed: %v\n%s", err, svg)
		}
		switch e := token.(type) {
		case xml.StartElement:
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
				if a.Name.Local == "href" {
					t.Errorf("refers to %s", a.Value)
				}
			}
			if e.Name.Local == "g" {
				groups = append(groups, attr["transform"])
			}
			if now = nil; e.Name.Local == "text" && !strings.HasPrefix(groups[len(groups)-1], "rotate") {
				x, _ := strconv.ParseFloat(attr["x"], 64)
				y, _ := strconv.ParseFloat(attr["y"], 64)
				w, err := strconv.ParseFloat(attr["textLength"], 64)
				if err != nil {
					t.Errorf("a text of no given length: %v", attr)
				}
				now = &words{left: x, right: x + w, y: -y}
			}
		case xml.CharData:
			if now != nil {
				now.string = string(e)
				texts = append(texts, *now)
			}
			now = nil
		case xml.EndElement:
			if e.Name.Local == "g" {
				groups = groups[:len(groups)-1]
			}
		}
	}
}

func TestFiguresShowWhatWasMeasured(t *testing.T) {
	for _, c := range []struct {
		name   string
		figure *Figure
		want   []string
	}{
		{"chunks", ChunkSizes(ways(), Post()), []string{
			"Time of one map, by the number of items in a message", "measured here", "the post, up from its serial loop",
			"items in a message", "1", "10", "100", "1,000", "10 μs", "100 μs", "1 ms", "10 ms", "100 ms", "1 s", "10 s",
			"22.8 s (2,300×)", "11.4 ms (3.6×)", "5.76 ms (1.8×)", "38.2 ms (400×)", "610 μs (6.4×)",
			"serial map 96 μs", "the view's <default> 640 μs",
		}},
		{"an end between two lines", ChunkSizes([]Measurement{
			{Name: "serial map", Chunk: Serial, Time: 85 * time.Microsecond},
			{Chunk: 1, Time: 40 * time.Millisecond},
			{Chunk: 3000, Time: 300 * time.Microsecond},
			{Name: "the view's default", Chunk: Default, Time: 616 * time.Microsecond},
		}, Post()), []string{"300 μs (3.5×)", "serial map 85 μs", "the view's default 616 μs"}},
		{"an end in a narrow gap", ChunkSizes([]Measurement{
			{Name: "serial map", Chunk: Serial, Time: 111 * time.Microsecond},
			{Chunk: 1, Time: 20 * time.Millisecond},
			{Chunk: 1500, Time: 320 * time.Microsecond},
			{Chunk: 3000, Time: 321 * time.Microsecond},
			{Name: "the view's default", Chunk: Default, Time: 480 * time.Microsecond},
		}, Post()), []string{"321 μs (2.9×)", "serial map 111 μs", "the view's default 480 μs"}},
		{"an end below a power of ten", ChunkSizes([]Measurement{
			{Name: "serial map", Chunk: Serial, Time: 44 * time.Microsecond},
			{Chunk: 1, Time: 7670 * time.Microsecond}, {Chunk: 3, Time: 2700 * time.Microsecond}, {Chunk: 10, Time: 950 * time.Microsecond}, {Chunk: 1500, Time: 254 * time.Microsecond},
		}), []string{"7.67 ms (170×)", "254 μs (5.8×)"}},
		{"bars", Bars(ways(), Post()), []string{
			"Time of one map, by way of calling", "measured here (× serial)", "the post (× its serial)",
			"serial map", "one item per message", "six pieces", "two pieces", "the view's <default>",
			"96 μs (1×)", "9.91 ms (1×)", "38.2 ms (400×)", "22.8 s (2,300×)", "820 μs (8.5×)", "11.4 ms (3.6×)",
			"610 μs (6.4×)", "5.76 ms (1.8×)", "640 μs (6.7×)", "10 μs", "1 s",
		}},
		{"chunks alone", ChunkSizes(ways()), []string{"measured here", "38.2 ms (400×)", "serial map 96 μs"}},
		{"bars alone", Bars(ways()), []string{"38.2 ms (400×)", "640 μs (6.7×)"}},
		{"a long name", Bars([]Measurement{{Name: strings.Repeat("very ", 20) + "long", Time: time.Second}}), []string{
			strings.Repeat("very ", 5) + "very…", "1 s (1×)",
		}},
		{"the post alone", ChunkSizes(nil, Post()), []string{"22.8 s (2,300×)"}},
		{"one point", ChunkSizes([]Measurement{{Chunk: 1, Time: time.Second}}), []string{"1 s"}},
		{"no points", ChunkSizes(ways()[:1]), []string{
			"Nothing to draw: no measurement has both a chunk of 1 or more and a time"}},
		{"no times", Bars([]Measurement{{Name: "never", Chunk: 3}}), []string{
			"Nothing to draw: no measurement has a time"}},
	} {
		t.Run(c.name, func(t *testing.T) { inspect(t, c.figure, c.want...) })
	}
}

// inspect looks at a figure: what it shows is inside it, no text covers another,
// it is small, and it shows what is wanted.
func inspect(t *testing.T, f *Figure, want ...string) {
	t.Helper()
	svg := f.SVG()
	texts := parse(t, svg)
	shown := map[string]bool{}
	for i, a := range texts {
		shown[a.string] = true
		if a.left < 0 || a.right > float64(width) || a.y < 0 || a.y > float64(f.height)-5 {
			t.Errorf("%q leaves the figure: %+v", a.string, a)
		}
		for _, b := range texts[:i] {
			if a.left < b.right && b.left < a.right && a.y < b.y+8 && b.y < a.y+8 {
				t.Errorf("%q covers %q", a.string, b.string)
			}
		}
	}
	for _, w := range want {
		if !shown[w] {
			t.Errorf("does not show %q; shows %v", w, texts)
		}
	}
	if most := max(40_000, int(200*f.height)); len(svg) > most { // a timeline of many engines is long
		t.Errorf("%d bytes are not small", len(svg))
	}
	image, err := png.Decode(bytes.NewReader(f.PNG()))
	if err != nil || image.Bounds().Dx() != 640 {
		t.Errorf("PNG: %v, %v", image.Bounds(), err)
	}
}

// TestLabelsOfManyMeasurements looks for overlaps where labels are crowded.
func TestLabelsOfManyMeasurements(t *testing.T) {
	ms := ways()
	for chunk := 1; chunk <= 3000; chunk += chunk/3 + 1 {
		ms = append(ms, Measurement{Chunk: chunk, Time: time.Duration(5e6/chunk + 90_000)})
	}
	texts := parse(t, ChunkSizes(ms, Post(), Reference{Name: "another", Measurements: ms[5:]}).SVG())
	for i, a := range texts {
		for _, b := range texts[:i] {
			if a.left < b.right && b.left < a.right && a.y < b.y+8 && b.y < a.y+8 {
				t.Errorf("%q covers %q", a.string, b.string)
			}
		}
	}
}

func TestPlaceKeepsClear(t *testing.T) {
	area := vg.Rectangle{Max: vg.Point{X: 200, Y: 60}}
	at := vg.Point{X: 100, Y: 30}
	near := func(s string) label { return label{text: s, spots: beside(at, s, false)} }
	labels := []label{near("right"), near("elsewhere"), near("a label much too long for this area of all areas on which one writes")}
	placed := place(area, []vg.Rectangle{around(at, 3)}, labels)
	if placed[0].Min.X <= at.X || placed[1] == (vg.Rectangle{}) || !clear(placed[1], placed[:1]) {
		t.Errorf("placed %v", placed)
	}
	if placed[2] != (vg.Rectangle{}) {
		t.Errorf("a label that fits nowhere is at %v", placed[2])
	}
}

func TestSave(t *testing.T) {
	dir, figure := t.TempDir(), Bars(ways())
	for name, start := range map[string]string{"a.svg": "<?xml", "a.png": "\x89PNG"} {
		if err := figure.Save(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.HasPrefix(string(b), start) {
			t.Errorf("%s starts with %.8q, %v", name, b, err)
		}
	}
	if err := figure.Save(filepath.Join(dir, "a.bmp")); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
		t.Errorf("saving as .bmp: %v", err)
	}
}

func TestCompare(t *testing.T) {
	table := Compare(ways(), Post())
	const want = `way of calling        the post  ÷ its serial     here  ÷ serial  the post ÷ here
────────────────────  ────────  ────────────  ───────  ────────  ───────────────
serial map             9.91 ms            1×    96 μs        1×             100×
one item per message    22.8 s        2,300×  38.2 ms      400×             600×
six pieces             11.4 ms          3.6×   820 μs      8.5×              14×
two pieces             5.76 ms          1.8×   610 μs      6.4×             9.4×
the view's <default>         –             –   640 μs      6.7×                –
`
	if got := table.String(); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	if got, want := table.HTML(), `<td style="text-align:left">the view&#39;s &lt;default&gt;</td><td style="text-align:right">–</td>`; !strings.Contains(got, want) {
		t.Errorf("%s\nhas no %s", got, want)
	}
}

func TestFormatRatio(t *testing.T) {
	for r, want := range map[float64]string{0: "", 0.0123: "0.012×", 0.999: "1×", 3.596: "3.6×", 17.6: "18×", 996: "1,000×", 2300.7: "2,300×", 1234567: "1,230,000×"} {
		if got := formatRatio(r); got != want {
			t.Errorf("formatRatio(%v) = %q, want %q", r, got, want)
		}
	}
}

func ExampleCompare() {
	ways := []Measurement{
		{Name: "serial map", Chunk: Serial, Time: 100 * time.Microsecond},
		{Name: "one item per message", Chunk: 1, Time: 40 * time.Millisecond},
	}
	fmt.Print(Compare(ways, Post()))
	// Output:
	// way of calling        the post  ÷ its serial    here  ÷ serial  the post ÷ here
	// ────────────────────  ────────  ────────────  ──────  ────────  ───────────────
	// serial map             9.91 ms            1×  100 μs        1×              99×
	// one item per message    22.8 s        2,300×   40 ms      400×             570×
}
