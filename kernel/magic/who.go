package magic

import (
	"context"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/kernel/cell"
)

func init() {
	register(&definition{name: "who", usage: "%who", doc: "List the variables of the session by name.", act: who})
	register(&definition{name: "whos", usage: "%whos", doc: "List the variables of the session with their types.", act: whos})
}

func who(_ context.Context, k Kernel, _ string, out cell.Output) error {
	variables := k.Variables()
	if len(variables) == 0 {
		out.Stream("stdout", "There are no variables yet.\n")
		return nil
	}
	// IPython writes nine names on a line.
	var b strings.Builder
	for i, v := range variables {
		b.WriteString(v.Name)
		if i%9 == 8 || i == len(variables)-1 {
			b.WriteByte('\n')
		} else {
			b.WriteString("\t ")
		}
	}
	out.Stream("stdout", b.String())
	return nil
}

func whos(_ context.Context, k Kernel, _ string, out cell.Output) error {
	variables := k.Variables()
	if len(variables) == 0 {
		out.Stream("stdout", "There are no variables yet.\n")
		return nil
	}
	width := len("Variable")
	for _, v := range variables {
		width = max(width, len([]rune(v.Name)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s   Type\n%s\n", width, "Variable", strings.Repeat("-", width+7))
	for _, v := range variables {
		fmt.Fprintf(&b, "%-*s   %s\n", width, v.Name, v.Type)
	}
	out.Stream("stdout", b.String())
	return nil
}
