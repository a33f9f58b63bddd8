package magic

import (
	"go/token"
	"strings"
)

func init() {
	register(&definition{
		name: "capture", usage: "%%capture [variable]",
		doc:   "Run the lines below without showing what they print. After the cell the variable, if there is one, has it in its fields Stdout and Stderr.",
		block: captureBlock,
	})
}

// captureBlock leaves the body as it is, so that what it defines belongs to the session.
// The capture ends with the cell, whether or not its end is reached.
func captureBlock(l *line, _ string) (head, tail string, err *Error) {
	name := strings.TrimSpace(l.rest())
	switch {
	case name == "":
		return "ᐧcommand.CaptureBegin()", "", nil
	case token.IsIdentifier(name) && name != "_":
		return name + " := ᐧcommand.CaptureBegin()", "", nil
	}
	return "", "", l.fail(l.arg, "%%%%capture takes the name of a variable, and there is %q", name)
}
