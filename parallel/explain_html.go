package parallel

import (
	"fmt"
	"html"
	"strings"
)

// partColours are those in which reports and figures show the parts of a call:
// Okabe and Ito's, which people who see fewer colours can tell apart. Each is
// seen on light and on dark ground.
var partColours = map[string]string{
	"run": "#009e73", "encode": "#56b4e9", "wire": "#d55e00", "queue": "#e69f00", "decode": "#0072b2", "idle": "#a3a8ae",
}

// Colour is the colour in which the part is shown, such as "#009e73".
func (p Part) Colour() string { return partColours[p.Name] }

// HTML is the explanation as a notebook shows it: the headline, a bar of where the
// time went, and the other lines. It is an HTML fragment in the colours of the page
// that it stands on.
func (e Explanation) HTML() string {
	lines := strings.Split(e.String(), "\n")
	var b strings.Builder
	b.WriteString(`<div style="max-width:640px;line-height:1.45">` + "\n")
	for i, line := range lines {
		switch {
		case i == 0:
			line = "<b>" + html.EscapeString(line) + "</b>"
		case e.total() > 0 && line == e.parts():
			line = e.bar()
		default:
			line = html.EscapeString(line)
		}
		b.WriteString("<div>" + line + "</div>\n")
	}
	b.WriteString("</div>\n")
	return b.String()
}

// bar draws the parts of the time as one bar, with a legend below it.
func (e Explanation) bar() string {
	var bar, legend strings.Builder
	for _, p := range e.Parts() {
		share := 100 * float64(p.Time) / float64(e.total())
		if share >= 0.1 {
			fmt.Fprintf(&bar, `<span style="display:inline-block;height:14px;width:%.1f%%;background:%s" title="%s %s"></span>`, share, p.Colour(), p.Name, short(p.Time))
		}
		fmt.Fprintf(&legend, `<span style="white-space:nowrap;margin-right:1.2em"><span style="color:%s">&#9632;</span> %s %s (%.0f&nbsp;%%)</span> `, p.Colour(), p.Name, short(p.Time), share)
	}
	return `<div style="font-size:0;white-space:nowrap;overflow:hidden;margin:4px 0">` + bar.String() + "</div>" + strings.TrimSpace(legend.String())
}
