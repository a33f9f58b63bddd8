package magic

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func init() {
	register(&definition{
		name: "lsmagic", usage: "%lsmagic", doc: "List the magics.",
		act: func(_ context.Context, _ Kernel, _ string, out cell.Output) error {
			lines, cells := Names()
			out.Stream("stdout", fmt.Sprintf("Available line magics:\n%s\nAvailable cell magics:\n%s\n?%%timeit explains one, %%help all.\n", gists(lines), gists(cells)))
			return nil
		},
	})
	register(&definition{
		name: "help", usage: "%help [magic]", takes: Magic, doc: "Explain all magics, or one.",
		act: func(_ context.Context, _ Kernel, arg string, out cell.Output) error {
			if arg != "" {
				name := strings.TrimLeft(arg, "%")
				d := table[name]
				if d == nil {
					lines, cells := Names()
					return fmt.Errorf("there is no magic %s; %s", arg, nearest(name, append(lines, cells...)))
				}
				out.Stream("stdout", explain(d))
				return nil
			}
			out.Stream("stdout", intro)
			var names []string
			for name := range table {
				names = append(names, name)
			}
			slices.Sort(names)
			for _, name := range names {
				out.Stream("stdout", explain(table[name]))
			}
			return nil
		},
	})
}

// mostGist is how long the beginning of an explanation is at most: a line of a notebook.
const mostGist = 80

// gists are the names of magics, each with the beginning of what it does.
func gists(names []string) string {
	width := 0
	for _, name := range names {
		width = max(width, len(name))
	}
	var b strings.Builder
	for _, name := range names {
		doc, _, _ := strings.Cut(table[strings.TrimLeft(name, "%")].doc, "\n")
		for _, end := range []string{". ", ": ", "; "} {
			doc, _, _ = strings.Cut(doc, end)
		}
		if runes := []rune(doc); len(runes) > mostGist {
			doc = string(runes[:mostGist-1]) + "…"
		}
		fmt.Fprintf(&b, "  %-*s  %s\n", width, name, doc)
	}
	return b.String()
}

const intro = `A cell is Go: imports, declarations and statements in any order. Variables live on in
later cells, and the value of the last expression is shown unless ";" follows it.
The lines below are no Go; they may stand on any line that begins a statement.
?name or name? shows the documentation of a name or magic, ??name the source, too.

`

func explain(d *definition) string {
	text := d.usage + "\n    " + d.doc + "\n"
	for _, o := range d.options {
		text += fmt.Sprintf("    %-10s  %s\n", strings.TrimSpace(o.name+" "+o.value), o.doc)
	}
	return text
}

// Doc returns what %help tells about a magic, "%timeit" or "%%timeit"; ok is
// false where there is none of that name.
func Doc(name string) (text string, ok bool) {
	d := table[strings.TrimLeft(name, "%")]
	if d == nil {
		return "", false
	}
	return explain(d), true
}
