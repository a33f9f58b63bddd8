package cell

import "html"

// Note shows a line, or several, that the kernel itself has to say about a cell
// which is all right: in grey below the cell, and not on stderr, which front ends
// colour as if something had failed.
func Note(out interface {
	Display(data Bundle, metadata map[string]any, id string)
}, text string) {
	out.Display(Bundle{
		"text/plain": text,
		"text/html": `<pre style="margin: 0; background: none; color: inherit; opacity: 0.65; font-style: italic; white-space: pre-wrap">` +
			html.EscapeString(text) + "</pre>",
	}, nil, "")
}
