package magic

func init() {
	for _, m := range []struct{ name, doc string }{
		{"html", "Show the lines below as HTML."},
		{"markdown", "Show the lines below as Markdown, with formulas between dollar signs."},
		{"svg", "Show the lines below as an SVG drawing."},
		{"latex", "Show the lines below as LaTeX."},
		{"javascript", "Run the lines below as JavaScript in the browser."},
		{"js", "The short name of %%javascript."},
	} {
		command := m.name
		if command == "js" {
			command = "javascript"
		}
		register(&definition{name: m.name, usage: "%%" + m.name, doc: m.doc, command: command, commandBlock: true})
	}
}
