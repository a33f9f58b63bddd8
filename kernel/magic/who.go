package magic

import (
	"context"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/kernel/cell"
)

func init() {
	register(&definition{name: "who", usage: "%who", doc: "List the variables of the session by name.", act: who})
	register(&definition{name: "whos", usage: "%whos", doc: "List what the session has declared, with types.", act: whos})
}

func who(_ context.Context, k Kernel, _ string, out cell.Output) error {
	var names []string
	for _, n := range k.Names() {
		if n.Kind == "variable" {
			names = append(names, n.Name)
		}
	}
	if names == nil {
		out.Stream("stdout", "The session has no variables yet.\n")
		return nil
	}
	// IPython writes nine names on a line.
	var b strings.Builder
	for i, name := range names {
		b.WriteString(name)
		if i%9 == 8 || i == len(names)-1 {
			b.WriteByte('\n')
		} else {
			b.WriteString("\t ")
		}
	}
	out.Stream("stdout", b.String())
	return nil
}

func whos(_ context.Context, k Kernel, _ string, out cell.Output) error {
	names := k.Names()
	if len(names) == 0 {
		out.Stream("stdout", "The session has declared nothing yet.\n")
		return nil
	}
	width, kind := len("Name"), len("Kind")
	for _, n := range names {
		width, kind = max(width, len([]rune(n.Name))), max(kind, len(n.Kind))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s   %-*s   Type\n%s\n", width, "Name", kind, "Kind", strings.Repeat("-", width+kind+10))
	for _, n := range names {
		fmt.Fprintf(&b, "%-*s   %-*s   %s\n", width, n.Name, kind, n.Kind, n.Type)
	}
	out.Stream("stdout", b.String())
	return nil
}
