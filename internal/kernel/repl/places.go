package repl

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// The limits of what is shown of a failed cell's source.
const (
	maxPlaces = 3        // frames whose source is shown
	around    = 2        // lines above and below
	maxStack  = 64 << 10 // bytes of Go's own stack
	maxSight  = 20       // lines of a cell that are seen at once, where compile errors need no source but their line
)

// frameLine is a line of a traceback that names a place in a cell, such as
// "  cell[3]:5 in pow10", or "cell[3]:5:2: undefined: x" where it did not compile.
var frameLine = regexp.MustCompile(`^(?:  cell\[(\d+)\]:(\d+)(?: in (.+?))?(?: \(\d+ times\))?|(?:\x1b\[31m\w+\x1b\[0m: )?cell\[(\d+)\]:(\d+):\d+: .*)$`)

// showPlaces shows the source of the places that an error's traceback names, and, folded, Go's own
// stack. The text of the error follows below in any case: it is what programs read.
func (r *Interpreter) showPlaces(err *cell.Error, running int, out cell.Output) {
	var text, markup strings.Builder
	shown := make(map[[2]int]bool)
	for _, line := range err.Traceback {
		m := frameLine.FindStringSubmatch(line)
		if m == nil || len(shown) == maxPlaces {
			continue
		}
		count, _ := strconv.Atoi(m[1] + m[4])
		number, _ := strconv.Atoi(m[2] + m[5])
		lines := r.sourceOf(count)
		if len(lines) < 2 || number > len(lines) || m[4] != "" && count == running && len(lines) <= maxSight {
			continue // it is in plain sight, or not known
		}
		if shown[[2]int{count, number}] {
			continue // several errors of a line, or a function that called itself
		}
		shown[[2]int{count, number}] = true
		where := fmt.Sprintf("cell[%d], line %d", count, number)
		if m[3] != "" {
			where += ", in " + m[3]
		}
		fmt.Fprintf(&text, "%s:\n", where)
		fmt.Fprintf(&markup, `<div style="opacity: 0.7">%s</div><pre style="margin: 0 0 0.4em; background: none; color: inherit">`, r.linked(html.EscapeString(where), nil))
		for n := max(1, number-around); n <= min(len(lines), number+around); n++ {
			line, mark, style := lines[n-1], " ", ""
			if n == number {
				mark, style = "→", ` style="background: rgba(211, 47, 47, 0.2); font-weight: bold"`
			}
			fmt.Fprintf(&text, "%s %3d  %s\n", mark, n, line)
			fmt.Fprintf(&markup, "<span%s><span style=\"opacity: 0.5\">%s %3d</span>  %s</span>\n", style, mark, n, html.EscapeString(line))
		}
		markup.WriteString("</pre>")
	}
	if len(shown) == 0 {
		return
	}
	if stack := err.Stack; stack != "" {
		fmt.Fprintf(&markup, `<details><summary style="cursor: pointer; opacity: 0.7">Go's stack</summary><pre style="margin: 0; background: none; color: inherit; white-space: pre-wrap">%s</pre></details>`,
			r.linked(html.EscapeString(stack[:min(len(stack), maxStack)]), nil))
	}
	out.Display(cell.Bundle{
		"text/plain": strings.TrimSuffix(text.String(), "\n"),
		"text/html":  `<div style="border-left: 4px solid #d32f2f; padding: 0.2em 0.8em">` + markup.String() + "</div>",
	}, nil, "")
}

// sourceOf returns the lines of the cell with an execution count, nil where it is not known.
func (r *Interpreter) sourceOf(count int) []string {
	if c := r.past.cell(count); c != nil {
		return strings.Split(strings.TrimRight(c.code, "\n"), "\n")
	}
	return nil
}
