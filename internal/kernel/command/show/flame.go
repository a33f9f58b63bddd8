package show

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"html"
	"maps"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

const (
	flameWidth = 800 // of the drawing, in pixels
	flameRow   = 18  // the height of a call
	flameDepth = 40  // calls that are deeper are not drawn
	narrowest  = 0.5 // calls that are narrower are not drawn
	letter     = 6.3 // the width of one, about
	root       = "all"
)

// flame is the processor time of a function as it was called by the one below it.
type flame struct {
	name   string
	ns     int64
	callee map[string]*flame
}

// flames adds up the stacks of a profile, from the cell's own functions on.
func flames(prof *profile.Profile) *flame {
	all := &flame{name: root, callee: make(map[string]*flame)}
	value := len(prof.SampleType) - 1 // cpu, in nanoseconds
	for _, s := range prof.Sample {
		var names []string // the innermost first
	stack:
		for i, at := range s.Location {
			for _, line := range at.Line {
				if line.Function == nil {
					continue
				}
				name := statements.ReplaceAllString(line.Function.Name, "the cell")
				if i > 0 && runsCells.MatchString(name) {
					break stack // it calls the cell
				}
				names = append(names, name)
			}
		}
		f := all
		f.ns += s.Value[value]
		for _, name := range slices.Backward(names) {
			next := f.callee[name]
			if next == nil {
				next = &flame{name: name, callee: make(map[string]*flame)}
				f.callee[name] = next
			}
			next.ns += s.Value[value]
			f = next
		}
	}
	return all
}

// depth is how many rows the calls need that are wide enough to be drawn.
func (f *flame) depth(scale float64) int {
	most := 0
	for _, c := range f.callee {
		if float64(c.ns)*scale >= narrowest {
			most = max(most, c.depth(scale))
		}
	}
	return most + 1
}

// svg draws the calls, callers below what they call. Its colours hold on light and dark grounds, and
// nothing stands outside of them.
func (f *flame) svg() string {
	scale := flameWidth / float64(f.ns)
	height := min(f.depth(scale), flameDepth) * flameRow
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s" font-family="monospace" font-size="10.5">`,
		flameWidth, height, flameWidth, height, html.EscapeString(f.text()))
	f.draw(&b, f.ns, 0, 0, height, scale)
	b.WriteString("</svg>")
	return b.String()
}

func (f *flame) draw(b *strings.Builder, total int64, x float64, depth, height int, scale float64) {
	width := float64(f.ns) * scale
	if width < narrowest || depth >= flameDepth {
		return
	}
	hash := fnv.New32a()
	hash.Write([]byte(f.name))
	y := height - (depth+1)*flameRow
	fmt.Fprintf(b, `<g><title>%s: %s, %.1f%%</title><rect x="%.1f" y="%d" width="%.1f" height="%d" fill="hsl(%d,75%%,68%%)"/>`,
		html.EscapeString(f.name), duration(f.ns), percent(f.ns, total), x, y, max(width-0.5, 0.3), flameRow-1, 15+hash.Sum32()%40)
	if letters := int((width - 4) / letter); letters >= 4 {
		label := []rune(f.name[strings.LastIndexByte(f.name, '/')+1:])
		if len(label) > letters {
			label = append(label[:letters-1], '…')
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%d" fill="#201000">%s</text>`, x+2, y+flameRow-6, html.EscapeString(string(label)))
	}
	b.WriteString("</g>\n")
	for _, name := range slices.Sorted(maps.Keys(f.callee)) {
		c := f.callee[name]
		c.draw(b, total, x, depth+1, height, scale)
		x += float64(c.ns) * scale
	}
}

// text says what the drawing shows.
func (f *flame) text() string {
	calls := slices.SortedFunc(maps.Values(f.callee), func(a, b *flame) int {
		return cmp.Or(cmp.Compare(b.ns, a.ns), strings.Compare(a.name, b.name))
	})
	var most []string
	for _, c := range calls[:min(len(calls), 3)] {
		most = append(most, fmt.Sprintf("%s %.0f%%", c.name, percent(c.ns, f.ns)))
	}
	return fmt.Sprintf("Flame graph of %s of processor time: %s", duration(f.ns), strings.Join(most, ", "))
}
